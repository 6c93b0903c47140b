#include "gateway/meter/day_freeze.h"

#include <cmath>

namespace tocsin::meter {
namespace {

constexpr std::chrono::hours local_offset{8};
constexpr std::chrono::days one_day{1};
constexpr std::chrono::days longest_gap{
    400};  // a clock that jumps further is not believed to have missed days

// Of a total that may have been read before the clock was right, seen from a stamp that is.
std::optional<UtcTime> moment_of(const Total& total, const Stamp& now) {
  if (total.at.boot == now.boot && total.at.mono <= now.mono)
    return now.utc - std::chrono::duration_cast<std::chrono::milliseconds>(now.mono - total.at.mono);
  if (total.at.clock == ClockQuality::unsynchronised) return std::nullopt;
  return total.at.utc;
}

bool is_unbroken(Change change) {
  return change == Change::none || change == Change::rollover;
}

std::optional<double> value_at(const CounterSpec& spec, const Total& before, UtcTime from, const Total& after,
                               Change change, UtcTime midnight) {
  if (from > midnight) return std::nullopt;
  const double counted = after.value - before.value + (change == Change::rollover ? spec.modulus : 0);
  const double share =
      std::chrono::duration<double>(midnight - from) / std::chrono::duration<double>(after.at.utc - from);
  const double value = std::fmod(before.value + counted * share, spec.modulus);
  return std::floor(value / spec.resolution + 1e-6) * spec.resolution;
}

}  // namespace

UtcTime local_midnight(UtcTime time) {
  return UtcTime(std::chrono::floor<std::chrono::days>(time + local_offset) - local_offset);
}

std::vector<DayTotal> on_total(const CounterSpec& spec, DayState& state, const Total& total, Change change) {
  if (!is_unbroken(change)) state.base.reset();  // then no day before this total has a value
  if (total.at.clock == ClockQuality::unsynchronised) {
    if (!state.base && change == Change::first) state.base = total;
    return {};
  }
  std::vector<DayTotal> settled;
  const UtcTime today = local_midnight(total.at.utc);
  const auto from = state.base ? moment_of(*state.base, total.at) : std::nullopt;
  if (!state.day && from) state.day = local_midnight(*from);
  if (!state.day || today - *state.day > longest_gap) state.day = today;
  for (UtcTime midnight = *state.day + one_day; midnight <= today; midnight += one_day) {
    DayTotal day{midnight, std::nullopt, {}};
    if (from) {
      day.value = value_at(spec, *state.base, *from, total, change, midnight);
      day.apart = total.at.utc - *from;
    }
    settled.push_back(day);
    state.day = midnight;
  }
  state.base = total;
  return settled;
}

}  // namespace tocsin::meter
