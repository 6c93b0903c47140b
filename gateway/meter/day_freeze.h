#pragma once
// The total at each local midnight, from the totals before and after it. Pure; one state per counter. It is a
// substitute and marked so: a straight line between two reads, which an outage at midnight may have driven
// far apart.

#include <vector>

#include "gateway/meter/counter_guard.h"

namespace tocsin::meter {

struct DayState {
  std::optional<Total> base;   // newest believed total whose moment in UTC is known
  std::optional<UtcTime> day;  // newest midnight that was settled

  friend bool operator==(const DayState&, const DayState&) = default;
};

struct DayTotal {
  UtcTime midnight{};           // local midnight, +08:00: the end of the day before
  std::optional<double> value;  // nothing when the two totals are not of one unbroken count
  Duration apart{};             // between the two reads
};

UtcTime local_midnight(UtcTime time);  // the last one, or time itself

// For every believed total. While the clock is not synchronised nothing is settled; then it is made good for.
std::vector<DayTotal> on_total(const CounterSpec& spec, DayState& state, const Total& total, Change change);

}  // namespace tocsin::meter
