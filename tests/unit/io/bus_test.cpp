// The whole way: Bus, plan, pump, libmodbus, a device on a pseudo terminal or a socket. Bounded in time.

#include "gateway/bus/bus.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include <doctest/doctest.h>

#include "tests/support/fault_slave.h"

namespace tocsin {

namespace {

using support::FaultSlave;
using support::Trick;

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

driver::PointSpec point(const std::string& name, const std::string& table, int address) {
  driver::PointSpec spec;
  spec.name = name;
  spec.source = {{"table", table}, {"address", std::int64_t{address}}};
  spec.period = 50ms;
  return spec;
}

std::shared_ptr<driver::Profile> profile() {
  auto made = std::make_shared<driver::Profile>();
  made->name = "test/io";
  made->protocol = "modbus";
  made->limits.response_timeout = 100ms;
  made->limits.turnaround = 1ms;
  made->points = {point("smoke", "discrete", 2), point("level", "holding", 10), point("relay", "coil", 0)};
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

}  // namespace tocsin
