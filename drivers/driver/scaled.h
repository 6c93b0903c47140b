#pragma once
// From a raw number of a device to what its point says: scale, offset, limits.

#include <cmath>

#include "drivers/driver/exchange.h"
#include "drivers/driver/profile.h"

namespace tocsin::driver {

// A gas sensor beyond its range is in danger, not broken: the end of the range, so that the highest alarm is
// raised, but uncertain. A marker for "no value" was sorted out before.
inline Sample beyond_range(std::size_t index, double limit, bool danger, const Value& value) {
  if (!danger) return bad_sample(index, Fault::out_of_range);
  const bool whole = std::holds_alternative<std::int64_t>(value);
  return {index, whole ? Value(static_cast<std::int64_t>(limit)) : Value(limit), Quality::uncertain,
          std::nullopt};
}

inline Sample supervised_sample(std::size_t index, const SupervisedLine& line, double number) {
  if (line.normal.holds(number)) return {index, false, Quality::good, std::nullopt};
  if (line.active.holds(number)) return {index, true, Quality::good, std::nullopt};
  if (line.open.holds(number)) return bad_sample(index, Fault::disconnected);
  return bad_sample(index, line.shorted.holds(number) ? Fault::invalid_marker : Fault::out_of_range);
}

// `value` when `number`, which it stands for, is one that the point can have.
inline Sample checked_sample(std::size_t index, const PointSpec& spec, double number, Value value) {
  if (!std::isfinite(number)) return bad_sample(index, Fault::invalid_marker);
  if (spec.supervised) return supervised_sample(index, *spec.supervised, number);
  if (spec.max && number > *spec.max) return beyond_range(index, *spec.max, spec.danger_above, value);
  if (spec.min && number < *spec.min) return beyond_range(index, *spec.min, spec.danger_below, value);
  return {index, std::move(value), Quality::good, std::nullopt};
}

// raw * scale; by division where the scale is one part of a whole number, as 0.1 is: 3 * 0.1 is
// 0.30000000000000004, which nobody measured, and which takes eight bytes to send.
inline double scaled_number(double raw, double scale) {
  const double parts = std::round(1 / scale);
  return parts > 1 && 1 / parts == scale ? raw / parts : raw * scale;
}

inline Sample scaled_sample(std::size_t index, const PointSpec& spec, double raw) {
  const double number = scaled_number(raw, spec.scale) + spec.offset;
  return checked_sample(index, spec, number, number);
}

}  // namespace tocsin::driver
