#include "core/alarm/condition.h"

#include <cmath>

#include "core/alarm/threshold.h"
#include "support.h"

using namespace tocsin;
using namespace tocsin::alarm;

namespace {

// Feeds one condition and remembers what it said, as a rule does.
struct Probe {
  explicit Probe(Condition tested, Duration period = {})
      : condition(std::move(tested)), memory(memory_for(condition, period)) {}
  bool feed(const Value& value, Duration time) {
    if (const auto found = on_sample(condition, memory, value, MonoTime{time}, present)) {
      present = found->present;
      measured = found->measured;
    }
    return present;
  }
  Condition condition;
  Memory memory;
  bool present = false;
  Value measured;
};

}  // namespace

TEST_CASE("limits with deadband") {
  struct Row {
    Condition condition;
    std::vector<std::pair<double, bool>> values;  // in order: value, in alarm
  };
  const std::vector<Row> rows{
      {Above{10, 1}, {{9.99, false}, {10, true}, {9, true}, {8.99, false}, {9.5, false}, {10, true}}},
      {Above{10, 0}, {{9.9, false}, {10, true}, {9.9, false}}},
      {Below{19.5, 0.2}, {{20.9, false}, {19.5, true}, {19.7, true}, {19.71, false}, {19.6, false}}},
      {Above{23.5, 0}, {{20.9, false}, {23.5, true}}},
  };
  for (const Row& row : rows) {
    Probe probe(row.condition);
    Duration time{};
    for (const auto& [value, expected] : row.values) {
      CAPTURE(value);
      CHECK(probe.feed(value, time += 1s) == expected);
      CHECK(probe.measured == Value(value));
    }
  }
}

TEST_CASE("bits and members") {
  Probe smoke{AnyBit{}};
  CHECK(smoke.feed(true, 1s));
  CHECK_FALSE(smoke.feed(false, 2s));
  Probe status{AnyBit{0b0110}};
  CHECK_FALSE(status.feed(std::int64_t{0b1001}, 1s));
  CHECK(status.feed(std::int64_t{0b0100}, 2s));
  CHECK(status.feed(2.0, 3s));
  Probe fault{Equals{3}};
  CHECK_FALSE(fault.feed(std::int64_t{2}, 1s));
  CHECK(fault.feed(std::int64_t{3}, 2s));
  CHECK(fault.feed(2.5, 3s));  // a fraction is no member: what was said stands
  CHECK(fault.feed(std::string("3"), 4s));
  CHECK_FALSE(as_integer(Value(1e300)).has_value());
  CHECK(as_integer(Value(std::int64_t{-5})) == -5);
}

TEST_CASE("rate of rise is measured over the window") {
  Probe heat{RateOfRise{8.3, 60s}};  // EN 54-5: 8.3 K/min and more is a fast fire
  Duration time{};
  double temperature = 20;
  for (; time < 2min; time += 2s) CHECK_FALSE(heat.feed(temperature, time));
  for (; time < 4min; time += 2s) heat.feed(temperature += 8.0 / 30, time);
  CHECK_FALSE(heat.present);
  CHECK(std::get<double>(heat.measured) == doctest::Approx(8.0));
  const Duration rise = time;
  for (; time < 6min && !heat.present; time += 2s) heat.feed(temperature += 9.0 / 30, time);
  CHECK(heat.present);
  CHECK(time - rise < 60s);
  for (; time < 10min; time += 2s) heat.feed(temperature, time);
  CHECK_FALSE(heat.present);
}

TEST_CASE("two neighbouring samples are no rate") {
  Probe heat{RateOfRise{8.3, 60s}};
  heat.feed(20.0, 0s);
  CHECK_FALSE(heat.feed(21.0, 1s));
  CHECK_FALSE(heat.feed(21.0, 29s));
  CHECK_FALSE(heat.feed(21.0, 200s));  // nothing in the window to compare with
}

TEST_CASE("a value that never changes is stuck; silence is not its matter") {
  Probe meter{Stuck{1h}};
  CHECK_FALSE(meter.feed(1.5, 0s));
  CHECK_FALSE(meter.feed(1.5, 59min));
  CHECK(meter.feed(1.5, 60min));
  CHECK_FALSE(meter.feed(1.6, 61min));
  CHECK_FALSE(meter.feed(1.6, 120min));
  CHECK(meter.feed(1.6, 121min));
}

TEST_CASE("the half of a stuck time is saved once") {
  const Condition condition = Stuck{1h};
  Memory memory = memory_for(condition, {});
  int saves = 0;
  for (Duration time{}; time < 1h; time += 1min)
    saves += on_sample(condition, memory, Value(7.0), MonoTime{time}, false)->save;
  CHECK(saves == 1);
}

TEST_CASE("thresholds are told") {
  CHECK(threshold_of(Above{10, 1}) == 10);
  CHECK(threshold_of(Below{19.5, 0}) == 19.5);
  CHECK(threshold_of(RateOfRise{8.3, 60s}) == 8.3);
  CHECK(threshold_of(Stel{30}) == 30);
  CHECK_FALSE(threshold_of(AnyBit{}).has_value());
}
