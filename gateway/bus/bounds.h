#pragma once
// The worst-case times of a configured bus, for `tocsin plan` and the configuration check.

#include "drivers/driver/analysis.h"
#include "gateway/bus/bus.h"

namespace tocsin::bus {

// Errors: those of the first device that cannot be made (not_found, bad_input).
Result<driver::Analysis> worst_cases(const BusSpec& spec, const driver::Budget& budget);

// One line per life-safety point that can miss its deadline: "riser-a: smoke-1/smoke needs 4.2s, deadline
// 3s".
std::vector<std::string> deadlines_at_risk(const BusSpec& spec, const driver::Analysis& analysis);

}  // namespace tocsin::bus
