#pragma once
// Conditions that need nothing but the value and whether they held before.

#include <cstdint>
#include <optional>

#include "core/alarm/rule.h"

namespace tocsin::alarm {

// At the limit counts as beyond it (GB/T 50493: alarm when the set point is reached). `was`: the deadband
// applies.
constexpr bool is_met(const Above& condition, double value, bool was) {
  return value >= (was ? condition.limit - condition.deadband : condition.limit);
}
constexpr bool is_met(const Below& condition, double value, bool was) {
  return value <= (was ? condition.limit + condition.deadband : condition.limit);
}

// The value as an integer: a bool is 0 or 1; nothing for text, for fractions and for no value.
std::optional<std::int64_t> as_integer(const Value& value);

}  // namespace tocsin::alarm
