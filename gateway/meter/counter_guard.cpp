#include "gateway/meter/counter_guard.h"

#include <cmath>
#include <limits>

namespace tocsin::meter {
namespace {

constexpr Duration unknown_gap = std::chrono::hours(24);  // allowed for when nobody knows how long it was
constexpr double slack = 2;  // last digits, forwards and backwards: rounding, backflow

// The most that can have been counted since.
double allowance(const CounterSpec& spec, const Stamp& from, const Stamp& to) {
  if (!spec.max_rate) return std::numeric_limits<double>::infinity();
  const Duration time = elapsed(from, to).value_or(unknown_gap);
  return *spec.max_rate * std::chrono::duration<double, std::ratio<3600>>(time).count() +
         slack * spec.resolution;
}

bool follows(const CounterSpec& spec, const Total& before, double value, const Stamp& at) {
  const double counted = value - before.value;
  return counted >= -slack * spec.resolution && counted <= allowance(spec, before.at, at);
}

// Without max_rate, from the last tenth of the register to the first.
bool rolled_over(const CounterSpec& spec, const Total& before, const Total& after) {
  const double counted = spec.modulus - before.value + after.value;
  if (after.value >= before.value || counted < 0) return false;
  return spec.max_rate ? counted <= allowance(spec, before.at, after.at)
                       : before.value >= 0.9 * spec.modulus && after.value <= 0.1 * spec.modulus;
}

Change classify(const CounterSpec& spec, const Total& before, const Total& after) {
  if (rolled_over(spec, before, after)) return Change::rollover;
  return after.value < before.value ? Change::reset : Change::jump;
}

}  // namespace

CounterSpec spec_of(const driver::PointSpec& point) {
  return {std::pow(10.0, point.digits) * point.resolution, point.resolution, point.max_rate};
}

std::string_view name_of(Change change) {
  switch (change) {
    case Change::none: return "none";
    case Change::first: return "first";
    case Change::rollover: return "rollover";
    case Change::reset: return "reset";
    case Change::jump: return "jump";
  }
  return "";
}

std::optional<Duration> elapsed(const Stamp& from, const Stamp& to) {
  if (from.boot == to.boot && to.mono >= from.mono) return to.mono - from.mono;
  const bool known = from.clock != ClockQuality::unsynchronised && to.clock != ClockQuality::unsynchronised;
  if (!known || to.utc < from.utc) return std::nullopt;
  return to.utc - from.utc;
}

Judgement judge(const CounterSpec& spec, CounterState& state, double value, const Stamp& at) {
  const Total total{value, at};
  if (!state.last) {
    state = {total, std::nullopt};
    return {true, Change::first, false};
  }
  if (follows(spec, *state.last, value, at)) {
    const bool dropped = state.suspect.has_value();
    state = {total, std::nullopt};
    return {true, Change::none, dropped};
  }
  if (state.suspect && follows(spec, *state.suspect, value, at)) {
    const Change change = classify(spec, *state.last, *state.suspect);
    state = {total, std::nullopt};
    return {true, change, false};
  }
  const bool dropped = state.suspect.has_value();
  state.suspect = total;
  return {false, Change::none, dropped};
}

}  // namespace tocsin::meter
