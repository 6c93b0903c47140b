#include "gateway/meter/counter_guard.h"

#include <random>

#include <doctest/doctest.h>

#include "tests/unit/meter/stamps.h"

namespace tocsin::meter {
namespace {

using test::after;

constexpr Duration hour = std::chrono::hours(1), minute = std::chrono::minutes(1);

struct Counter {
  CounterSpec spec{1e6, 0.01, 100.0};  // 8 digits, 100 kWh in an hour at most
  CounterState state;

  Judgement read(double value, const Stamp& at) { return judge(spec, state, value, at); }
};

}  // namespace

TEST_CASE("the first total is believed, and what counts on from it") {
  Counter counter;
  CHECK(counter.read(1234.5, after(0s)).change == Change::first);
  const auto next = counter.read(1234.6, after(minute));
  CHECK(next.believed);
  CHECK(next.change == Change::none);
  CHECK(counter.read(1234.6, after(2 * minute)).believed);
  CHECK(counter.read(1234.6 + 99, after(2 * minute + hour)).believed);
}

TEST_CASE("a single zero is never believed") {
  Counter counter;
  counter.read(1234.5, after(0s));
  CHECK_FALSE(counter.read(0, after(minute)).believed);
  const auto next = counter.read(1234.6, after(2 * minute));
  CHECK(next.believed);
  CHECK(next.dropped);
  CHECK(next.change == Change::none);
}

TEST_CASE("a jump is believed only when a second read goes on from it") {
  Counter counter;
  counter.read(1234.5, after(0s));
  CHECK_FALSE(counter.read(1244.5, after(minute)).believed);  // 10 kWh in a minute
  CHECK_FALSE(counter.read(5000, after(2 * minute)).believed);
  const auto again = counter.read(5000.5, after(3 * minute));
  CHECK(again.believed);
  CHECK(again.change == Change::jump);
  CHECK(counter.read(5001, after(4 * minute)).change == Change::none);
}

TEST_CASE("two wrong reads that do not agree are both dropped") {
  Counter counter;
  counter.read(1234.5, after(0s));
  for (const double wrong : {0.0, 900000.0, 17.0, 500000.0})
    CHECK_FALSE(counter.read(wrong, after(minute)).believed);
  CHECK(counter.read(1235, after(5 * minute)).change == Change::none);
}

TEST_CASE("a rollover is told from a reset, both by a second read") {
  Counter counter;
  counter.read(999999.5, after(0s));
  CHECK_FALSE(counter.read(0.2, after(minute)).believed);
  CHECK(counter.read(0.9, after(2 * minute)).change == Change::rollover);

  Counter reset;
  reset.read(500000, after(0s));
  CHECK_FALSE(reset.read(0.2, after(minute)).believed);
  CHECK(reset.read(0.9, after(2 * minute)).change == Change::reset);

  Counter unrated;  // without max_rate: by where it was
  unrated.spec.max_rate.reset();
  unrated.read(999000, after(0s));
  unrated.read(10, after(minute));
  CHECK(unrated.read(11, after(2 * minute)).change == Change::rollover);
}

TEST_CASE("a small step back is rounding or backflow, and is left as it is") {
  Counter counter;
  counter.read(10.02, after(0s));
  CHECK(counter.read(10.01, after(minute)).change == Change::none);
  CHECK_FALSE(counter.read(9.5, after(2 * minute)).believed);
}

TEST_CASE("a long outage allows for a long count, over a restart by the wall clock") {
  Counter counter;
  counter.read(1000, after(0s));
  CHECK(counter.read(1000 + 5 * 99, after(5 * hour, ClockQuality::synchronised, 2)).believed);
  CHECK_FALSE(counter.read(1495 + 250, after(6 * hour, ClockQuality::synchronised, 2)).believed);

  Counter unsure;  // nobody knows how long: a day is allowed for
  unsure.read(1000, after(0s, ClockQuality::unsynchronised));
  CHECK(unsure.read(1000 + 2300, after(minute, ClockQuality::unsynchronised, 2)).believed);
  CHECK_FALSE(unsure.read(3300 + 2500, after(minute, ClockQuality::unsynchronised, 3)).believed);
}

TEST_CASE("whatever single wrong read comes between, the true count is believed and the wrong one is not") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    Counter counter;
    double total = static_cast<double>(random() % 99'000'000) / 100;
    bool pending = false;
    for (int i = 0; i < 20; ++i) {
      total += static_cast<double>(random() % 100) / 100;
      const Stamp at = after(i * minute);
      if (i > 0 && !pending && random() % 3 == 0) {
        const double wrong = random() % 2 == 0 ? 0 : static_cast<double>(random() % 100'000'000) / 100;
        if (std::abs(wrong - total) < 200) continue;  // might be true
        CHECK_FALSE(counter.read(wrong, at).believed);
        pending = true;
      } else {
        CHECK(counter.read(total, at).believed);
        pending = false;
      }
    }
  }
}

}  // namespace tocsin::meter
