#pragma once
// The alarm clock: how long alarms took on each hop from the sensor to the city, over the latest 4096 alarms
// since the start of the program. Pure; times in milliseconds.

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "cloud/alarms/alarm.h"

namespace tocsin::cloud {

// source -> detected, detected -> stored, stored -> sent, sent -> cloud, cloud -> feed, and all of it.
inline constexpr std::array<std::string_view, 6> hop_names{"sensor",  "gateway", "waiting",
                                                           "network", "feed",    "total"};

struct HopFigures {
  std::string_view hop;
  std::uint64_t count = 0;                          // since the start
  std::int64_t p50_ms = 0, p99_ms = 0, max_ms = 0;  // of the latest
};

class HopClock {
 public:
  static constexpr std::size_t window = 4096;

  void add(const Alarm& alarm);  // as it was when it was raised or had risen
  std::vector<HopFigures> figures() const;
  std::uint64_t breaches() const { return breaches_; }  // life-safety alarms that took more than 10 s

 private:
  struct Hop {
    std::deque<std::int64_t> latest;
    std::uint64_t count = 0;
  };
  void note(std::size_t hop, std::chrono::milliseconds time);

  std::array<Hop, hop_names.size()> hops_;
  std::uint64_t breaches_ = 0;
};

}  // namespace tocsin::cloud
