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

inline Sample scaled_sample(std::size_t index, const PointSpec& spec, double raw) {
  const double number = raw * spec.scale + spec.offset;
  return checked_sample(index, spec, number, number);
}

}  // namespace tocsin::driver
