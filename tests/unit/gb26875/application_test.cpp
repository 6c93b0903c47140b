#include "drivers/gb26875/application.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/gb26875/names.h"
#include "drivers/gb26875/packet.h"

namespace tocsin::gb26875 {
namespace {

Bytes hex(std::string_view text) {
  return bytes::from_hex(text).value();
}

Unit unit_of(std::string_view text) {
  return parse_unit(hex(text)).value();
}

// source: payloads named "public" are in the public vectors; the others are composed after the table of
// clause 8, each field with a value of its own so that an exchanged pair is seen.
constexpr std::string_view units[] = {
    "010101020402040009020715",  // public
    "020101022801020304020061626300000000000000000000000000000000000000000000000000000000040009020715",
    "0302010228010203040320030400090207150d037903040506020150050009020715",  // public
    "0401010284fa040009020715",                                              // public
    "050101020304",                                                          // public
    "0601010203616263",
    "070101022801020304d5e2cac7d2bbb8f6d7aac2ebb2e2cad4000000000000000000000000000000",  // public
    "08010102040009020715",
    "15010a040009020715",
    "180231fa04000902071573fb050009020715",  // public
    "19010304",
    "1a011ed5e2cac7d2bbb8f6d7aac2ebb2e2cad40000000000000000000000000000",  // public
    "1c01050009020715",                                                    // public
    "3d0201020304",
    "3e01010201020304",
    "3f01010201020304",
    "4001010205040009020715",
    "41010102",
    "42010102",
    "4301010201020304",
    "44010102",
    "510100",  // public
    "540105040009020715",
    "550100",
    "560100",
    "580100",
    "590100",            // public
    "5a01023a091a090c",  // public
    "5b010a",
};

}  // namespace

TEST_CASE("every type of the standard is parsed and built back") {
  for (const std::string_view text : units) {
    CAPTURE(text);
    const Unit unit = unit_of(text);
    CHECK(bytes::to_hex(build_unit(unit.type, unit.objects).value()) == text);
    CHECK_FALSE(type_name(unit.type).empty());
  }
}

TEST_CASE("fields are where the standard puts them") {
  Object object;
  object.system_type = 0xA1, object.system_addr = 0xA2, object.part_type = 0xA3;
  object.part_addr = {0xB1, 0xB2, 0xB3, 0xB4};
  object.status = 0xC2, object.analog_type = 0xA4, object.analog = 0x0D0C;
  object.operation = 0xA5, object.operator_id = 0xA6, object.major = 0xA7, object.minor = 0xA8;
  object.text = {0x61}, object.record_count = 0xA9, object.parameter = 0xAA;
  object.time = {1, 2, 3, 4, 5, 6};
  const std::string text31 = "61" + std::string(60, '0'), time = "010203040506";
  const std::pair<std::uint8_t, std::string> expected[] = {
      {1, "a1a2c200" + time},
      {2, "a1a2a3b1b2b3b4c200" + text31 + time},
      {3, "a1a2a3b1b2b3b4a40c0d" + time},
      {4, "a1a2a5a6" + time},
      {5, "a1a2a7a8"},
      {6, "a1a20161"},
      {7, "a1a2a3b1b2b3b4" + text31},
      {8, "a1a2" + time},
      {21, "c2" + time},
      {24, "a5a6" + time},
      {25, "a7a8"},
      {26, "0161"},
      {28, time},
      {61, "a1a2"},
      {62, "a1a2b1b2b3b4"},
      {63, "a1a2b1b2b3b4"},
      {64, "a1a2a9" + time},
      {65, "a1a2"},
      {66, "a1a2"},
      {67, "a1a2b1b2b3b4"},
      {68, "a1a2"},
      {81, "aa"},
      {84, "a9" + time},
      {85, "aa"},
      {86, "aa"},
      {88, "aa"},
      {89, "aa"},
      {90, time},
      {91, "aa"},
  };
  for (const auto& [type, text] : expected) {
    CAPTURE(int{type});
    const Bytes unit = build_unit(type, std::span(&object, 1)).value();
    CHECK(bytes::to_hex(ByteView(unit).subspan(2)) == text);
    std::size_t size = 0;
    for (const Field field : find_layout(type)->fields) size += size_of(field, object);
    CHECK(size == unit.size() - 2);
  }
}

TEST_CASE("the table has exactly the types of the standard") {
  int types = 0;
  for (int type = 0; type < 256; ++type) types += find_layout(static_cast<std::uint8_t>(type)) != nullptr;
  CHECK(types == static_cast<int>(std::size(units)));
}

TEST_CASE("units that are cut or have bytes left over are refused") {
  for (const std::string_view text : units) {
    CAPTURE(text);
    Bytes data = hex(text);
    for (std::size_t size = 0; size < data.size(); ++size) {
      if (data[0] == 90 && size == 3) continue;  // the clock may be a single zero byte
      CHECK_FALSE(parse_unit(ByteView(data).first(size)).has_value());
    }
    data.push_back(0);
    CHECK_FALSE(parse_unit(data).has_value());
  }
}

TEST_CASE("a fire alarm of one part") {
  // source: public capture, vector dev-112
  const Unit unit = unit_of(
      "020101012a01000100020031bac5bdd3bfdab0e531bbd8c2b731bac500bac5d6f7bbfaf898cfa000000025110301060c");
  REQUIRE(unit.objects.size() == 1);
  const Object& part = unit.objects[0];
  CHECK(part.system_type == 1);
  CHECK(part.system_addr == 1);
  CHECK(part.part_type == 42);
  CHECK(part.zone() == 1);
  CHECK(part.point() == 1);
  CHECK(part.status == 2);
  CHECK(status_bit_name(unit.type, 1) == "fire");
  CHECK(part.text.size() == 31);
  CHECK(part.time == TimeLabel{0x25, 0x11, 0x03, 0x01, 0x06, 0x0c});
  CHECK(unit.has(Field::status));
  CHECK_FALSE(unit.has(Field::analog));
}

TEST_CASE("analog values are signed") {
  const Unit unit = unit_of("03010102280102030403ceff040009020715");
  CHECK(unit.objects[0].analog_type == 3);
  CHECK(unit.objects[0].analog == -50);
  CHECK(analog_of(3).unit == "degC");
  CHECK(analog_of(3).step == doctest::Approx(0.1));
}

TEST_CASE("part addresses are zone and point, low byte first") {
  Object object;
  object.set_part(10, 0x0203);
  CHECK(object.part_addr == std::array<std::uint8_t, 4>{0x0A, 0x00, 0x03, 0x02});
  CHECK(object.zone() == 10);
  CHECK(object.point() == 0x0203);
}

TEST_CASE("the clock may be a single zero byte") {
  const Unit unit = unit_of("5a0100");
  CHECK(unit.has(Field::parameter));
  CHECK_FALSE(unit.has(Field::time));
}

TEST_CASE("reserved and vendor types are unsupported, not damaged") {
  for (const char* text : {"090100", "960100", "000100"})
    CHECK(parse_unit(hex(text)).error().fault == Fault::unsupported);
  CHECK(parse_unit(hex("0100")).error().fault == Fault::framing);
  CHECK(parse_unit(hex("16")).error().fault == Fault::framing);
}

TEST_CASE("what the standard does not allow is not built") {
  CHECK_FALSE(build_unit(1, {}).has_value());
  CHECK_FALSE(build_unit(9, std::vector<Object>(1)).has_value());
  CHECK_FALSE(build_unit(1, std::vector<Object>(103)).has_value());
  CHECK_FALSE(build_unit(5, std::vector<Object>(2)).has_value());
  Object long_text;
  long_text.text.resize(32);
  CHECK_FALSE(build_unit(2, std::vector{long_text}).has_value());
  long_text.text.resize(256);
  CHECK_FALSE(build_unit(6, std::vector{long_text}).has_value());
  Object wide_status;
  wide_status.status = 256;
  CHECK_FALSE(build_unit(21, std::vector{wide_status}).has_value());
}

TEST_CASE("as many objects as the standard allows fit one packet") {
  for (int type = 0; type < 256; ++type) {
    const Layout* layout = find_layout(static_cast<std::uint8_t>(type));
    if (!layout) continue;
    CAPTURE(type);
    const auto unit = build_unit(layout->type, std::vector<Object>(layout->max_count));
    REQUIRE(unit.has_value());
    CHECK(unit->size() <= max_unit_size);
  }
}

TEST_CASE("names follow the tables of the standard") {
  CHECK(system_type_name(1) == "fire alarm");
  CHECK(system_type_name(2).empty());
  CHECK(part_type_name(23) == "manual call point");
  CHECK(part_type_name(200) == "user-defined");
  CHECK(status_bit_name(1, 13) == "reset");
  CHECK(status_bit_name(2, 8) == "power fault");
  CHECK(status_bit_name(2, 9).empty());
  CHECK(status_bit_name(21, 5) == "channel to centre fault");
  CHECK(status_bit_name(4, 5) == "confirm");
  CHECK(status_bit_name(24, 5) == "duty check answered");
  CHECK(status_bit_name(3, 0).empty());
  CHECK(analog_of(12).name == "wind speed");
  CHECK(analog_of(13).name.empty());
}

}  // namespace tocsin::gb26875
