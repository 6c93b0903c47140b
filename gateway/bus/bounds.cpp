#include "gateway/bus/bounds.h"

#include <algorithm>
#include <functional>

#include "gateway/bus/worker.h"

namespace tocsin::bus {

namespace {

constexpr driver::Budget a_fault{1, 1, false};
constexpr driver::Budget a_dead_device{0, 1, true};

driver::Analysis worse(driver::Analysis a, const driver::Analysis& b) {
  for (std::size_t i = 0; i < a.detections.size(); ++i)
    a.detections[i].worst = std::max(a.detections[i].worst, b.detections[i].worst);
  for (std::size_t i = 0; i < a.actuations.size(); ++i)
    a.actuations[i].worst = std::max(a.actuations[i].worst, b.actuations[i].worst);
  return a;
}

}  // namespace

Result<Bounds> worst_cases(const BusSpec& spec) {
  std::vector<driver::PlannedDevice> devices;
  for (const driver::DeviceSpec& device : spec.devices) {
    auto made = io::make_device(device);
    if (!made) return made.error();
    devices.push_back(std::move(*made));
  }
  const driver::LineCost line = io::cost_of(line_of(spec));
  return Bounds{worse(driver::analyse(devices, line, a_fault), driver::analyse(devices, line, a_dead_device)),
                driver::analyse(devices, line, {})};
}

std::vector<driver::Detection> late_detections(const driver::Analysis& analysis) {
  std::vector<driver::Detection> late;
  for (const driver::Detection& detection : analysis.detections)
    if (detection.worst > detection.deadline) late.push_back(detection);
  std::ranges::stable_sort(late, std::greater{}, [](const driver::Detection& detection) {
    return detection.worst - detection.deadline;
  });
  return late;
}

}  // namespace tocsin::bus
