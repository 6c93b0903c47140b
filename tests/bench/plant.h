#pragma once
// The plant of facts/limits.md section 4: 20 points polled together, values in steps of 0.1 that wander, one
// reading of a hundred bad. A block is ten polls.

#include <random>
#include <vector>

#include "core/value/point.h"

namespace tocsin::bench {

class Plant {
 public:
  static constexpr std::size_t points = 20, polls_per_block = 10,
                               readings_per_block = points * polls_per_block;

  explicit Plant(unsigned seed);
  std::vector<Reading> block();  // the next 200 readings

 private:
  std::mt19937 random_;
  std::vector<int> tenths_;
  std::chrono::milliseconds now_{1'795'312'800'000};
};

}  // namespace tocsin::bench
