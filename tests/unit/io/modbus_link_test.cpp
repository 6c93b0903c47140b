// One conversation at a time over real libmodbus, with a device that misbehaves. After each trick the next
// answer must be the right one: a wrong value with a good checksum is the worst a fire input can give.

#include "drivers/io/modbus_link.h"

#include <chrono>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "drivers/io/pump.h"
#include "drivers/modbus/modbus_driver.h"
#include "tests/support/fault_slave.h"

namespace tocsin::io {

namespace {

using test::FaultSlave;
using test::Trick;
using Link = FaultSlave::Link;

constexpr int registers = 8;
constexpr std::uint16_t value_at(int address) {
  return static_cast<std::uint16_t>(1000 + address);
}

struct Setup {
  explicit Setup(Link kind) : slave(kind) {
    auto profile = std::make_shared<driver::Profile>();
    for (int i = 0; i < registers; ++i) {
      slave.set_register(1, i, value_at(i));
      driver::PointSpec spec;
      spec.name = "r" + std::to_string(i);
      spec.source = {{"table", std::string("holding")}, {"address", std::int64_t{i}}};
      profile->points.push_back(spec);
    }
    device = *modbus::ModbusDriver::make({"d", profile, "1", {}, {}});
    if (kind == Link::rtu)
      link = std::make_unique<ModbusLink>(LineSettings{slave.port(), 115200, 'E', 1});
    else
      link = std::make_unique<ModbusLink>(*parse_endpoint(slave.port()));
    REQUIRE(link->open().has_value());
  }
  PumpResult read(int address) {
    const auto exchange = device->read({static_cast<int>(modbus::Table::holding),
                                        static_cast<std::uint32_t>(address),
                                        1,
                                        {static_cast<std::size_t>(address)}});
    return pump(*link, WholeFrames{}, *exchange, {100ms, 0ms}, [](char, ByteView) {});
  }
  // The fault, or nothing when the right value came. A wrong value ends the test.
  std::optional<Fault> fault_of(int address) {
    const PumpResult result = read(address);
    if (!result.samples) return result.samples.error().fault;
    REQUIRE(result.samples->at(0).value == Value{std::int64_t{value_at(address)}});
    return std::nullopt;
  }

  FaultSlave slave;
  std::shared_ptr<const driver::Driver> device;
  std::unique_ptr<ModbusLink> link;
};

struct Case {
  Trick trick;
  Duration delay;
  std::optional<Fault> rtu, tcp;
};

const Case cases[] = {
    {Trick::none, {}, std::nullopt, std::nullopt},
    {Trick::silent, {}, Fault::timeout, Fault::timeout},
    {Trick::late, 150ms, Fault::timeout, Fault::timeout},
    {Trick::truncated, {}, Fault::timeout, Fault::timeout},
    {Trick::dripped, 40ms, Fault::timeout, Fault::timeout},
    {Trick::wrong_unit, {}, Fault::wrong_unit, Fault::wrong_unit},
    {Trick::foreign_first, {}, std::nullopt, Fault::wrong_unit},
    {Trick::wrong_function, {}, Fault::wrong_answer, Fault::wrong_answer},
    {Trick::wrong_protocol, {}, std::nullopt, Fault::wrong_answer},
    {Trick::bad_crc, {}, Fault::crc, std::nullopt},
    {Trick::exception, {}, Fault::exception, Fault::exception},
};

void play_all(Link kind) {
  Setup setup(kind);
  for (const Case& one : cases) {
    if (kind == Link::tcp && one.trick == Trick::bad_crc) continue;
    CAPTURE(static_cast<int>(one.trick));
    setup.slave.play(one.trick, one.delay);
    CHECK(setup.fault_of(1) == (kind == Link::rtu ? one.rtu : one.tcp));
    for (int address = 2; address < registers; ++address) CHECK(setup.fault_of(address) == std::nullopt);
  }
}

// Tricks whose exact name does not matter, only that no wrong value comes of them.
void play_mess(Link kind) {
  Setup setup(kind);
  for (const Trick trick : {Trick::noise, Trick::echo, Trick::short_count}) {
    CAPTURE(static_cast<int>(trick));
    setup.slave.play(trick);
    CHECK(setup.fault_of(3).has_value());
    CHECK(setup.fault_of(4) == std::nullopt);
  }
}

}  // namespace

TEST_CASE("RTU: every trick is named, and the next answers are right") {
  play_all(Link::rtu);
}
TEST_CASE("TCP: every trick is named, and the next answers are right") {
  play_all(Link::tcp);
}
TEST_CASE("RTU: noise, echo and short answers give no value") {
  play_mess(Link::rtu);
}
TEST_CASE("TCP: noise, echo and short answers give no value") {
  play_mess(Link::tcp);
}

TEST_CASE("answers that stay late never shift onto the following requests") {
  for (const Link kind : {Link::rtu, Link::tcp}) {
    Setup setup(kind);
    int good = 0;
    for (int round = 0; round < 12; ++round) {
      if (round % 3 == 0) setup.slave.play(Trick::late, 110ms + round * 5ms);
      good += setup.fault_of(round % registers) == std::nullopt;  // fails on a neighbour's value
    }
    CHECK(good == 8);
  }
}

TEST_CASE("bytes that came unasked are seen and cost no wrong value") {
  Setup setup(Link::rtu);
  setup.slave.play(Trick::foreign_first);
  setup.slave.play(Trick::echo);
  setup.fault_of(1);
  setup.fault_of(2);
  for (int address = 0; address < registers; ++address) CHECK(setup.fault_of(address) == std::nullopt);
}

TEST_CASE("a whole answer is bounded by one time limit") {
  Setup setup(Link::tcp);
  setup.slave.play(Trick::dripped, 30ms);
  const auto start = std::chrono::steady_clock::now();
  CHECK(setup.fault_of(0) == Fault::timeout);
  CHECK(std::chrono::steady_clock::now() - start < 1s);
}

TEST_CASE("a line has one master") {
  FaultSlave slave(Link::rtu);
  ModbusLink first(LineSettings{slave.port(), 9600, 'N', 1});
  ModbusLink second(LineSettings{slave.port(), 9600, 'N', 1});
  REQUIRE(first.open().has_value());
  const Status refused = second.open();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fault == Fault::unreachable);
  first.close();
  CHECK(second.open().has_value());
}

TEST_CASE("a descriptor that select() cannot take is refused, not fatal") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit before = limit;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 2048);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  FaultSlave tcp(Link::tcp);
  FaultSlave rtu(Link::rtu);
  std::vector<FileDescriptor> many;
  while (many.empty() || many.back().get() < 1100) {
    many.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    REQUIRE(many.back().is_open());
  }
  ModbusLink over_tcp(*parse_endpoint(tcp.port()));
  ModbusLink over_rtu(LineSettings{rtu.port(), 9600, 'N', 1});
  for (ModbusLink* link : {&over_tcp, &over_rtu}) {
    const Status refused = link->open();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == EMFILE);
    CHECK_FALSE(link->is_open());
  }
  many.clear();
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("endpoints are numeric") {
  CHECK(parse_endpoint("127.0.0.1:502")->port == 502);
  CHECK(parse_endpoint("[::1]:502")->host == "::1");
  for (const char* wrong :
       {"device.local:502", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:5x", ""})
    CHECK_FALSE(parse_endpoint(wrong).has_value());
}

TEST_CASE("nobody listens: unreachable, within the connect timeout") {
  std::string port;
  { port = FaultSlave(Link::tcp).port(); }
  ModbusLink link(*parse_endpoint(port));
  const Status refused = link.open();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fault == Fault::unreachable);
}

}  // namespace tocsin::io
