#include "drivers/cjt188/payload.h"

#include "drivers/cjt188/units.h"
#include "tests/support/frame_laws.h"

namespace tocsin::cjt188 {
namespace {

using laws::hex;

Frame answer(std::string_view data, std::uint8_t type = 0x10) {
  Frame frame;
  frame.type = type;
  frame.control = 0x81;
  frame.data = hex(data);
  return frame;
}

std::string shown(const Value& value) {
  std::string text = std::string(value.name) + " " + (value.number ? to_string(*value.number) : value.text);
  return text + " " + value.unit + " " + std::string(name_of(value.quality));
}

}  // namespace

TEST_CASE("a water meter's answer") {
  // source: vector dev-003
  const auto values = read_values(answer("901f00002301002c000000002c000000000000000000"));
  REQUIRE(values.size() == 4);
  CHECK(shown(values[0]) == "current_total 123.00 m3 good");
  CHECK(shown(values[1]) == "settlement_total 0.00 m3 good");
  CHECK(shown(values[2]) == "meter_time   zero");
  CHECK(shown(values[3]) == "status 0000  good");
  CHECK(values[0].offset == 3);
  CHECK(values[3].offset + values[3].size == 22);
}

TEST_CASE("a heat meter's answer") {
  // source: vector dev-016, a Sanext meter behind an M-Bus converter
  const auto values =
      read_values(answer("1f90000000000005000000000500000000170000000035000000002c022300112300345800"
                         "094912050923200008",
                         0x20));
  REQUIRE(values.size() == 10);
  CHECK(shown(values[1]) == "current_heat 0.00 kWh good");
  CHECK(shown(values[2]) == "heat_power 0.00 kW good");
  CHECK(shown(values[3]) == "flow_rate 0.0000 m3/h good");
  CHECK(shown(values[5]) == "supply_temp 23.02 degC good");
  CHECK(shown(values[6]) == "return_temp 23.11 degC good");
  CHECK(shown(values[7]) == "work_hours 5834 h good");
  CHECK(shown(values[8]) == "meter_time 2023-09-05T12:49:09  good");
  CHECK(shown(values[9]) == "status 0008  good");
}

TEST_CASE("values that a meter does not have") {
  // source: vector dev-020: settlement and clock are FF
  const auto values = read_values(answer("901faa005959002cffffffff2cffffffffffffff0000"));
  REQUIRE(values.size() == 4);
  CHECK(values[1].quality == Quality::all_ff);
  CHECK_FALSE(values[1].number);
  CHECK(values[2].quality == Quality::not_bcd);
  const auto nines = read_values(answer("901faa005959002c999999992c999999999999990000"));
  CHECK(nines[1].filled_with_nines);
  CHECK(nines[2].filled_with_nines);
  CHECK_FALSE(nines[0].filled_with_nines);
  const auto damaged = read_values(answer("901faa0059590a2c000000002c000000000000000000"));
  CHECK(damaged[0].quality == Quality::not_bcd);
}

TEST_CASE("layouts are chosen by identifier and length") {
  CHECK(read_values(answer("901f00002301002c000000002c0000000000000000")).empty());
  CHECK(read_values(answer("20d101002301002c")).at(0).name == "month_total");
  CHECK(find_layout(0x901F, 0x2B).size() == 10);
  CHECK(find_layout(0xD301, 0x1A).size() == 5);
  CHECK(find_layout(0xD12C, 0x08).empty());
  Frame request = answer("901f00002301002c000000002c000000000000000000");
  request.control = 0x01;
  CHECK(read_values(request).empty());
}

TEST_CASE("unit codes and their multiples") {
  const std::tuple<int, std::string_view, int> rows[] = {
      {0x01, "J", 0}, {0x02, "Wh", 0}, {0x05, "kWh", 0}, {0x0A, "MWh", 2},  {0x11, "GJ", 0},  {0x17, "kW", 0},
      {0x29, "L", 0}, {0x2C, "m3", 0}, {0x2D, "m3", 1},  {0x35, "m3/h", 0}, {0x4B, "GJ/h", 2}};
  for (const auto& [code, name, exponent] : rows) {
    CAPTURE(code);
    const auto unit = find_unit(static_cast<std::uint8_t>(code));
    REQUIRE(unit.has_value());
    CHECK(unit->name == name);
    CHECK(unit->exponent == exponent);
  }
  for (const std::uint8_t code : {0x00, 0x2F, 0x38, 0x4C, 0xFF}) CHECK_FALSE(find_unit(code));
  // 12345.67 of 10 m3; then a code that is not in the table
  const auto values = read_values(answer("901f00672345012d00000000ee000000000000000000"));
  CHECK(shown(values[0]) == "current_total 145236.7 m3 good");
  CHECK(values[1].unit == "unknown_ee");
}

TEST_CASE("writes and their answers") {
  Frame frame = answer("a0170155");  // source: vector dev-014
  frame.control = 0x04;
  CHECK(valve_command(frame) == 0x55);
  frame.data = hex("17a00155");  // source: vector dev-017
  CHECK(valve_command(frame) == 0x55);
  frame.data = hex("a01701");
  CHECK_FALSE(valve_command(frame));
  frame.control = 0x84;
  frame.data = hex("a017010400");
  CHECK_FALSE(valve_command(frame));
  CHECK(bytes::to_hex(answer_status(frame).value()) == "0400");
  frame.control = 0xC1;
  frame.data = hex("010484");
  CHECK(bytes::to_hex(answer_status(frame).value()) == "0484");
  frame.control = 0x15;
  frame.data = hex("a0180001000005080000");  // source: vector dev-013
  CHECK(new_address(frame) == "00000805000001");
  frame.data.pop_back();
  CHECK_FALSE(new_address(frame));
}

TEST_CASE("requests and totals are written") {
  CHECK(bytes::to_hex(read_request({read_current, Order::low_first}, 0x12)) ==
        "1f9012");  // source: vector dev-002
  CHECK(bytes::to_hex(write_total(Decimal{12300, -2}, 0x2C).value()) == "002301002c");
  CHECK(write_total(Decimal{100'000'000, -2}, 0x2C).error().fault == Fault::out_of_range);
  CHECK(write_total(Decimal{1, 0}, 0x2C).error().fault == Fault::bad_input);
}

}  // namespace tocsin::cjt188
