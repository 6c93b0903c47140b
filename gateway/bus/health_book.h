#pragma once
// Counts what happens on one bus, per device. Bus thread only; snapshots go to the Mailbox.

#include <array>
#include <vector>

#include "drivers/driver/driver.h"
#include "drivers/io/pump.h"
#include "gateway/bus/bus.h"

namespace tocsin::bus {

class HealthBook {
 public:
  HealthBook(const std::string& bus, const std::vector<driver::PlannedDevice>& devices);

  void line(bool open, const std::string& why);
  void answer(std::size_t device, const io::PumpResult& result);
  void retry(std::size_t device) { ++counts_.devices.at(device).retries; }
  void online(std::size_t device, bool online) { counts_.devices.at(device).online = online; }
  BusHealth snapshot(std::vector<std::string> deadline_misses) const;

 private:
  static constexpr std::size_t remembered = 256;  // answer times per device
  struct AnswerTimes {
    std::array<Duration, remembered> newest{};
    std::size_t count = 0;
    void add(Duration time) { newest[count++ % remembered] = time; }
    Duration percentile(double share) const;
  };

  BusHealth counts_;
  std::vector<AnswerTimes> times_;
};

}  // namespace tocsin::bus
