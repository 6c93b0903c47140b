#pragma once
// One read of a plan with its clock: what PollPlan schedules and what the analysis promises are the same
// reads.

#include <vector>

#include "drivers/driver/line_cost.h"

namespace tocsin::driver {

struct PlannedRead {
  std::size_t device = 0;  // index in the list of devices
  Span span;
  Timing timing;        // the shortest of its points
  Duration urgency{};   // from due to the deadline of the scheduler
  Duration answered{};  // line time of one good read
  Duration failed{};    // line time of one that gets no answer, or of a probe
};

PlannedRead planned_read(const std::vector<PlannedDevice>& devices, std::size_t device, Span span,
                         const LineCost& line);
// The first layout: every device's reads, merged.
std::vector<PlannedRead> planned_reads(const std::vector<PlannedDevice>& devices, const LineCost& line);

}  // namespace tocsin::driver
