// source: request and answer bytes follow the examples of Modbus Application Protocol V1.1b3, clauses 6.1
// to 6.12, with a unit identifier in front.

#include <doctest/doctest.h>

#include "drivers/modbus/modbus_driver.h"
#include "drivers/modbus/pdu.h"
#include "tests/support/exchange_check.h"

namespace tocsin::modbus {

namespace {

using test::play;
using test::Turn;

driver::PointSpec point(const std::string& name, const std::string& table, std::int64_t address,
                        bool writable = false) {
  driver::PointSpec spec;
  spec.name = name;
  spec.source = {{"table", table}, {"address", address}};
  spec.writable = writable;
  return spec;
}

enum : std::size_t { relay, smoke, level, gas, reset };

std::shared_ptr<const driver::Driver> device(const std::string& address = "17") {
  auto profile = std::make_shared<driver::Profile>();
  profile->points = {point("relay", "coil", 0x13, true), point("smoke", "discrete", 0xc4),
                     point("level", "holding", 0x6b, true), point("gas", "input", 8),
                     point("reset", "holding", 1, true)};
  profile->points[reset].source["readback"] = false;
  auto made = ModbusDriver::make({"d", profile, address, {}, {}});
  REQUIRE(made.has_value());
  return *made;
}

Fault fault_of(const driver::Step& step) {
  const auto* error = std::get_if<Error>(&step);
  REQUIRE(error != nullptr);
  return error->fault;
}

const std::vector<Turn> read_bits{{"11 02 00c4 0016", "11 02 03 acdb35"}};
const std::vector<Turn> read_words{{"11 03 006b 0003", "11 03 06 022b 0000 0064"}};
const std::vector<Turn> write_coil{{"11 05 0013 ff00", "11 05 0013 ff00"},
                                   {"11 01 0013 0001", "11 01 01 01"}};

}  // namespace

TEST_CASE("a span of bits and a span of registers are read") {
  const auto modbus = device();
  auto bits = modbus->read({static_cast<int>(Table::discrete), 0xc4, 22, {smoke}});
  driver::Step step = play(*bits, read_bits);
  REQUIRE(std::holds_alternative<driver::Done>(step));
  CHECK(std::get<driver::Done>(step).samples == driver::Samples{{smoke, false, Quality::good, std::nullopt}});

  auto words = modbus->read({static_cast<int>(Table::holding), 0x6b, 3, {level}});
  step = play(*words, read_words);
  REQUIRE(std::holds_alternative<driver::Done>(step));
  CHECK(std::get<driver::Done>(step).samples[0].value == Value{std::int64_t{0x22b}});
}

TEST_CASE("no damaged answer is taken: unit, function, count and length must fit") {
  const auto modbus = device();
  const auto make = [&] { return modbus->read({static_cast<int>(Table::holding), 0x6b, 3, {level}}); };
  test::damage_each_answer(make, read_words, [](const driver::Step& step, std::size_t, const Bytes& answer) {
    const bool only_data_differs =
        answer.size() == 9 && answer[0] == 0x11 && answer[1] == 3 && answer[2] == 6;
    CHECK(std::holds_alternative<Error>(step) == !only_data_differs);  // data is the checksum's business
  });
}

TEST_CASE("what is wrong with an answer is said") {
  const Bytes request = read_request(17, Table::holding, 0x6b, 3);
  const auto fault = [&](const char* hex) { return check_answer(request, *bytes::from_hex(hex)).error(); };
  CHECK(fault("12 03 06 022b 0000 0064").fault == Fault::wrong_unit);
  CHECK(fault("11 04 06 022b 0000 0064").fault == Fault::wrong_answer);
  CHECK(fault("11 03 04 022b 0000").fault == Fault::wrong_answer);
  CHECK(fault("11 03 06 022b 0000").fault == Fault::framing);
  CHECK(fault("11 83 02").fault == Fault::exception);
  CHECK(fault("11 83 02").code == 2);
  CHECK(fault("11 83 0b").fault == Fault::timeout);  // the gateway speaks for a silent device
  CHECK(fault("11 84 02").fault == Fault::wrong_answer);
  CHECK(fault("11 83 02 00").fault == Fault::framing);
}

TEST_CASE("a coil is written and read back") {
  const auto modbus = device();
  auto exchange = modbus->write(relay, true);
  REQUIRE(exchange.has_value());
  const driver::Step step = play(**exchange, write_coil);
  REQUIRE(std::holds_alternative<driver::Done>(step));
  CHECK(std::get<driver::Done>(step).samples == driver::Samples{{relay, true, Quality::good, std::nullopt}});
}

TEST_CASE("a write is done only when echo and read-back are right") {
  const auto modbus = device();
  const auto make = [&] { return std::move(*modbus->write(relay, true)); };
  test::damage_each_answer(make, write_coil,
                           [](const driver::Step& step, std::size_t turn, const Bytes& answer) {
                             const bool still_on = turn == 1 && answer.size() == 4 && answer[0] == 0x11 &&
                                                   answer[1] == 1 && answer[2] == 1 && (answer[3] & 1) != 0;
                             CHECK(std::holds_alternative<Error>(step) == !still_on);
                           });
  auto exchange = modbus->write(relay, true);
  CHECK(fault_of(play(**exchange, {write_coil[0], {"11 01 0013 0001", "11 01 01 00"}})) == Fault::not_agreed);
}

TEST_CASE("a device that refuses the read-back has done the write") {
  const auto modbus = device();
  auto exchange = modbus->write(level, std::int64_t{3});
  const driver::Step step =
      play(**exchange, {{"11 06 006b 0003", "11 06 006b 0003"}, {"11 03 006b 0001", "11 83 01"}});
  REQUIRE(std::holds_alternative<driver::Done>(step));
  CHECK(std::get<driver::Done>(step).samples.empty());
}

TEST_CASE("a command without read-back ends with its echo and is never polled") {
  const auto modbus = device();
  auto exchange = modbus->write(reset, std::int64_t{234});
  CHECK(std::holds_alternative<driver::Done>(play(**exchange, {{"11 06 0001 00ea", "11 06 0001 00ea"}})));
  for (const driver::PollItem& item : modbus->items()) CHECK(item.point != reset);
}

TEST_CASE("what must not be written is refused") {
  const auto modbus = device();
  CHECK(modbus->write(smoke, true).error().fault == Fault::refused);
  CHECK(modbus->write(relay, std::string("on")).error().fault == Fault::bad_input);
  CHECK(modbus->write(level, 70000.0).error().fault == Fault::bad_input);
}

TEST_CASE("an address is a unit") {
  auto profile = std::make_shared<driver::Profile>();
  for (const char* wrong : {"", "256", "-1", "1x", " 1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(ModbusDriver::make({"d", profile, wrong, {}, {}}).has_value());
  }
}

TEST_CASE("a TCP frame must be of our protocol, our request and its own length") {
  const auto strip = [](const char* hex) { return without_mbap(*bytes::from_hex(hex), 7); };
  const Bytes good = *bytes::from_hex("0007 0000 0005 11 03 02 022b");
  REQUIRE(without_mbap(good, 7).has_value());
  CHECK(bytes::to_hex(*without_mbap(good, 7)) == "110302022b");
  CHECK(strip("0007 0001 0005 11 03 02 022b").error().fault == Fault::wrong_answer);
  CHECK(strip("0008 0000 0005 11 03 02 022b").error().fault == Fault::wrong_answer);
  CHECK(strip("0007 0000 0006 11 03 02 022b").error().fault == Fault::framing);
  CHECK(strip("0007 00").error().fault == Fault::framing);
}

TEST_CASE("the sizes of the conversations are those on the wire") {
  const auto modbus = device();
  const driver::FrameSizes bits = modbus->read_sizes({static_cast<int>(Table::discrete), 0, 9, {}});
  CHECK(bits.request == 8);
  CHECK(bits.answer == 7);
  const driver::FrameSizes write = modbus->write_sizes(relay);
  CHECK(write.turns == 2);
  CHECK(write.request >= 16);
}

}  // namespace tocsin::modbus
