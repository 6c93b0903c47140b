#include "gateway/bus/bounds.h"

#include "gateway/bus/worker.h"

namespace tocsin::bus {

Result<driver::Analysis> worst_cases(const BusSpec& spec, const driver::Budget& budget) {
  std::vector<driver::PlannedDevice> devices;
  for (const driver::DeviceSpec& device : spec.devices) {
    auto made = io::make_device(device);
    if (!made) return made.error();
    devices.push_back(std::move(*made));
  }
  return driver::analyse(devices, io::cost_of(line_of(spec)), budget);
}

std::vector<std::string> deadlines_at_risk(const BusSpec& spec, const driver::Analysis& analysis) {
  std::vector<std::string> lines;
  for (const driver::Detection& detection : analysis.detections)
    if (detection.worst > detection.deadline)
      lines.push_back(spec.name + ": " + detection.point + " needs " + to_string(detection.worst) +
                      ", deadline " + to_string(detection.deadline));
  return lines;
}

}  // namespace tocsin::bus
