#include "tests/bench/plant.h"

#include <array>

namespace tocsin::bench {
namespace {

constexpr std::array names{"voltage", "current", "power", "energy", "frequency"};

}  // namespace

Plant::Plant(unsigned seed) : random_(seed), tenths_(points) {
  for (int& value : tenths_) value = static_cast<int>(200 + random_() % 2000);
}

std::vector<Reading> Plant::block() {
  std::vector<Reading> readings;
  readings.reserve(readings_per_block);
  for (std::size_t poll = 0; poll < polls_per_block; ++poll) {
    now_ += std::chrono::milliseconds(1000 + random_() % 3);
    for (std::size_t i = 0; i < points; ++i) {
      tenths_[i] += static_cast<int>(random_() % 3) - 1;
      Reading reading;
      reading.id = {"meter-0" + std::to_string(i / names.size() + 1), names[i % names.size()]};
      reading.value = Value(static_cast<double>(tenths_[i]) / 10);
      if (random_() % 100 == 0) {
        reading.quality = Quality::bad;
        reading.fault = Fault::timeout;
      }
      reading.t_gateway.utc = UtcTime(now_);
      reading.t_gateway.mono = MonoTime(now_);
      reading.t_gateway.boot = 1;
      reading.t_gateway.clock = ClockQuality::synchronised;
      readings.push_back(std::move(reading));
    }
  }
  return readings;
}

}  // namespace tocsin::bench
