// The whole way: Bus, plan, pump, libmodbus, a device on a pseudo terminal or a socket. Bounded in time.

#include "gateway/bus/bus.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <filesystem>
#include <mutex>

#include <doctest/doctest.h>

#include "gateway/bus/health_points.h"
#include "tests/support/fault_slave.h"
#include "tests/support/temp_dir.h"

namespace tocsin {

namespace {

using test::FaultSlave;
using test::Trick;

// The owner's thread: runs what the bus posts.
class Owner {
 public:
  bus::Post post() {
    return [this](std::function<void()> action) {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(action));
      changed_.notify_one();
    };
  }
  template <class Condition>
  bool run_until(Condition condition, std::chrono::milliseconds longest = std::chrono::seconds{10}) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!condition()) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_until(lock, end, [this] { return !posted_.empty(); })) return false;
      auto action = std::move(posted_.front());
      posted_.pop_front();
      lock.unlock();
      action();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> posted_;
};

Stamp now() {
  Stamp stamp;
  stamp.mono =
      MonoTime{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
  stamp.utc = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return stamp;
}

driver::PointSpec point(const std::string& name, const std::string& table, int address, Duration period) {
  driver::PointSpec spec;
  spec.name = name;
  spec.source = {{"table", table}, {"address", std::int64_t{address}}};

  spec.period = period;
  return spec;
}

std::shared_ptr<driver::Profile> profile(Duration period = 50ms) {
  auto made = std::make_shared<driver::Profile>();
  made->name = "test/io";
  made->protocol = "modbus";
  made->limits.response_timeout = 100ms;
  made->limits.turnaround = 1ms;
  made->points = {point("smoke", "discrete", 2, period), point("level", "holding", 10, period),
                  point("relay", "coil", 0, period)};
  made->points[0].life_safety = true;
  made->points[2].writable = true;
  return made;
}

struct Setup {
  explicit Setup(FaultSlave::Link link) : slave(link) {
    for (const int unit : {1, 2}) {
      slave.set_bit(unit, 0, false);
      slave.set_bit(unit, 2, false);
      slave.set_register(unit, 10, static_cast<std::uint16_t>(100 * unit));
    }
    spec.name = "riser";
    spec.kind = link == FaultSlave::Link::rtu ? bus::Kind::modbus_rtu : bus::Kind::modbus_tcp;
    spec.port = slave.port();
    spec.devices = {{"one", profile(), "1", {}, {}}, {"two", profile(), "2", {}, {}}};
  }
  void start() {
    bus::BusEvents events;
    events.readings = [this](std::vector<Reading> batch) {
      for (Reading& reading : batch) {
        history.push_back(reading);
        latest[to_string(reading.id)] = std::move(reading);
      }
    };
    events.device = [this](const std::string& device, bool online, const Error&) {
      devices[device] = online;
    };
    events.line = [this](bool open, const Error&) { lines.push_back(open); };
    events.detection = [this](const PointId& point, std::optional<std::string> miss) {
      late[to_string(point)] = std::move(miss);
    };
    bus.emplace(spec, owner.post(), now, events);
  }
  bool has(const std::string& id, const Value& value) {
    const auto found = latest.find(id);
    return found != latest.end() && found->second.value == value;
  }

  FaultSlave slave;
  bus::BusSpec spec;
  Owner owner;
  std::map<std::string, Reading> latest;
  std::vector<Reading> history;
  std::map<std::string, bool> devices;
  std::vector<bool> lines;
  std::map<std::string, std::optional<std::string>> late;  // detection over its deadline
  std::optional<bus::Bus> bus;
};

void reads_and_writes(FaultSlave::Link link) {
  Setup setup(link);
  setup.start();
  REQUIRE(setup.owner.run_until(
      [&] { return setup.has("one/smoke", false) && setup.has("two/level", std::int64_t{200}); }));
  CHECK(setup.devices == std::map<std::string, bool>{{"one", true}, {"two", true}});
  CHECK(setup.lines == std::vector<bool>{true});

  setup.slave.set_bit(1, 2, true);
  CHECK(setup.owner.run_until([&] { return setup.has("one/smoke", true); }));

  std::optional<Status> written;
  setup.bus->write({"two", "relay"}, true, [&](Status status) { written = std::move(status); });
  REQUIRE(setup.owner.run_until([&] { return written.has_value(); }));
  CHECK(written->has_value());
  CHECK(setup.slave.get(2, true, 0) == 1);
  CHECK(setup.owner.run_until([&] { return setup.has("two/relay", true); }));
}

}  // namespace

TEST_CASE("a bus reads, confirms and writes over RTU") {
  reads_and_writes(FaultSlave::Link::rtu);
}
TEST_CASE("a bus reads, confirms and writes over TCP") {
  reads_and_writes(FaultSlave::Link::tcp);
}

TEST_CASE("a dead device turns bad and is lost, its neighbour goes on") {
  Setup setup(FaultSlave::Link::rtu);

  setup.spec.devices[1].profile = profile(1s);  // leaves time for probes
  setup.start();
  REQUIRE(setup.owner.run_until([&] { return setup.devices.size() == 2; }));
  setup.slave.remove_unit(1);
  REQUIRE(setup.owner.run_until([&] { return !setup.devices["one"]; }));
  REQUIRE(setup.owner.run_until([&] { return setup.latest["one/smoke"].quality == Quality::bad; }));
  CHECK(setup.latest["one/smoke"].fault == Fault::timeout);
  CHECK_FALSE(has_value(setup.latest["one/smoke"].value));
  setup.history.clear();
  REQUIRE(setup.owner.run_until([&] { return setup.history.size() > 10; }));
  CHECK(setup.latest["two/smoke"].quality == Quality::good);
  setup.slave.set_bit(1, 0, false);
  setup.slave.set_bit(1, 2, true);
  setup.slave.set_register(1, 10, 5);
  REQUIRE(setup.owner.run_until([&] { return setup.has("one/smoke", true); }));
  CHECK(setup.devices["one"]);
}

TEST_CASE("an unplugged adapter is the line's fault, and plugging it in again is enough") {
  test::TempDir folder;
  const std::string port = (folder.path() / "rs485").string();
  auto setup = std::make_unique<Setup>(FaultSlave::Link::rtu);
  std::filesystem::create_symlink(setup->slave.port(), port);
  setup->spec.port = port;
  setup->start();
  REQUIRE(setup->owner.run_until([&] { return setup->has("one/smoke", false); }));
  setup->slave.unplug();
  REQUIRE(setup->owner.run_until([&] { return setup->lines.size() == 2; }));
  CHECK_FALSE(setup->lines.back());
  REQUIRE(setup->owner.run_until([&] { return setup->latest["one/smoke"].quality == Quality::bad; }));
  std::optional<Status> refused;
  setup->bus->write({"one", "relay"}, true, [&](Status status) { refused = std::move(status); });
  REQUIRE(setup->owner.run_until([&] { return refused.has_value(); }));
  CHECK_FALSE(refused->has_value());

  setup->slave.plug_in();
  std::filesystem::remove(port);
  std::filesystem::create_symlink(setup->slave.port(), port);
  REQUIRE(setup->owner.run_until([&] { return setup->has("one/smoke", false); }));
  CHECK(setup->lines.back());
}

TEST_CASE("a connection that the device closes is opened again without a word") {
  Setup setup(FaultSlave::Link::tcp);
  setup.start();
  REQUIRE(
      setup.owner.run_until([&] { return setup.has("one/smoke", false) && setup.has("two/smoke", false); }));
  setup.slave.play(Trick::hang_up);
  setup.history.clear();
  REQUIRE(setup.owner.run_until([&] { return setup.history.size() > 10; }));
  CHECK(setup.slave.connections() == 2);
  CHECK(setup.lines == std::vector<bool>{true});
  for (const Reading& reading : setup.history) CHECK(reading.quality == Quality::good);
}

TEST_CASE("late answers never become a reading of another point") {
  for (const auto link : {FaultSlave::Link::rtu, FaultSlave::Link::tcp}) {
    Setup setup(link);
    setup.slave.set_bit(2, 2, true);  // what a shifted answer would show as smoke at device one
    setup.start();
    REQUIRE(
        setup.owner.run_until([&] { return setup.has("one/smoke", false) && setup.has("two/smoke", true); }));
    for (int i = 0; i < 4; ++i) {
      setup.slave.play(Trick::late, 130ms);
      setup.slave.play(Trick::none, {}, 9);
    }
    setup.history.clear();
    setup.owner.run_until([] { return false; }, std::chrono::seconds{4});
    int smoke = 0;
    for (const Reading& reading : setup.history) {
      if (reading.quality != Quality::good) continue;
      if (reading.id.point == "smoke") CHECK(reading.value == Value{reading.id.device == "two"});
      if (reading.id.point == "level")
        CHECK(reading.value == Value{std::int64_t{reading.id.device == "two" ? 200 : 100}});
      ++smoke;
    }
    CHECK(smoke > 20);
    CHECK(setup.bus->health().devices[0].timeouts + setup.bus->health().devices[1].timeouts >= 3);
  }
}

TEST_CASE("a live read, the trace and the health of a bus") {
  Setup setup(FaultSlave::Link::tcp);
  setup.start();
  REQUIRE(setup.owner.run_until([&] { return setup.has("two/level", std::int64_t{200}); }));
  std::optional<Result<std::vector<Reading>>> answer;
  setup.bus->read("two", [&](Result<std::vector<Reading>> result) { answer = std::move(result); });
  REQUIRE(setup.owner.run_until([&] { return answer.has_value(); }));
  REQUIRE(answer->has_value());
  CHECK((*answer)->size() == 3);
  setup.history.clear();
  setup.owner.run_until([] { return false; }, std::chrono::seconds{1});
  const bus::BusHealth health = setup.bus->health();
  CHECK(health.open);
  REQUIRE(health.devices.size() == 2);
  CHECK(health.devices[0].good > 10);
  CHECK(health.devices[0].answer_p50 > 0ns);
  CHECK(health.devices[0].answer_p99 >= health.devices[0].answer_p50);
  CHECK(health.deadline_misses.empty());
  const auto trace = setup.bus->trace();
  REQUIRE(trace.size() > 4);
  CHECK(trace.size() <= 512);
  CHECK(trace[0].substr(13, 6) == "> 01 0");
  for (const std::string& line : setup.bus->trace("two")) CHECK(line.substr(15, 2) == "02");
  const auto points = bus::health_points(health, Stamp{});
  REQUIRE(points.size() == 18);
  CHECK(to_string(points[0].id) == "one/bus.online");
  CHECK(points[0].value == Value{true});
  CHECK(points[1].value == Value{static_cast<std::int64_t>(health.devices[0].good)});
}

TEST_CASE("commands beyond the queue are refused, and none outlives the bus") {
  Setup setup(FaultSlave::Link::tcp);
  setup.slave.play(Trick::late, 90ms, 400);
  setup.start();
  int refused = 0;
  int done = 0;
  for (int i = 0; i < 300; ++i)
    setup.bus->write({"one", "relay"}, true, [&](Status status) {
      ++done;
      if (!status && status.error().fault == Fault::refused) ++refused;
    });
  REQUIRE(setup.owner.run_until([&] { return refused >= 40; }));
  const auto start = std::chrono::steady_clock::now();
  setup.bus.reset();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
  const int before = done;
  setup.owner.run_until([] { return false; }, std::chrono::milliseconds{100});
  CHECK(done == before);
}

TEST_CASE("a point that is detected too late is told as that, and told again when it is quick") {
  Setup setup(FaultSlave::Link::tcp);
  auto hasty = profile();
  hasty->points[0].deadline = 200ms;
  setup.spec.devices = {{"one", hasty, "1", {}, {}}};
  setup.start();
  REQUIRE(setup.owner.run_until([&] { return setup.has("one/smoke", false); }));
  CHECK(setup.late.empty());
  setup.slave.play(Trick::exception, {}, 60);
  REQUIRE(setup.owner.run_until([&] { return setup.late.contains("one/smoke"); }));
  REQUIRE(setup.late.at("one/smoke").has_value());
  CHECK(setup.late.at("one/smoke")->ends_with("its deadline is 200ms"));
  CHECK(setup.owner.run_until([&] { return !setup.late.at("one/smoke").has_value(); }));
}

// The processor time of this whole program, slave and bus.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

TEST_CASE("a babbling device is a fault, costs no spinning, and when it stops everything is read again") {
  for (const auto link : {FaultSlave::Link::rtu, FaultSlave::Link::tcp}) {
    Setup setup(link);
    setup.start();
    REQUIRE(setup.owner.run_until([&] { return setup.has("one/smoke", false); }));
    setup.slave.play(Trick::babble, 1500ms);
    const double before = cpu_seconds();
    setup.history.clear();
    setup.owner.run_until([] { return false; }, std::chrono::milliseconds{1400});
    if (link == FaultSlave::Link::rtu) CHECK(cpu_seconds() - before < 0.5);
    for (const Reading& reading : setup.history) CHECK_FALSE(reading.value == Value{true});
    setup.slave.set_bit(1, 2, true);
    CHECK(setup.owner.run_until([&] { return setup.has("one/smoke", true) && setup.devices["two"]; },
                                std::chrono::seconds{20}));
  }
}

TEST_CASE("a device that drips its answers is lost, and the other one keeps its period") {
  Setup setup(FaultSlave::Link::rtu);
  setup.start();
  REQUIRE(setup.owner.run_until([&] { return setup.has("two/level", std::int64_t{200}); }));
  setup.slave.play(Trick::dripped, 100ms, 1000, 1);
  REQUIRE(setup.owner.run_until([&] { return !setup.devices.at("one"); }, std::chrono::seconds{20}));
  setup.history.clear();
  setup.owner.run_until([] { return false; }, std::chrono::seconds{2});
  const auto good = std::ranges::count_if(setup.history, [](const Reading& reading) {
    return to_string(reading.id) == "two/level" && reading.quality == Quality::good;
  });
  CHECK(good > 15);  // of 40: a probe's answer drips on for 0.9 s after it was given up
}

TEST_CASE("unknown names are refused at once") {
  Setup setup(FaultSlave::Link::tcp);
  setup.start();
  std::optional<Fault> fault;
  setup.bus->write({"three", "relay"}, true, [&](Status status) { fault = status.error().fault; });
  REQUIRE(setup.owner.run_until([&] { return fault.has_value(); }));
  CHECK(fault == Fault::not_found);
}

}  // namespace tocsin
