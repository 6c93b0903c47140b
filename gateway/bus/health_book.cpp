#include "gateway/bus/health_book.h"

#include <algorithm>

namespace tocsin::bus {

HealthBook::HealthBook(const std::string& bus, const std::vector<driver::PlannedDevice>& devices)
    : times_(devices.size()) {
  counts_.bus = bus;
  for (const auto& device : devices) {
    counts_.devices.emplace_back();
    counts_.devices.back().device = device.spec.name;
  }
}

void HealthBook::line(bool open, const std::string& why) {
  counts_.open = open;
  counts_.last_error = why;
  if (open) return;
  for (DeviceHealth& device : counts_.devices) device.online = false;
}

void HealthBook::answer(std::size_t index, const io::PumpResult& result) {
  DeviceHealth& device = counts_.devices.at(index);
  if (result.late) ++device.late;
  if (result.samples) {
    ++device.good;
    times_[index].add(result.answer);
    return;
  }
  const Error& error = result.samples.error();
  device.last_error = to_string(error);
  switch (error.fault) {
    case Fault::timeout: ++device.timeouts; break;
    case Fault::crc:
    case Fault::framing: ++device.crc; break;
    case Fault::exception: ++device.exceptions; break;
    case Fault::wrong_unit:
    case Fault::wrong_answer: ++device.wrong; break;
    default: break;
  }
}

BusHealth HealthBook::snapshot(std::vector<std::string> deadline_misses) const {
  BusHealth health = counts_;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    health.devices[i].answer_p50 = times_[i].percentile(0.5);
    health.devices[i].answer_p99 = times_[i].percentile(0.99);
  }
  health.deadline_misses = std::move(deadline_misses);
  return health;
}

Duration HealthBook::AnswerTimes::percentile(double share) const {
  const std::size_t known = std::min(count, remembered);
  if (known == 0) return {};
  std::array<Duration, remembered> sorted = newest;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(known - 1));
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(known);
  std::nth_element(sorted.begin(), sorted.begin() + at, end);
  return sorted[static_cast<std::size_t>(at)];
}

}  // namespace tocsin::bus
