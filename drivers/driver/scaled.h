#pragma once
// From a raw number of a device to what its point says: scale, offset, limits.

#include <cmath>

#include "drivers/driver/exchange.h"
#include "drivers/driver/profile.h"

namespace tocsin::driver {

// `value` when `number`, which it stands for, is one that the point can have.
inline Sample checked_sample(std::size_t index, const PointSpec& spec, double number, Value value) {
  if (!std::isfinite(number)) return bad_sample(index, Fault::invalid_marker);
  if ((spec.min && number < *spec.min) || (spec.max && number > *spec.max))
    return bad_sample(index, Fault::out_of_range);
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
