#pragma once
// Lanes and records, as store, sessions and wire share them.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/bytes/reader.h"
#include "core/value/time.h"

namespace tocsin::wire {

// Strict priority alarm > event > data. Each has its own sequence, window and quota.
enum class Lane : std::uint8_t { alarm = 1, event = 2, data = 3 };
inline constexpr std::array<Lane, 3> lanes{Lane::alarm, Lane::event, Lane::data};
std::string_view name_of(Lane lane);

// A record's body never changes once it has a seq. seq is contiguous per lane and starts at 1.
struct Record {
  std::uint64_t seq = 0;
  Bytes body;
  UtcTime stored{};
};

// What of a lane exists at the gateway. first is head + 1 when nothing is kept.
struct LaneState {
  std::uint64_t first = 1;
  std::uint64_t head = 0;   // highest seq committed
  std::uint64_t acked = 0;  // highest seq the cloud has committed
};

}  // namespace tocsin::wire
