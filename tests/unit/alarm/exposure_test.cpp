// TWA and STEL against a reference that integrates the true curve second by second; the times of EN 50291-1.

#include "core/alarm/exposure.h"

#include <cmath>
#include <numbers>
#include <random>

#include "core/alarm/condition.h"
#include "support.h"

using namespace tocsin;
using namespace tocsin::alarm;

namespace {

constexpr int profile_seconds = 12 * 3600;

// Ventilation cycles, a slow drift and a few leaks: ppm for every second of 12 hours.
std::vector<double> profile(unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  std::vector<double> ppm(profile_seconds);
  const double base = 2 + 20 * unit(random), swing = unit(random), cycle = 600 + 3000 * unit(random);
  for (int i = 0; i < profile_seconds; ++i)
    ppm[i] = base * (1 + swing * std::sin(2 * std::numbers::pi * i / cycle));
  for (int leak = 0; leak < 4; ++leak) {
    const int start = static_cast<int>(unit(random) * profile_seconds);
    const int length = 600 + static_cast<int>(3000 * unit(random));
    const double height = 100 * unit(random);
    for (int i = start; i < std::min(start + length, profile_seconds); ++i)
      ppm[i] += height * std::sin(std::numbers::pi * (i - start) / length);
  }
  return ppm;
}

double mean_before(const std::vector<double>& ppm, int second, int window, int divisor) {
  double sum = 0;
  for (int i = std::max(0, second - window); i < second; ++i) sum += ppm[i];
  return sum / divisor;
}

// Minutes until the dose condition is met; nothing within four hours.
std::optional<double> minutes_to_alarm(double ppm, Duration period) {
  DoseTimers timers;
  for (Duration time{}; time <= 4h; time += period)
    if (timers.add(ppm, MonoTime{time}).present)
      return std::chrono::duration<double, std::ratio<60>>(time).count();
  return std::nullopt;
}

}  // namespace

TEST_CASE("TWA and STEL are within 1 % of the integral on 20 profiles") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const auto ppm = profile(seed);
    std::mt19937 random(seed * 977);
    MinuteSlots twa(MinuteSlots::twa_minutes, 5s), stel(MinuteSlots::stel_minutes, 5s);
    int misses = 0;
    for (int second = 0; second < profile_seconds; second += 4 + static_cast<int>(random() % 3)) {
      if (second > 0 && random() % 20 == 0) continue;  // one reading in twenty is lost
      const MonoTime now{second * Duration{1s}};
      const std::size_t closed = twa.add(ppm[second], now);
      stel.add(ppm[second], now);
      const int minute = second / 60;
      if (closed == 0 || minute < 15 || minute % 7 != 0) continue;
      const double twa_true = mean_before(ppm, minute * 60, 480 * 60, 480 * 60);
      const double stel_true = mean_before(ppm, minute * 60, 15 * 60, 15 * 60);
      REQUIRE(stel.stel().has_value());
      misses += std::abs(twa.twa() - twa_true) > 0.01 * twa_true;
      misses += std::abs(*stel.stel() - stel_true) > 0.01 * stel_true;
    }
    CHECK(misses == 0);
  }
}

TEST_CASE("TWA is divided by 8 h, not by the time passed") {
  MinuteSlots slots(MinuteSlots::twa_minutes, 10s);
  for (Duration time{}; time <= 60min; time += 10s) slots.add(80, MonoTime{time});
  CHECK(slots.twa() == doctest::Approx(10));  // one hour of eight
  CHECK(slots.valid_minutes() == 60);
}

TEST_CASE("a minute needs half of its samples, is held for 2 minutes, and is unknown then") {
  MinuteSlots slots(MinuteSlots::stel_minutes, 10s);
  for (int i = 0; i < 6; ++i) slots.add(30, MonoTime{i * Duration{10s}});
  for (int i = 6; i < 8; ++i) slots.add(90, MonoTime{i * Duration{10s}});  // 2 of 6: too few
  slots.add(30, MonoTime{Duration{150s}});                                 // closes minutes 1 and 2
  CHECK(slots.valid_minutes() == 2);
  slots.add(30, MonoTime{Duration{310s}});  // minutes 3 (held), 4 and 5 (unknown) are over
  CHECK(slots.minutes() == 5);
  CHECK(slots.valid_minutes() == 3);
  CHECK(slots.twa() == doctest::Approx(3 * 30.0 / 480));
}

TEST_CASE("STEL says nothing with fewer than 12 of 15 minutes") {
  Memory memory = memory_for(Stel{30}, 10s);
  std::optional<Finding> found;
  Duration time{};
  for (; time < 12min; time += 10s) {
    found = on_sample(Stel{30}, memory, Value(100.0), MonoTime{time}, false);
    CHECK_FALSE(found.has_value());
  }
  found = on_sample(Stel{30}, memory, Value(100.0), MonoTime{time}, false);
  REQUIRE(found.has_value());
  CHECK(found->present);
  // A gap of 6 minutes: 2 are held, 4 unknown, and 11 of 15 are too few to say that it is over.
  time += 6min;
  CHECK_FALSE(on_sample(Stel{30}, memory, Value(0.0), MonoTime{time}, true).has_value());
}

TEST_CASE("a negative reading is no negative dose, and a gap of days empties the window") {
  MinuteSlots slots(MinuteSlots::twa_minutes, {});
  for (Duration time{}; time <= 10min; time += 1min) slots.add(-5, MonoTime{time});
  CHECK(slots.twa() == 0);
  for (Duration time = 11min; time <= 30min; time += 1min) slots.add(480, MonoTime{time});
  CHECK(slots.twa() == doctest::Approx(19));
  slots.add(1, MonoTime{Duration{48h}});
  CHECK(slots.twa() == 0);
  CHECK(slots.valid_minutes() == 0);
}

TEST_CASE("CO in dwellings alarms in the times of EN 50291-1") {
  struct Row {
    double ppm;
    double earliest, latest;  // minutes
  };
  const Row rows[] = {{50, 60, 90}, {55, 60, 90}, {46, 60, 90}, {100, 10, 40}, {110, 10, 40},
                      {91, 10, 40}, {300, 0, 3},  {330, 0, 3},  {271, 0, 3},   {1000, 0, 3}};
  for (const Duration period : {Duration{1s}, Duration{10s}, Duration{60s}}) {
    for (const Row& row : rows) {
      CAPTURE(row.ppm);
      const auto minutes = minutes_to_alarm(row.ppm, period);
      REQUIRE(minutes.has_value());
      CHECK(*minutes >= row.earliest);
      CHECK(*minutes <= row.latest);
    }
    CHECK_FALSE(minutes_to_alarm(30, period).has_value());  // not before 120 min
    CHECK_FALSE(minutes_to_alarm(33, period).has_value());
  }
}

TEST_CASE("a dose timer pauses below its band and starts again only after 5 minutes below") {
  const auto run = [](Duration pause) {
    DoseTimers timers;
    Duration time{};
    for (; time < 20min; time += 10s) timers.add(100, MonoTime{time});
    for (const Duration end = time + pause; time < end; time += 10s) timers.add(5, MonoTime{time});
    for (const Duration end = time + 10min; time < end; time += 10s)
      if (timers.add(100, MonoTime{time}).present) return true;
    return false;
  };
  CHECK(run(0s));
  CHECK(run(4min));
  CHECK_FALSE(run(6min));
}

TEST_CASE("short dips do not add up to the 5 minutes of a reset") {
  DoseTimers timers;
  bool present = false;
  for (Duration time{}; time < 33min; time += 10s)
    present = timers.add(time % 11min < 10min ? 100 : 5, MonoTime{time}).present;
  CHECK(present);  // three times 10 minutes
}

TEST_CASE("a dose alarm lasts until 5 minutes below, and a gap without readings adds 2 minutes at most") {
  DoseTimers timers;
  timers.add(300, MonoTime{});
  CHECK(timers.add(300, MonoTime{Duration{2min}}).present);
  CHECK(timers.add(0, MonoTime{Duration{3min}}).present);
  CHECK(timers.add(0, MonoTime{Duration{7min}}).present);
  CHECK_FALSE(timers.add(0, MonoTime{Duration{8min}}).present);

  DoseTimers gap;
  for (int hour = 0; hour < 6; ++hour) CHECK_FALSE(gap.add(100, MonoTime{hour * Duration{1h}}).present);
}
