#include "drivers/mbus/application.h"

#include "drivers/mbus/fixed_units.h"
#include "tests/support/frame_laws.h"

namespace tocsin::mbus {
namespace {

using laws::hex;

Frame answer(std::uint8_t information, std::string_view data) {
  return {FrameKind::long_frame, 0x08, 0x01, information, hex(data)};
}

}  // namespace

TEST_CASE("the long header of a captured answer") {
  // source: vector dev-150
  const auto parsed = parse_application(answer(ci::long_header, "78563412931533032a0000000c1427048502"));
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->header);
  CHECK(parsed->header->id == "12345678");
  CHECK(parsed->header->manufacturer == "ELS");
  CHECK(parsed->header->version == 51);
  CHECK(parsed->header->medium == 3);
  CHECK(parsed->access_no == 42);
  CHECK(parsed->status == 0);
  CHECK(parsed->signature == 0);
  REQUIRE(parsed->records);
  CHECK(parsed->records->records.size() == 1);
  CHECK(medium_name(parsed->header->medium) == "gas");
}

TEST_CASE("short header and no header") {
  const auto short_header = parse_application(answer(ci::short_header, "2a10341201130a"));
  REQUIRE(short_header.has_value());
  CHECK_FALSE(short_header->header);
  CHECK(short_header->access_no == 0x2A);
  CHECK(short_header->status == 0x10);
  CHECK(short_header->signature == 0x1234);
  CHECK(short_header->records->records.size() == 1);
  CHECK(parse_application(answer(ci::no_header, "01130a")).value().records->records.size() == 1);
}

TEST_CASE("headers cut short are refused") {
  const std::string whole = "78563412931533032a000000";
  for (std::size_t size = 2; size < whole.size(); size += 2) {
    CHECK(parse_application(answer(ci::long_header, whole.substr(0, size))).error().fault == Fault::framing);
  }
  CHECK(parse_application(answer(ci::short_header, "2a1034")).error().fault == Fault::framing);
}

TEST_CASE("damaged records and unknown kinds are told apart") {
  CHECK(parse_application(answer(ci::no_header, "0113")).error().fault == Fault::framing);
  CHECK(parse_application(answer(ci::alarm, "01")).error().fault == Fault::unsupported);
  CHECK(parse_application({FrameKind::short_frame, 0x5B, 1, 0, {}}).error().fault == Fault::unsupported);
}

TEST_CASE("the fixed structure") {
  // Water, two BCD counters: 1 L now, 135 at the fixed date.
  const auto parsed = parse_application(answer(ci::fixed, "785634120a00e97e0100000035010000"));
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->fixed);
  CHECK(parsed->header->id == "12345678");
  CHECK(parsed->access_no == 10);
  CHECK(parsed->fixed->medium == 7);
  CHECK(parsed->fixed->counters[0].raw == 1);
  CHECK(parsed->fixed->counters[0].unit == "L");
  CHECK(parsed->fixed->counters[0].value == Decimal{1, 0});
  CHECK(parsed->fixed->counters[1].raw == 135);
  CHECK(parsed->fixed->counters[1].unit.empty());  // 3E: the same, at the fixed date
  const auto binary = parse_application(answer(ci::fixed, "785634120a01e97efeffffff35010000"));
  CHECK(binary.value().fixed->counters[0].raw == -2);
  const auto damaged = parse_application(answer(ci::fixed, "785634120a00e97e0a00000035010000"));
  CHECK_FALSE(damaged.value().fixed->counters[0].raw);
  // source: rscada/libmbus, frame invalid_length2 (vector dev-159)
  CHECK(parse_application(answer(ci::fixed, "739291901001000056931650000690")).error().fault ==
        Fault::framing);
}

TEST_CASE("units of the fixed structure") {
  CHECK(find_fixed_unit(0x02)->name == "Wh");
  CHECK(find_fixed_unit(0x05)->name == "kWh");
  CHECK(find_fixed_unit(0x08)->name == "MWh");
  CHECK(find_fixed_unit(0x11)->name == "GJ");
  CHECK(find_fixed_unit(0x29)->name == "L");
  CHECK(find_fixed_unit(0x2C)->name == "m3");
  CHECK(find_fixed_unit(0x2E)->exponent == 2);
  CHECK(find_fixed_unit(0x37)->name == "m3/h");
  CHECK(find_fixed_unit(0x38)->exponent == -3);
  for (const std::uint8_t code : {0x00, 0x01, 0x39, 0x3E, 0x3F}) CHECK_FALSE(find_fixed_unit(code));
}

TEST_CASE("manufacturers are three letters of five bits") {
  CHECK(manufacturer_letters(0x1593) == "ELS");
  CHECK(manufacturer_code("ELS") == 0x1593);
  CHECK_FALSE(manufacturer_code("EL"));
  CHECK_FALSE(manufacturer_code("ELs"));
}

}  // namespace tocsin::mbus
