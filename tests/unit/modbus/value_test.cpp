#include "drivers/modbus/value.h"

#include <bit>
#include <limits>

#include <doctest/doctest.h>

namespace tocsin::modbus {

namespace {

using Words = std::vector<std::uint16_t>;

driver::PointSpec spec(const std::string& type, const std::string& order = "abcd") {
  driver::PointSpec made;
  made.name = "p";
  made.source = {{"table", "holding"}, {"address", std::int64_t{0}}, {"type", type}, {"order", order}};
  return made;
}

Value value(const driver::PointSpec& point, const Words& words) {
  const auto where = register_point(point);
  REQUIRE(where.has_value());
  REQUIRE(words.size() == static_cast<std::size_t>(width_of(where->type)));
  return decode(0, point, *where, words).value;
}

std::optional<Fault> fault(const driver::PointSpec& point, const Words& words) {
  const driver::Sample sample = decode(0, point, *register_point(point), words);
  CHECK((sample.quality == Quality::bad) == sample.fault.has_value());
  if (sample.fault) CHECK_FALSE(has_value(sample.value));
  return sample.fault;
}

}  // namespace

TEST_CASE("integers of all sizes") {
  CHECK(value(spec("u16"), {0xffff}) == Value{std::int64_t{65535}});
  CHECK(value(spec("i16"), {0xffff}) == Value{std::int64_t{-1}});
  CHECK(value(spec("u32"), {0xffff, 0xfffe}) == Value{std::int64_t{4294967294}});
  CHECK(value(spec("i32"), {0xffff, 0xfffe}) == Value{std::int64_t{-2}});
  CHECK(value(spec("u64"), {0, 0, 1, 0}) == Value{std::int64_t{65536}});
  CHECK(value(spec("i64"), {0xffff, 0xffff, 0xffff, 0xfffd}) == Value{std::int64_t{-3}});
  CHECK(as_number(value(spec("u64"), {0x8000, 0, 0, 0})) == 9223372036854775808.0);
}

TEST_CASE("the four orders, and their inverse for eight bytes") {
  CHECK(value(spec("u32", "abcd"), {0x0102, 0x0304}) == Value{std::int64_t{0x01020304}});
  CHECK(value(spec("u32", "cdab"), {0x0304, 0x0102}) == Value{std::int64_t{0x01020304}});
  CHECK(value(spec("u32", "badc"), {0x0201, 0x0403}) == Value{std::int64_t{0x01020304}});
  CHECK(value(spec("u32", "dcba"), {0x0403, 0x0201}) == Value{std::int64_t{0x01020304}});
  CHECK(value(spec("u64", "dcba"), {0x0807, 0x0605, 0x0403, 0x0201}) ==
        Value{std::int64_t{0x0102030405060708}});
  for (const std::string order : {"abcd", "cdab", "badc", "dcba"})
    for (const std::string type : {"u32", "i64", "f32", "f64", "i16"}) {
      CAPTURE(order);
      CAPTURE(type);
      const auto point = spec(type, order);
      const auto words = encode(point, *register_point(point), 1234.0);
      REQUIRE(words.has_value());
      CHECK(as_number(value(point, *words)) == 1234.0);
    }
}

TEST_CASE("floating point numbers, and those that are none") {
  CHECK(value(spec("f32"), {0x4366, 0x8000}) == Value{230.5});
  CHECK(value(spec("f64"), {0x406c, 0xd000, 0, 0}) == Value{230.5});
  CHECK(fault(spec("f32"), {0x7fc0, 0}) == Fault::invalid_marker);
  CHECK(fault(spec("f32"), {0x7f80, 0}) == Fault::invalid_marker);
}

TEST_CASE("a tenth is a tenth: every scaled register is the decimal that the manual means") {
  for (const auto& [scale, parts] : {std::pair{0.1, 10.0}, {0.01, 100.0}, {0.001, 1000.0}, {0.05, 20.0}}) {
    driver::PointSpec point = spec("u16");
    point.scale = scale;
    for (unsigned raw = 0; raw <= 0xffff; raw += 7)
      REQUIRE(value(point, {static_cast<std::uint16_t>(raw)}) == Value{raw / parts});
  }
}

TEST_CASE("scale, offset and limits") {
  auto point = spec("u16");
  point.scale = 0.1;
  point.offset = -10;
  point.min = -10;
  point.max = 110;
  CHECK(*as_number(value(point, {300})) == doctest::Approx(20));
  CHECK(fault(point, {1201}) == Fault::out_of_range);
  CHECK_FALSE(fault(point, {1200}));
}

TEST_CASE("beyond the range where danger lies: the end of the range, uncertain; markers stay bad") {
  auto gas = spec("u16");
  gas.scale = 0.1;
  gas.min = 0;
  gas.max = 110;
  gas.invalid = {65535};
  gas.danger_above = true;
  const auto sample_of = [](const driver::PointSpec& point, const Words& words) {
    return decode(0, point, *register_point(point), words);
  };
  CHECK(sample_of(gas, {1100}) == driver::Sample{0, 110.0, Quality::good, std::nullopt});
  CHECK(sample_of(gas, {1101}) == driver::Sample{0, 110.0, Quality::uncertain, std::nullopt});
  CHECK(sample_of(gas, {0xfa00}) == driver::Sample{0, 110.0, Quality::uncertain, std::nullopt});  // swapped
  CHECK(fault(gas, {65535}) == Fault::invalid_marker);

  auto ppm = spec("u16");
  ppm.max = 1000;
  ppm.danger_above = true;
  CHECK(sample_of(ppm, {1001}) == driver::Sample{0, std::int64_t{1000}, Quality::uncertain, std::nullopt});

  auto oxygen = spec("f32");
  oxygen.min = 0;
  oxygen.max = 30;
  oxygen.danger_below = true;
  CHECK(sample_of(oxygen, {0xbf80, 0}) == driver::Sample{0, 0.0, Quality::uncertain, std::nullopt});  // -1
  CHECK(fault(oxygen, {0x4220, 0}) == Fault::out_of_range);                                           // 40
  CHECK(fault(oxygen, {0x7fc0, 0}) == Fault::invalid_marker);                                         // NaN
  CHECK(fault(oxygen, {0xff80, 0}) == Fault::invalid_marker);  // minus infinity
}

TEST_CASE("a supervised line: broken and shorted are faults, and so is what lies between the bands") {
  auto button = spec("u16");
  button.supervised = driver::SupervisedLine{{3500, 6500}, {11000, 16500}, {0, 2000}, {18500, 65535}};
  CHECK(value(button, {4850}) == Value{false});
  CHECK(value(button, {13700}) == Value{true});
  CHECK(fault(button, {0}) == Fault::disconnected);
  CHECK(fault(button, {20000}) == Fault::invalid_marker);
  CHECK(fault(button, {3499}) == Fault::out_of_range);
  CHECK(fault(button, {8000}) == Fault::out_of_range);
}

TEST_CASE("markers and warm-up states, as the manual prints them") {
  auto point = spec("i16");
  point.invalid = {0x7fff, 0xffff};
  CHECK(fault(point, {0x7fff}) == Fault::invalid_marker);
  CHECK(fault(point, {0xffff}) == Fault::invalid_marker);
  CHECK(value(point, {0xfffe}) == Value{std::int64_t{-2}});
  point.invalid = {-32768};
  CHECK(fault(point, {0x8000}) == Fault::invalid_marker);
  point.warm_up = {0};
  CHECK(fault(point, {0}) == Fault::warming_up);
}

TEST_CASE("bits and fields of a register") {
  auto point = spec("u16");
  point.source["bit"] = std::int64_t{3};
  CHECK(value(point, {0x0008}) == Value{true});
  CHECK(value(point, {0xfff7}) == Value{false});
  point.source["bits"] = std::int64_t{3};
  CHECK(value(point, {0x0028}) == Value{std::int64_t{5}});
}

TEST_CASE("a code that is no state of the enumeration is out of range") {
  auto point = spec("u16");
  point.states = {{0, "normal"}, {1, "alarm"}};
  CHECK(value(point, {1}) == Value{std::int64_t{1}});
  CHECK(fault(point, {2}) == Fault::out_of_range);
}

TEST_CASE("a value that does not fit is not written") {
  const auto point = spec("u16");
  const auto where = *register_point(point);
  CHECK_FALSE(encode(point, where, -1.0).has_value());
  CHECK_FALSE(encode(point, where, 65536.0).has_value());
  CHECK_FALSE(encode(point, where, std::string("5")).has_value());
  CHECK_FALSE(encode(point, where, std::numeric_limits<double>::quiet_NaN()).has_value());
  CHECK(*encode(point, where, std::int64_t{234}) == Words{234});
  auto scaled = spec("i16");
  scaled.scale = 0.1;
  CHECK(*encode(scaled, *register_point(scaled), -12.3) == Words{static_cast<std::uint16_t>(-123)});
}

TEST_CASE("every mistake in a source is named") {
  driver::PointSpec point;
  point.name = "p";
  CHECK(check_source(point).size() == 2);  // table and address are missing
  point.source = {{"table", "coils"}, {"address", std::int64_t{65536}}, {"type", "u17"}, {"colour", "red"}};
  CHECK(check_source(point).size() == 4);
  point.source = {{"table", "coil"}, {"address", std::int64_t{1}}};
  CHECK(check_source(point).empty());
  point.source["type"] = "u16";
  CHECK(check_source(point).size() == 1);
  point.source = {{"table", "input"}, {"address", std::int64_t{65535}}, {"type", "u32"}};
  CHECK(check_source(point).size() == 1);
  point.source = {
      {"table", "input"}, {"address", std::int64_t{1}}, {"bit", std::int64_t{14}}, {"bits", std::int64_t{3}}};
  CHECK(check_source(point).size() == 1);
  point.source = {{"table", "input"}, {"address", std::int64_t{1}}};
  point.writable = true;
  CHECK(check_source(point).size() == 1);
  CHECK_FALSE(register_point(point).has_value());
}

}  // namespace tocsin::modbus
