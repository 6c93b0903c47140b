#pragma once
// The worst-case times of a configured bus, for `tocsin plan` and the configuration check.
//
// A configuration is refused when one disturbance at a time can make it miss a deadline: one conversation
// that fails, or the probe of a device that is dead and known to be; either with one command in the way. Both
// within the same few seconds is the worse figure beside it: `tocsin plan` shows it and the check warns of
// it.

#include "drivers/driver/analysis.h"
#include "gateway/bus/bus.h"

namespace tocsin::bus {

struct Bounds {
  driver::Analysis one;  // the worse of the two single disturbances, point by point
  driver::Analysis all;  // everything of driver::Budget at once
};
// Errors: those of the first device that cannot be made (not_found, bad_input).
Result<Bounds> worst_cases(const BusSpec& spec);

// The detections that can be later than their deadline, the worst first.
std::vector<driver::Detection> late_detections(const driver::Analysis& analysis);

}  // namespace tocsin::bus
