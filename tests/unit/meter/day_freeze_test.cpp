#include "gateway/meter/day_freeze.h"

#include <doctest/doctest.h>

#include "tests/unit/meter/stamps.h"

namespace tocsin::meter {
namespace {

using test::after;
using test::begin;

constexpr Duration hour = std::chrono::hours(1);
const CounterSpec spec{1e6, 0.01, 100.0};
const UtcTime midnight = *from_rfc3339("2026-11-23T00:00:00.000+08:00");  // 14 h after `begin`

std::vector<DayTotal> total(DayState& state, double value, const Stamp& at, Change change = Change::none) {
  return on_total(spec, state, {value, at}, change);
}

}  // namespace

TEST_CASE("midnight is local") {
  CHECK(local_midnight(begin) == *from_rfc3339("2026-11-22T00:00:00.000+08:00"));
  CHECK(local_midnight(midnight) == midnight);
  CHECK(local_midnight(midnight - std::chrono::milliseconds(1)) ==
        *from_rfc3339("2026-11-22T00:00:00.000+08:00"));
}

TEST_CASE("the total at midnight lies on the line between the reads around it, once") {
  DayState state;
  CHECK(total(state, 100, after(0s), Change::first).empty());
  CHECK(total(state, 140, after(14 * hour - 30s)).empty());
  const auto days = total(state, 141, after(14 * hour + 30s));
  REQUIRE(days.size() == 1);
  CHECK(days[0].midnight == midnight);
  CHECK(days[0].value == doctest::Approx(140.5));
  CHECK(days[0].apart == std::chrono::minutes(1));
  CHECK(total(state, 141, after(14 * hour + 90s)).empty());
}

TEST_CASE("an outage over three midnights settles all three") {
  DayState state;
  total(state, 100, after(0s), Change::first);
  const auto days = total(state, 172, after(72 * hour));
  REQUIRE(days.size() == 3);
  CHECK(days[0].value == doctest::Approx(114));
  CHECK(days[1].value == doctest::Approx(138));
  CHECK(days[2].value == doctest::Approx(162));
}

TEST_CASE("over a reset or another meter no total is made up") {
  DayState state;
  total(state, 100, after(0s), Change::first);
  const auto days = total(state, 3, after(20 * hour), Change::reset);
  REQUIRE(days.size() == 1);
  CHECK_FALSE(days[0].value.has_value());
  CHECK(total(state, 10, after(44 * hour))[0].value.has_value());
}

TEST_CASE("over a rollover the line goes on behind the last digit") {
  DayState state;
  total(state, 999'990, after(0s), Change::first);
  const auto days = total(state, 18, after(28 * hour), Change::rollover);
  REQUIRE(days.size() == 1);
  CHECK(days[0].value == doctest::Approx(4));
}

TEST_CASE("without a synchronised clock nothing is settled; it is made good for when the time is known") {
  constexpr auto unknown = ClockQuality::unsynchronised;
  DayState state;
  total(state, 100, after(0s, unknown), Change::first);
  CHECK(total(state, 140, after(20 * hour, unknown)).empty());
  const auto days = total(state, 148, after(24 * hour));  // same boot: when that first read was is known now
  REQUIRE(days.size() == 1);
  CHECK(days[0].midnight == midnight);
  CHECK(days[0].value == doctest::Approx(128));

  DayState restarted;  // another boot, and its clock was never right
  total(restarted, 100, after(0s, unknown, 1), Change::first);
  CHECK(total(restarted, 148, after(24 * hour, ClockQuality::synchronised, 2)).empty());
  CHECK(total(restarted, 149, after(25 * hour, ClockQuality::synchronised, 2)).empty());
}

TEST_CASE("a clock that goes back settles no day twice, one that leaps invents no years") {
  DayState state;
  total(state, 100, after(0s), Change::first);
  CHECK(total(state, 148, after(24 * hour)).size() == 1);
  Stamp back = after(25 * hour);
  back.utc -= std::chrono::hours(24);
  CHECK(total(state, 149, back).empty());
  CHECK(total(state, 150, after(26 * hour)).empty());
  Stamp leap = after(27 * hour);
  leap.utc += std::chrono::hours(24 * 365 * 20);
  CHECK(total(state, 151, leap).empty());
}

}  // namespace tocsin::meter
