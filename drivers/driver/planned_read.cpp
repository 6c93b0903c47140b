#include "drivers/driver/planned_read.h"

#include <algorithm>

#include "drivers/driver/spans.h"

namespace tocsin::driver {

namespace {

Timing span_timing(const DeviceSpec& device, const Span& span) {
  Timing shortest{Duration::max(), Duration::max(), false};
  for (const std::size_t point : span.points) {
    const Timing timing = timing_of(device, point);
    shortest.period = std::min(shortest.period, timing.period);
    if (timing.life_safety) shortest.deadline = std::min(shortest.deadline, timing.deadline);
    shortest.life_safety = shortest.life_safety || timing.life_safety;
  }
  return shortest;
}

std::vector<Span> merged_spans(const PlannedDevice& device, const LineCost& line) {
  std::vector<SpanItem> items;
  for (const PollItem& item : device.driver->items())
    items.push_back({item, timing_of(device.spec, item.point).period});
  const Limits& limits = device.spec.profile->limits;
  return merge_spans(
      std::move(items),
      {[&](int space) { return device.driver->longest_span(space); }, limits.gaps,
       [&](const Span& span) { return line.answered(device.driver->read_sizes(span), limits); }});
}

}  // namespace

Timing timing_of(const DeviceSpec& device, std::size_t point) {
  const PointSpec& spec = device.profile->points.at(point);
  Timing timing{spec.period, spec.deadline, spec.life_safety};
  if (const auto own = device.periods.find(spec.name); own != device.periods.end())
    timing.period = own->second;
  if (const auto own = device.deadlines.find(spec.name); own != device.deadlines.end())
    timing.deadline = own->second;
  timing.period = std::max(timing.period, Duration{1ms});
  return timing;
}

// Detection takes a period, the wait and two reads; what the deadline leaves of that is the longest wait.
PlannedRead planned_read(const std::vector<PlannedDevice>& devices, std::size_t index, Span span,
                         const LineCost& line) {
  const PlannedDevice& device = devices.at(index);
  const Limits& limits = device.spec.profile->limits;
  const FrameSizes sizes = device.driver->read_sizes(span);
  PlannedRead read;
  read.device = index;
  read.timing = span_timing(device.spec, span);
  read.answered = line.answered(sizes, limits);
  read.failed = line.failed(sizes, limits);
  read.urgency = read.timing.period;
  if (read.timing.life_safety) {
    const Duration spare = read.timing.deadline - read.timing.period - 2 * read.answered;
    read.urgency = std::clamp(spare, Duration{0}, read.timing.period);
  }
  read.span = std::move(span);
  return read;
}

std::vector<PlannedRead> planned_reads(const std::vector<PlannedDevice>& devices, const LineCost& line) {
  std::vector<PlannedRead> reads;
  for (std::size_t device = 0; device < devices.size(); ++device)
    for (Span& span : merged_spans(devices[device], line))
      reads.push_back(planned_read(devices, device, std::move(span), line));
  return reads;
}

}  // namespace tocsin::driver
