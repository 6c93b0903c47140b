// What the analysis promises holds for random buses in virtual time, with everything going wrong at the worst
// moment.

#include "drivers/driver/analysis.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include <doctest/doctest.h>

#include "tests/unit/driver/fake_driver.h"
#include "tests/unit/driver/virtual_bus.h"

namespace tocsin::driver {

namespace {

int plans_to_try() {
  const char* text = std::getenv("TOCSIN_MODEL_PLANS");
  return text != nullptr ? std::atoi(text) : 60;
}

using Random = std::mt19937_64;
int pick(Random& random, int least, int most) {
  return std::uniform_int_distribution<int>(least, most)(random);
}

struct Trial {
  std::vector<PlannedDevice> devices;
  LineCost line;
  Budget budget;
  std::size_t device = 0;  // the life-safety point that changes
  std::optional<std::size_t> dead;
};

PlannedDevice random_device(Random& random, int number) {
  static constexpr int periods_ms[] = {200, 500, 1000, 1000, 2000, 5000, 10000};
  Limits limits;
  limits.answer = pick(random, 5, 50) * 1ms;
  limits.turnaround = pick(random, 2, 20) * 1ms;
  limits.response_timeout = pick(random, 100, 500) * 1ms;
  limits.retries = pick(random, 0, 2);
  std::vector<PointSpec> points;
  const int count = pick(random, 1, 4);
  for (int i = 0; i < count; ++i) {
    const bool life_safety = number == 0 ? i == 0 : pick(random, 0, 1) == 0;
    points.push_back(fake_point("p" + std::to_string(i), pick(random, 0, 200),
                                periods_ms[pick(random, 0, 6)] * 1ms, life_safety));
    points.back().deadline = pick(random, 2, 6) * 1s;
    points.back().writable = number == 0 && i == 0;
  }
  return fake_device("d" + std::to_string(number), std::move(points), limits);
}

Trial random_trial(Random& random) {
  static constexpr int bauds[] = {9600, 19200, 38400, 57600, 115200};
  Trial trial;
  const int devices = pick(random, 1, 32);
  for (int i = 0; i < devices; ++i) trial.devices.push_back(random_device(random, i));
  const bool network = pick(random, 0, 2) == 0;
  trial.line = network ? tcp_line() : serial_line(bauds[pick(random, 0, 4)], 'N', 1);
  trial.budget = {pick(random, 1, 2), pick(random, 0, 2), false};
  if (devices > 2 && pick(random, 0, 2) == 0) {
    trial.dead = static_cast<std::size_t>(pick(random, 1, devices - 1));
    trial.budget.dead = true;
  }
  return trial;
}

// The field of one trial: quiet, then at one moment everything happens at once.
class Storm {
 public:
  Storm(const Trial& trial, Random& random)
      : trial_(trial), random_(random), victim_(choose_victim()), bus_(trial.devices, trial.line) {
    bus_.pace = [this] { return 1.0 - pick(random_, 0, 50) * 0.001; };
    bus_.value_of = [this](std::size_t device, std::size_t point) { return value_of(device, point); };
    bus_.fault_of = [this](std::size_t device, const Span& span) { return fault_of(device, span); };
    bus_.published = [this](std::size_t device, const Sample& sample) {
      if (device == 0 && sample.point == 0) seen_ = sample.value;
      if (changed_) flips_[{device, sample.point}] ^= true;
    };
  }

  // From the change of point 0 of device 0, just after it was read, to the agreed reading.
  std::optional<Duration> detection(Duration longest) {
    if (!settle(longest)) return std::nullopt;
    const int before = bus_.reads().at(0);
    if (!bus_.run_while([&] { return bus_.reads().at(0) == before; }, longest)) return std::nullopt;
    const MonoTime sampled = last_start_;
    changed_ = true;
    faults_ = trial_.budget.faults;
    for (int i = 0; i < trial_.budget.commands; ++i) bus_.command([] {});
    if (!bus_.run_while([&] { return seen_ != Value{true}; }, 10 * longest)) return std::nullopt;
    return bus_.now() - sampled;
  }

  // From the last of the budget's commands, given just after a conversation began, to its end.
  std::optional<Duration> actuation(Duration longest) {
    if (!settle(longest)) return std::nullopt;
    MonoTime given{};
    int left = trial_.budget.commands;

    bool begun = false;
    const bool during_probe = trial_.dead && pick(random_, 0, 1) == 0;
    at_start_ = [&](std::size_t device) {
      if (begun || (during_probe && device != trial_.dead)) return;
      begun = true;
      given = last_start_;
      faults_ = trial_.budget.faults;
      changed_ = true;

      for (int i = 0; i < trial_.budget.commands; ++i) bus_.command([&left] { --left; });
    };
    if (!bus_.run_while([&] { return left > 0; }, 10 * longest + 70s))
      return std::nullopt;  // a probe may be a minute away
    return bus_.now() - given;
  }

 private:
  bool settle(Duration longest) {
    const bool known = bus_.run_while([&] { return !(seen_ == Value{false}); }, 20 * longest + 60s);
    bus_.run_until(bus_.now() + pick(random_, 20, 60) * 1s);
    return known;
  }

  // After the change every other point moves between its conversations: each read is followed by a second
  // one.
  Value value_of(std::size_t device, std::size_t point) {
    if (device == 0 && point == 0) return changed_;
    return changed_ && !flips_[{device, point}];
  }

  // Whose conversations fail: the first that come, those of the changed point, or the most expensive.
  std::optional<std::size_t> choose_victim() {
    const int choice = pick(random_, 0, 2);
    if (choice == 0) return std::nullopt;
    if (choice == 1) return 0;
    std::size_t worst = 0;
    Duration longest{};
    for (const PlannedRead& read : planned_reads(trial_.devices, trial_.line)) {
      if (trial_.dead == read.device || read.failed <= longest) continue;
      worst = read.device;
      longest = read.failed;
    }
    return worst;
  }

  std::optional<Fault> fault_of(std::size_t device, const Span& span) {
    if (!span.points.empty()) last_start_ = bus_.now();
    if (at_start_ && !span.points.empty()) at_start_(device);
    if (trial_.dead == device) return Fault::timeout;

    const bool chosen = !victim_ || victim_ == device;
    if (faults_ == 0 || !chosen) return std::nullopt;
    --faults_;
    return Fault::timeout;
  }

  const Trial& trial_;
  Random& random_;
  std::optional<std::size_t> victim_;
  VirtualBus bus_;
  Value seen_;
  bool changed_ = false;
  std::map<std::pair<std::size_t, std::size_t>, bool> flips_;

  int faults_ = 0;
  MonoTime last_start_{};
  std::function<void(std::size_t device)> at_start_;
};

constexpr int storms_per_plan = 4;

double ratio(Duration computed, Duration measured) {
  return static_cast<double>(computed.count()) / static_cast<double>(measured.count());
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace

TEST_CASE("no measured detection or actuation is longer than the computed one") {
  std::vector<double> detections, actuations;
  for (int seed = 1; seed <= plans_to_try(); ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const Trial trial = random_trial(random);
    const Analysis analysis = analyse(trial.devices, trial.line, trial.budget);
    const auto bound = std::ranges::find(analysis.detections, "d0/p0", &Detection::point);
    REQUIRE(bound != analysis.detections.end());
    CAPTURE(seed);
    CAPTURE(to_ms(bound->worst));
    Duration detection{}, actuation{};
    for (int i = 0; i < storms_per_plan; ++i) {
      const auto measured = Storm(trial, random).detection(bound->worst);
      REQUIRE(measured.has_value());
      detection = std::max(detection, *measured);
    }
    CHECK(to_ms(detection) <= to_ms(bound->worst));
    detections.push_back(ratio(bound->worst, detection));

    if (trial.budget.commands == 0) continue;
    const Duration worst = analysis.actuations.at(0).worst;
    for (int i = 0; i < storms_per_plan; ++i) {
      const auto measured = Storm(trial, random).actuation(bound->worst);
      REQUIRE(measured.has_value());
      actuation = std::max(actuation, *measured);
    }
    CHECK(to_ms(actuation) <= to_ms(worst));
    actuations.push_back(ratio(worst, actuation));
  }
  MESSAGE("computed / measured, median of " << detections.size() << ": detection " << median(detections)
                                            << ", actuation " << median(actuations));
  CHECK(median(detections) <= 2.0);
  CHECK(median(actuations) <= 2.0);
}

TEST_CASE("on a full line every other read goes first, and the bound says so") {
  Trial trial;
  for (int i = 0; i < 26; ++i)
    trial.devices.push_back(fake_device("d" + std::to_string(i), {fake_point("p", 0, 1s, true)}));
  trial.line = serial_line(9600, 'N', 1);
  trial.budget = {0, 0, false};
  const Analysis analysis = analyse(trial.devices, trial.line, trial.budget);
  const Duration computed = analysis.detections.at(0).worst;
  Random random(1);
  Duration measured{};
  for (int i = 0; i < 10; ++i) measured = std::max(measured, *Storm(trial, random).detection(computed));
  CHECK(to_ms(measured) <= to_ms(computed));
  CHECK(to_ms(measured) > to_ms(computed / 2));
  CHECK(analysis.load > 1);
}

}  // namespace tocsin::driver
