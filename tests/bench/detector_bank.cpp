#include "tests/bench/detector_bank.h"

namespace tocsin::bench {

DetectorBank::DetectorBank(int lines, int units_per_line, Director& director) {
  for (int number = 0; number < lines; ++number) {
    Line& line = lines_.emplace_back();
    for (int unit = 1; unit <= units_per_line; ++unit)
      line.devices[unit].holding = {{0, Director::quiet}, {1, 0}};
    const int first = number * units_per_line - 1;
    auto on_request = [&director, &line, first](int unit) {
      const auto value =
          director.on_request(static_cast<std::size_t>(first + unit), std::chrono::steady_clock::now());
      if (value) line.devices.at(unit).holding[0] = *value;
    };
    line.tcp = std::make_unique<sim::TcpLine>(io_, 0, line.devices, std::move(on_request));
  }
  thread_ = std::thread([this] { io_.run(); });
}

DetectorBank::~DetectorBank() {
  io_.stop();
  thread_.join();
}

std::vector<int> DetectorBank::ports() const {
  std::vector<int> ports;
  for (const Line& line : lines_) ports.push_back(line.tcp->port());
  return ports;
}

}  // namespace tocsin::bench
