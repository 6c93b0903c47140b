#include "gateway/bus/health_points.h"

namespace tocsin::bus {

std::vector<Reading> health_points(const BusHealth& health, const Stamp& now) {
  std::vector<Reading> readings;
  for (const DeviceHealth& device : health.devices) {
    const auto add = [&](const char* point, Value value) {
      Reading reading;
      reading.id = {device.device, point};
      reading.value = std::move(value);
      reading.t_gateway = now;
      readings.push_back(std::move(reading));
    };
    const auto count = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
    add("bus.online", device.online);
    add("bus.good", count(device.good));
    add("bus.timeouts", count(device.timeouts));
    add("bus.checksum", count(device.crc));
    add("bus.refused", count(device.exceptions));
    add("bus.late", count(device.late));
    add("bus.wrong", count(device.wrong));
    add("bus.retries", count(device.retries));
    add("bus.answer-p99", std::chrono::duration<double, std::milli>(device.answer_p99).count());
  }
  return readings;
}

}  // namespace tocsin::bus
