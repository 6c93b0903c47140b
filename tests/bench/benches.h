#pragma once
// The benches by name; each prints its progress to stderr and gives what it found.

#include <filesystem>
#include <vector>

#include "tests/bench/report.h"

namespace tocsin::bench {

struct Options {
  std::filesystem::path programs, profiles;  // folders
  std::size_t events = 2000;                 // alarms on each side
};

// Poll received by a detector -> the city's subscriber, through the real programs.
std::vector<Finding> bench_alarm(const Options& options);
// What delivery costs: outbox, encoding, syncs, trim, drain.
std::vector<Finding> bench_sync(const Options& options);
// 1,000 registers through the real programs beside a loop that only reads and publishes.
std::vector<Finding> bench_gateway(const Options& options);

// The field bus beside bare libmodbus, and what a large building costs.
std::vector<Finding> bench_bus(const Options& options);

}  // namespace tocsin::bench
