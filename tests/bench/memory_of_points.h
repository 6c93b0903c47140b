#pragma once
// What the daemon needs for a large building.

#include "tests/bench/benches.h"

namespace tocsin::bench {

// Resident memory of tocsin-gateway with 10,000 points read once a second over 20 lines.
Finding memory_of_points(const Options& options);

}  // namespace tocsin::bench
