#pragma once
// tocsin-sim meters: meters of one line, their faults, and orders on standard input.

#include <string>
#include <vector>

#include "simulators/devices/paced_line.h"

namespace CLI {
class App;
}

namespace tocsin::sim {

struct MeterOptions {
  LinePlace line;
  std::vector<std::string> meters, faults;
  std::uint64_t seed = 1;
  Duration answer_delay = 30ms;
};

CLI::App* add_meters(CLI::App& app, MeterOptions& options);  // declares the subcommand
void run_meters(const MeterOptions& options);                // throws std::runtime_error for wrong options

}  // namespace tocsin::sim
