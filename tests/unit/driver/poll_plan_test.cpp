#include "drivers/driver/poll_plan.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "tests/unit/driver/fake_driver.h"
#include "tests/unit/driver/virtual_bus.h"

namespace tocsin::driver {

namespace {

const LineCost line = serial_line(9600, 'N', 1);

PlannedDevice smoke_device(const std::string& name, Limits limits = {}) {
  return fake_device(name, {fake_point("smoke", 0, 1s, true)}, limits);
}

struct Log {
  std::vector<Sample> samples;
  std::vector<bool> online;
  void listen(VirtualBus& bus, std::size_t wanted = 0) {
    bus.published = [this, wanted](std::size_t device, const Sample& sample) {
      if (device == wanted) samples.push_back(sample);
    };
    bus.presence = [this, wanted](std::size_t device, bool here) {
      if (device == wanted) online.push_back(here);
    };
  }
  int count(const Value& value) const {
    return static_cast<int>(std::ranges::count(samples, value, &Sample::value));
  }
  int count(Fault fault) const {
    return static_cast<int>(std::ranges::count(samples, std::optional{fault}, &Sample::fault));
  }
};

}  // namespace

TEST_CASE("every point is read once per period") {
  VirtualBus bus({fake_device("a", {fake_point("p", 0, 1s)}), fake_device("b", {fake_point("p", 0, 5s)})},
                 line);
  bus.run_until(MonoTime{100s});
  CHECK(bus.reads().at(0) == 100);
  CHECK(bus.reads().at(1) == 20);
}

TEST_CASE("a single wrong answer is never published, not even as an alarm that clears again") {
  VirtualBus bus({smoke_device("a")}, line);
  Log log;
  log.listen(bus);
  int reads = 0;
  bus.value_of = [&](std::size_t, std::size_t) { return Value{++reads % 7 == 0}; };
  bus.run_until(MonoTime{100s});
  CHECK(log.count(Value{true}) == 0);
  CHECK(log.count(Value{false}) > 90);
  CHECK(log.count(Fault::not_agreed) == 0);
}

TEST_CASE("a change is published when a second read agrees, at once") {
  VirtualBus bus({smoke_device("a")}, line);
  Log log;
  log.listen(bus);
  bool smoke = false;
  bus.value_of = [&](std::size_t, std::size_t) { return Value{smoke}; };
  bus.run_until(MonoTime{10s});
  const int before = bus.reads().at(0);
  smoke = true;
  REQUIRE(bus.run_while([&] { return log.count(Value{true}) == 0; }, 2s));
  CHECK(bus.reads().at(0) == before + 2);
}

TEST_CASE("three reads of which no two agree are bad:not-agreed") {
  VirtualBus bus({smoke_device("a")}, line);
  Log log;
  log.listen(bus);
  std::int64_t reads = 0;
  bus.value_of = [&](std::size_t, std::size_t) { return Value{++reads}; };
  bus.run_until(MonoTime{10s});
  CHECK(log.samples.size() == 10);
  CHECK(log.count(Fault::not_agreed) == 10);
  CHECK_FALSE(bus.plan().misses(bus.now()).empty());
}

TEST_CASE("a lost answer is asked for again within the same read") {
  Limits limits;
  limits.response_timeout = 100ms;
  VirtualBus bus({smoke_device("a", limits)}, line);
  Log log;
  log.listen(bus);
  int attempts = 0;
  bus.fault_of = [&](std::size_t, const Span&) {
    return ++attempts > 2 && attempts % 5 < 2 ? std::optional{Fault::timeout} : std::nullopt;
  };
  bus.run_until(MonoTime{60s});
  CHECK(log.count(Fault::timeout) == 0);
  CHECK(log.online == std::vector<bool>{true});
}

TEST_CASE("a device is lost after three failures, all its points turn bad, and it comes back by a probe") {
  VirtualBus bus({fake_device("a", {fake_point("p", 0, 1s), fake_point("q", 9000, 60s)})}, line);
  Log log;
  log.listen(bus);
  bus.run_until(MonoTime{10s});
  bool dead = true;
  bus.fault_of = [&](std::size_t, const Span&) {
    return dead ? std::optional{Fault::timeout} : std::nullopt;
  };
  REQUIRE(bus.run_while([&] { return log.online.size() < 2; }, 20s));
  CHECK_FALSE(log.online.back());
  std::set<std::size_t> bad;
  for (const Sample& sample : log.samples)
    if (sample.fault == Fault::timeout) bad.insert(sample.point);
  CHECK(bad == std::set<std::size_t>{0, 1});
  bus.run_until(bus.now() + 60s);
  dead = false;
  log.samples.clear();
  REQUIRE(bus.run_while([&] { return log.samples.size() < 2; }, 5s));  // nobody else needs the line
  CHECK(log.online.back());
}

TEST_CASE("dead devices take at most 5 % of the time that live ones use, when those need all of it") {
  std::vector<PlannedDevice> devices;
  for (int i = 0; i < 20; ++i)
    devices.push_back(fake_device("live" + std::to_string(i), {fake_point("p", 0, 100ms)}));
  for (int i = 0; i < 10; ++i) devices.push_back(smoke_device("dead" + std::to_string(i)));
  VirtualBus bus(devices, line);
  bus.fault_of = [](std::size_t device, const Span&) {
    return device >= 20 ? std::optional{Fault::timeout} : std::nullopt;
  };
  bus.run_until(MonoTime{60s});  // the dead are found out
  const Duration probed = bus.probed();
  const Duration busy = bus.busy();
  bus.run_until(MonoTime{1060s});
  const double share =
      static_cast<double>((bus.probed() - probed).count()) / static_cast<double>((bus.busy() - busy).count());
  CHECK(share <= 0.051);
  CHECK(share >= 0.03);  // and they are probed
}

TEST_CASE("time that nobody needs is free for probes") {
  Limits quick;
  quick.response_timeout = 100ms;
  VirtualBus bus({fake_device("live", {fake_point("p", 0, 2s)}), smoke_device("dead", quick)}, line);
  bus.fault_of = [](std::size_t device, const Span&) {
    return device == 1 ? std::optional{Fault::timeout} : std::nullopt;
  };
  bus.run_until(MonoTime{100s});
  CHECK(bus.reads().at(0) == 50);
  CHECK(bus.reads().at(1) > 50);
}

TEST_CASE("a lost device comes back although the pauses of a fast line are all shorter than a probe") {
  const LineCost fast = tcp_line();
  std::vector<PlannedDevice> devices;
  for (int i = 0; i < 4; ++i)
    devices.push_back(fake_device("live" + std::to_string(i), {fake_point("p", 0, 100ms)}));
  devices.push_back(smoke_device("away"));
  VirtualBus bus(devices, fast);
  Log log;
  log.listen(bus, 4);
  bus.fault_of = [&](std::size_t device, const Span&) {
    return device == 4 && bus.now() < MonoTime{60s} ? std::optional{Fault::timeout} : std::nullopt;
  };
  bus.run_until(MonoTime{60s});
  CHECK_FALSE(log.online.back());
  REQUIRE(bus.run_while([&] { return !log.online.back(); }, 70s));
  CHECK(log.online.back());
}

TEST_CASE("a device that comes and goes costs less each time") {
  VirtualBus bus({fake_device("live", {fake_point("p", 0, 100ms)}), smoke_device("flapping")}, line);
  bus.fault_of = [&](std::size_t device, const Span&) {
    const bool up = bus.now().time_since_epoch() / 4s % 2 == 0;
    return device == 1 && !up ? std::optional{Fault::timeout} : std::nullopt;
  };
  bus.run_until(MonoTime{1000s});
  CHECK(bus.probed() < 100s);
  CHECK(bus.reads().at(0) > 8000);
}

TEST_CASE("a refused read splits until the refusing point stands alone, and nothing else is lost") {
  std::vector<PointSpec> points;
  for (int i = 0; i < 8; ++i) points.push_back(fake_point("p" + std::to_string(i), i, 1s));
  VirtualBus bus({fake_device("a", points)}, line);
  Log log;
  log.listen(bus);
  bus.fault_of = [](std::size_t, const Span& span) {
    const bool covers_five = span.first <= 5 && span.first + span.count > 5;
    return covers_five ? std::optional{Fault::exception} : std::nullopt;
  };
  bus.run_until(MonoTime{20s});
  CHECK(bus.plan().spans(0).size() == 4);  // 0-3, 4, 5, 6-7
  CHECK(log.online == std::vector<bool>{true});
  CHECK(log.count(Fault::exception) >= 19);
  CHECK(log.count(Value{false}) >= 7 * 19);
}

TEST_CASE("one refusal of a read that was answered before changes nothing") {
  VirtualBus bus({fake_device("a", {fake_point("p", 0, 1s), fake_point("q", 1, 1s)})}, line);
  Log log;
  log.listen(bus);
  int attempts = 0;
  bus.fault_of = [&](std::size_t, const Span&) {
    return ++attempts % 4 == 0 ? std::optional{Fault::exception} : std::nullopt;
  };
  bus.run_until(MonoTime{100s});
  CHECK(bus.plan().spans(0).size() == 1);
  CHECK(log.count(Value{false}) == 150);
  CHECK(log.count(Fault::exception) == 50);
}

TEST_CASE("a gone line blames no device, and its return reads everything at once") {
  PollPlan plan({smoke_device("a"), smoke_device("b")}, line);
  MonoTime now{};
  for (int i = 0; i < 20; ++i) {
    REQUIRE(plan.next(now, false).kind == Decision::Kind::poll);
    const Finished finished = plan.finished(now, now + 10ms, fail(Fault::io));
    CHECK_FALSE(finished.online.has_value());
    CHECK(finished.publish.empty());
    now += 10ms;
  }
  plan.restart(now);
  CHECK(plan.next(now, false).kind == Decision::Kind::poll);
}

TEST_CASE("the first start spreads the reads of a line over their period, and lines among each other") {
  const auto starts = [](const std::vector<std::string>& names) {
    std::vector<PlannedDevice> devices;
    for (const std::string& name : names) devices.push_back(smoke_device(name));
    PollPlan plan(std::move(devices), line);
    plan.restart(MonoTime{});
    std::vector<Duration> due;
    for (MonoTime now{}; now < MonoTime{1s};) {
      const Decision decision = plan.next(now, false);
      if (decision.kind == Decision::Kind::poll) {
        due.push_back(now.time_since_epoch());
        plan.finished(now, now, Samples{});
      } else {
        now = decision.until;
      }
    }
    return due;
  };
  const auto four = starts({"a", "b", "c", "d"});
  REQUIRE(four.size() == 4);
  for (std::size_t i = 1; i < four.size(); ++i) {
    CHECK(four[i] - four[i - 1] > 249ms);
    CHECK(four[i] - four[i - 1] < 251ms);
  }
  CHECK(starts({"e", "b", "c", "d"}).front() != four.front());
}

TEST_CASE("commands go first, but a due read is not held up by more than four") {
  PollPlan plan({smoke_device("a")}, line);
  int commands = 0;
  while (plan.next(MonoTime{1s}, true).kind == Decision::Kind::command) ++commands;
  CHECK(commands == PollPlan::commands_in_a_row);
}

TEST_CASE("a life-safety read that takes longer than its deadline is reported") {
  VirtualBus bus({smoke_device("a")}, line);
  bool refuses = false;
  bus.fault_of = [&](std::size_t, const Span&) {
    return refuses ? std::optional{Fault::exception} : std::nullopt;
  };
  bus.run_until(MonoTime{10s});
  CHECK(bus.plan().misses(bus.now()).empty());
  refuses = true;
  bus.run_until(MonoTime{15s});
  const auto misses = bus.plan().misses(bus.now());
  REQUIRE(misses.size() == 1);
  CHECK(to_string(misses[0].point) == "a/smoke");
  CHECK(misses[0].measured > 3s);
}

TEST_CASE("the time a device was away is no late detection: it was told lost") {
  VirtualBus bus({smoke_device("a"), smoke_device("b")}, line);
  bool away = false;
  bus.fault_of = [&](std::size_t device, const Span&) {
    return away && device == 1 ? std::optional{Fault::timeout} : std::nullopt;
  };
  bus.run_until(MonoTime{10s});
  away = true;
  bus.run_until(MonoTime{40s});
  REQUIRE_FALSE(bus.plan().online(1));
  CHECK(bus.plan().misses(bus.now()).empty());
  away = false;
  REQUIRE(bus.run_while([&] { return !bus.plan().online(1); }, 120s));
  bus.run_until(bus.now() + 5s);
  CHECK(bus.plan().misses(bus.now()).empty());
}

}  // namespace tocsin::driver
