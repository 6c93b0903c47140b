#pragma once
// When a file will be full, from how it grew within the last hour. Pure.

#include <cstdint>
#include <deque>
#include <optional>

#include "core/value/time.h"

namespace tocsin::flow {

class FillForecast {
 public:
  void add(MonoTime now, std::uint64_t used);  // bytes in use
  // Nothing while the file does not grow, or is watched for less than half a minute.
  std::optional<Duration> until(std::uint64_t limit) const;

 private:
  struct Sample {
    MonoTime at;
    std::uint64_t used;
  };
  std::deque<Sample> samples_;  // one a minute, and the newest
};

}  // namespace tocsin::flow
