#pragma once
// Gas detectors behind Modbus TCP, on a thread of their own: `lines` endpoints with units 1..units_per_line
// each. Registers as gas/pt495 has them: 0 the concentration in 0.1 %LEL, 1 the status.

#include <list>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "simulators/devices/modbus_lines.h"
#include "tests/bench/director.h"

namespace tocsin::bench {

class DetectorBank {
 public:
  // Detector number = line * units_per_line + unit - 1. The director decides at each request.
  DetectorBank(int lines, int units_per_line, Director& director);
  ~DetectorBank();
  DetectorBank(const DetectorBank&) = delete;
  DetectorBank& operator=(const DetectorBank&) = delete;

  std::vector<int> ports() const;  // one per line

 private:
  struct Line {
    sim::Devices devices;
    std::unique_ptr<sim::TcpLine> tcp;
  };
  boost::asio::io_context io_{1};
  std::list<Line> lines_;  // stay where they are: the sockets refer to their devices
  std::thread thread_;
};

}  // namespace tocsin::bench
