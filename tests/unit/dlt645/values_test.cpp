#include "drivers/dlt645/values.h"

#include "tests/support/frame_laws.h"

namespace tocsin::dlt645 {
namespace {

using laws::hex;

Value only(std::uint32_t identifier, Edition edition, std::string_view data) {
  const auto values = read_values(identifier, edition, hex(data));
  REQUIRE(values.size() == 1);
  return values[0];
}
Value only_2007(std::uint32_t identifier, std::string_view data) {
  return only(identifier, Edition::v2007, data);
}

std::string text_of(std::uint32_t identifier, std::string_view data) {
  const Value value = only_2007(identifier, data);
  CHECK(value.quality == Quality::good);
  return value.name + " " + value.text + " " + std::string(value.unit);
}

}  // namespace

TEST_CASE("captured numbers read as their sources state") {
  CHECK(text_of(0x02030000, "122500") == "active_power_total 0.2512 kW");     // source: vector dev-051
  CHECK(text_of(0x02050000, "065000") == "apparent_power_total 0.5006 kVA");  // source: vector dev-059
  CHECK(text_of(0x02060000, "0105") == "power_factor_total 0.501 ");          // source: vector dev-070
  CHECK(text_of(0x00010000, "78563412") ==
        "forward_active_energy_total 123456.78 kWh");              // source: vector dev-046
  CHECK(text_of(0x03300D00, "270000") == "cover_open_count 27 ");  // source: vector dev-094
  CHECK(text_of(0x02010100, "0523") == "voltage_A 230.5 V");       // source: vector dev-100
}

TEST_CASE("every family of the 2007 table is known") {
  CHECK(text_of(0x00000000, "00010080") == "combined_active_energy_total -1.00 kWh");
  CHECK(text_of(0x003D0200, "00010000") == "forward_active_energy_C_T2 1.00 kWh");
  CHECK(text_of(0x0001000C, "00010000") == "forward_active_energy_total_last12 1.00 kWh");
  CHECK(text_of(0x00070000, "00010000") == "quadrant3_reactive_energy_total 1.00 kvarh");
  CHECK(text_of(0x000A0000, "00010000") == "reverse_apparent_energy_total 1.00 kVAh");
  CHECK(text_of(0x00900100, "00010000") == "remaining_energy 1.00 kWh");
  CHECK(text_of(0x02020300, "000180") == "current_C -0.100 A");
  CHECK(text_of(0x02070200, "0012") == "phase_angle_B 120.0 deg");
  CHECK(text_of(0x020A0115, "0102") == "voltage_harmonic_A_21 2.01 %");
  CHECK(text_of(0x02800002, "9849") == "frequency 49.98 Hz");
  CHECK(text_of(0x02800007, "5082") == "internal_temperature -25.0 degC");
  CHECK(text_of(0x0280000A, "15000000") == "battery_run_time 15 min");
  CHECK(text_of(0x04000503, "1000") == "status_word_3 0010 ");
  CHECK(text_of(0x05060003, "0000090922") == "daily_freeze_time 2022-09-09T00:00 ");
  CHECK(text_of(0x1D000001, "030000") == "trip_count 3 ");
}

TEST_CASE("identifiers outside the tables are unknown") {
  // source of the first: vector dev-098
  for (const std::uint32_t identifier :
       {0x00440000u, 0x0001000Du, 0x00014000u, 0x02010000u, 0x02010001u, 0x02010400u, 0x020A0116u,
        0x020A0000u, 0x04000508u, 0x05060000u, 0x05060201u, 0x06000000u}) {
    CAPTURE(identifier);
    CHECK_FALSE(find_item_2007(identifier));
    CHECK(read_values(identifier, Edition::v2007, hex("00000000")).empty());
  }
  CHECK_FALSE(find_item_1997(0xB610));
  CHECK_FALSE(find_item_1997(0xB614));
  CHECK_FALSE(find_item(0x00019010, Edition::v1997));
}

TEST_CASE("a block is sized by the answer") {
  // source: vector dev-062
  const auto values =
      read_values(0x0001FF00, Edition::v2007, hex("9414020004530000745300000354000011540000"));
  REQUIRE(values.size() == 5);
  CHECK(values[0].name == "forward_active_energy_block[0]");
  CHECK(values[0].text == "214.94");
  CHECK(values[4].name == "forward_active_energy_block[4]");
  CHECK(values[4].text == "54.11");
  CHECK(read_values(0x0001FF00, Edition::v2007, hex("94140200")).size() == 1);
  CHECK(only_2007(0x0001FF00, "9414020004").quality == Quality::length_mismatch);
  CHECK(only_2007(0x0001FF00, "").quality == Quality::length_mismatch);
}

TEST_CASE("a phase that the meter does not have has no value") {
  const auto values = read_values(0x0201FF00, Edition::v2007, hex("0523ffffffff"));
  REQUIRE(values.size() == 3);
  CHECK(values[0].text == "230.5");
  CHECK(values[1].quality == Quality::all_ff);
  CHECK_FALSE(values[1].number);
  CHECK(values[1].text.empty());
}

TEST_CASE("what is no BCD or has another length is no value") {
  const Value damaged = only_2007(0x00010000, "00000e00");  // source: vector dev-066
  CHECK(damaged.quality == Quality::not_bcd);
  CHECK_FALSE(damaged.number);
  CHECK(only_2007(0x04000101, "05c8552c").quality == Quality::not_bcd);  // source: vector dev-081
  CHECK(only_2007(0x00010000, "000000").quality == Quality::length_mismatch);
  CHECK(only_2007(0x00010000, "0000000000").quality == Quality::length_mismatch);
  CHECK(only_2007(0x02010100, "00a0").quality == Quality::not_bcd);  // unsigned: the highest bit is a digit
  CHECK(only_2007(0x02060000, "34f2").text == "-7.234");             // signed: it is the sign
  CHECK(only_2007(0x02060000, "34fa").quality == Quality::not_bcd);
}

TEST_CASE("the sign is one bit, not a complement") {
  const Value value = only_2007(0x02060000, "3492");
  CHECK(value.number == Decimal{-1234, -3});
  CHECK(value.text == "-1.234");
}

TEST_CASE("dates, clocks, names and texts") {
  const Value date = only_2007(0x04000101, "01110116");  // source: vector dev-053
  CHECK(date.text == "2016-01-11");
  CHECK(date.weekday == 1);
  CHECK(only_2007(0x04000102, "250916").text == "16:09:25");            // source: vector dev-049
  CHECK(only_2007(0x04000402, "185560060000").text == "000006605518");  // source: vector dev-073
  CHECK(only_2007(0x04000404, "56302e303232").text == "220.0V");        // source: vector dev-073
  CHECK(only_2007(0x04000405, "000041302e35").text == "5.0A");          // source: vector dev-073
  const Value demand = only_2007(0x01010000, "1234561510210522");
  CHECK(demand.text == "56.3412");
  CHECK(demand.time == "2022-05-21T10:15");
  CHECK(demand.unit == "kW");
}

TEST_CASE("the 1997 edition has its own scales") {
  const Value volts = only(0xB611, Edition::v1997, "2302");  // source: vector dev-033
  CHECK(volts.text == "223");
  CHECK(volts.name == "voltage_A");
  CHECK(only(0x9010, Edition::v1997, "79261400").text == "1426.79");  // source: vector dev-032
  CHECK(only(0xB630, Edition::v1997, "000000").text == "0.0000");     // source: vector dev-037
  CHECK(only(0x9014, Edition::v1997, "79261400").name == "forward_active_energy_T4");
  CHECK(read_values(0x901F, Edition::v1997, hex("7926140079261400")).size() == 2);
  CHECK(only(0xB640, Edition::v1997, "3412").text == "12.34");
  CHECK(only(0xC032, Edition::v1997, "010203040506").text == "060504030201");
}

TEST_CASE("numbers are written as they are read") {
  const Item current = find_item_2007(0x02020100).value();
  for (const std::int64_t digits : {0, 1, -1, 799'999, -799'999, 100'000}) {
    const auto wire = write_number(current, Decimal{digits, -3});
    REQUIRE(wire.has_value());
    CHECK(read_values(current, *wire)[0].number == Decimal{digits, -3});
  }
  CHECK(write_number(current, Decimal{800'000, -3}).error().fault == Fault::out_of_range);
  CHECK(write_number(current, Decimal{1, -2}).error().fault == Fault::bad_input);
  const Item volts = find_item_2007(0x02010100).value();
  CHECK(bytes::to_hex(write_number(volts, Decimal{9999, -1}).value()) == "9999");
  CHECK(write_number(volts, Decimal{10000, -1}).error().fault == Fault::out_of_range);
  CHECK(write_number(volts, Decimal{-1, -1}).error().fault == Fault::out_of_range);
  CHECK(write_number(find_item_2007(0x04000101).value(), Decimal{}).error().fault == Fault::bad_input);
}

}  // namespace tocsin::dlt645
