#include "drivers/mbus/records.h"

#include "tests/support/frame_laws.h"

namespace tocsin::mbus {
namespace {

using laws::hex;

Record only(std::string_view data) {
  const auto records = parse_records(hex(data));
  REQUIRE(records.has_value());
  REQUIRE(records->records.size() == 1);
  return records->records[0];
}

std::string shown(std::string_view data) {
  const auto scaled = scaled_value(only(data));
  if (!scaled) return "";
  REQUIRE(scaled->exact);
  return std::string(scaled->quantity) + " " + to_trimmed_string(*scaled->exact) + " " +
         std::string(scaled->unit);
}

std::int64_t whole(std::string_view data) {
  return std::get<std::int64_t>(only(data).raw);
}

bool is_refused(std::string_view data) {
  const auto records = parse_records(hex(data));
  return !records && records.error().fault == Fault::framing;
}

}  // namespace

TEST_CASE("captured records read as their sources state") {
  CHECK(shown("0c1427048502") == "volume 28504.27 m3");  // source: vector dev-150
  CHECK(shown("0c1301010000") == "volume 0.101 m3");     // source: vector dev-142
  CHECK(shown("0b22520902") == "on_time 20952 h");       // source: vector dev-142
  CHECK(shown("0403fa040000") == "energy 1.274 kWh");    // source: vector dev-144
  CHECK(shown("0315c6004d") == "volume 504647 m3");      // source: vector dev-146
}

TEST_CASE("every range of the primary table has its unit") {
  CHECK(shown("010001") == "energy 0.000001 kWh");
  CHECK(shown("010701") == "energy 10 kWh");
  CHECK(shown("010801") == "energy 0.000000001 GJ");
  CHECK(shown("010e01") == "energy 0.001 GJ");
  CHECK(shown("011001") == "volume 0.000001 m3");
  CHECK(shown("011701") == "volume 10 m3");
  CHECK(shown("011b01") == "mass 1 kg");
  CHECK(shown("012001") == "on_time 1 s");
  CHECK(shown("012701") == "operating_time 1 d");
  CHECK(shown("012b01") == "power 0.001 kW");
  CHECK(shown("013601") == "power 0.001 GJ/h");
  CHECK(shown("013b01") == "volume_flow 0.001 m3/h");
  CHECK(shown("014701") == "volume_flow 1 m3/min");
  CHECK(shown("014f01") == "volume_flow 0.01 m3/s");
  CHECK(shown("015301") == "mass_flow 1 kg/h");
  CHECK(shown("015a7f") == "flow_temp 12.7 degC");
  CHECK(shown("015fff") == "return_temp -1 degC");
  CHECK(shown("016001") == "temp_diff 0.001 K");
  CHECK(shown("016701") == "external_temp 1 degC");
  CHECK(shown("016a01") == "pressure 0.1 bar");
  CHECK(shown("016e01") == "heat_cost 1 ");
  CHECK(shown("017201") == "averaging_duration 1 h");
  CHECK(shown("017701") == "actuality_duration 1 d");
  CHECK(shown("017a05") == "bus_address 5 ");
  CHECK(shown("02fd484409") == "voltage 237.2 V");  // source: vector dev-144
  CHECK(shown("02fd590100") == "current 0.001 A");
  CHECK(shown("01fd1703") == "error_flags 3 ");
  CHECK(shown("017f01").empty());
  CHECK(shown("02fd c9ff01e600").empty());  // source: vector dev-151: more than one VIFE is not scaled
  CHECK(shown("04837ffa040000").empty());   // source: vector dev-144
}

TEST_CASE("every data type") {
  CHECK(only("0013").type == DataType::none);
  CHECK(whole("0113fe") == -2);
  CHECK(whole("0213feff") == -2);
  CHECK(whole("0313feffff") == -2);
  CHECK(whole("0413feffffff") == -2);
  CHECK(whole("0613feffffffffff") == -2);
  CHECK(whole("0713feffffffffffff7f") == 0x7FFFFFFFFFFFFFFE);
  CHECK(std::get<double>(only("055bb82df941").raw) == doctest::Approx(31.1473236));  // source: vector dev-149
  CHECK(only("0813").type == DataType::selection);
  CHECK(whole("091312") == 12);
  CHECK(whole("0a133412") == 1234);
  CHECK(whole("0b13563412") == 123456);
  CHECK(whole("0c1378563412") == 12345678);
  CHECK(whole("0e13129078563412") == 123456789012);
  CHECK(whole("0a1334f2") == -234);  // F in front is a minus
  CHECK(std::holds_alternative<std::monostate>(only("0a13a412").raw));
  CHECK(std::get<std::string>(only("0dfd0b053132484657").raw) == "WFH21");  // source: vector dev-142
  CHECK(whole("0d13c23412") == 1234);
  CHECK(whole("0d13d23412") == -1234);
  CHECK(std::get<Bytes>(only("0d13e2abcd").raw) == hex("abcd"));
}

TEST_CASE("storage, tariff, subunit and function") {
  const Record kamstrup = only("84600600000000");  // source: vector dev-148, second of its kind
  CHECK(kamstrup.tariff == 2);
  CHECK(kamstrup.subunit == 1);
  CHECK(kamstrup.storage == 0);
  CHECK(only("8c110468281700").storage == 2);  // source: vector dev-151
  CHECK(only("441300000000").storage == 1);
  CHECK(only("143b16080000").function == Function::maximum);
  CHECK(only("326c0000").function == Function::error);
  const Record large = only("c1cfcf0f1300");
  CHECK(large.storage == 1 + 0xF * 2 + 0xF * 32 + 0xF * 512);
  CHECK(large.subunit == 3);
}

TEST_CASE("fillers, manufacturers' data and what follows") {
  const auto records = parse_records(hex("2f2f01130a2f1f010203"));
  REQUIRE(records.has_value());
  CHECK(records->records.size() == 1);
  CHECK(records->records[0].offset == 2);
  CHECK(records->manufacturer_length == 3);
  CHECK(records->more_follow);
  CHECK_FALSE(parse_records(hex("0f")).value().more_follow);
  CHECK(parse_records({}).value().records.empty());
}

TEST_CASE("a text instead of a unit") {
  const Record record = only("017c034e494d2a");
  CHECK(record.unit_text == "MIN");
  CHECK(std::get<std::int64_t>(record.raw) == 42);
  CHECK_FALSE(scaled_value(record));
}

TEST_CASE("a record that ends behind the data is refused wherever it is cut") {
  for (const char* data : {"8440067f000000", "0dfd0b053132484657", "017c034e494d2a", "0e13129078563412"}) {
    CAPTURE(data);
    const Bytes record = hex(data);
    for (std::size_t size = 1; size < record.size(); ++size) {
      CHECK(is_refused(bytes::to_hex(ByteView(record).first(size))));
    }
  }
}

TEST_CASE("more than ten extensions and reserved forms are refused") {
  const std::string ten_dife =
                        "81808080808080808080"
                        "00",
                    ten_vife =
                        "0193808080808080808080"
                        "00";
  CHECK(whole(ten_dife + "1305") == 5);
  CHECK(
      is_refused("8180808080808080808080"
                 "001305"));
  CHECK(whole(ten_vife + "05") == 5);
  CHECK(
      is_refused("019380808080808080808080"
                 "0005"));
  CHECK(is_refused("3f"));
  CHECK(is_refused("0d13f0"));
}

TEST_CASE("dates") {
  CHECK(date_text(only("046d32371f15")) ==
        "2008-05-31T23:50");                           // source: OMS example telegram, vector dev-150
  CHECK(date_text(only("426cdf1c")) == "2014-12-31");  // source: vector dev-157
  CHECK_FALSE(date_text(only("326c0000")));            // no month, no day
  CHECK_FALSE(date_text(only("046db2371f15")));        // marked invalid by the meter
  CHECK_FALSE(date_text(only("046d3f371f15")));        // minute 63
  CHECK_FALSE(date_text(only("026d3237")));
  CHECK_FALSE(date_text(only("0413df1c0000")));
}

TEST_CASE("records are written as they are read") {
  for (const char* data :
       {"0c1427048502", "0413feffffff", "84600600000000", "8c110468281700", "c1cfcf0f1300", "055bb82df941",
        "0dfd0b053132484657", "017c034e494d2a", "02fdc9ff01e600", "0a1334f2", "0013", "326c0000"}) {
    CAPTURE(data);
    Bytes out;
    CHECK(write_record(out, only(data)).has_value());
    CHECK(bytes::to_hex(out) == data);
  }
}

TEST_CASE("records that cannot be written are refused and write nothing") {
  Record record = only("0a133412");
  Bytes out;
  record.raw = std::int64_t{10000};
  CHECK(write_record(out, record).error().fault == Fault::out_of_range);
  record.raw = std::string("text");
  CHECK(write_record(out, record).error().fault == Fault::bad_input);
  record = only("0113fe");
  record.raw = std::int64_t{128};
  CHECK(write_record(out, record).error().fault == Fault::out_of_range);
  record.vife = {0x01};  // the VIF has no extension bit
  CHECK(write_record(out, record).error().fault == Fault::bad_input);
  CHECK(out.empty());
}

}  // namespace tocsin::mbus
