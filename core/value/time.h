#pragma once
// Two clocks, both passed in as arguments: the monotonic one decides, the wall clock is for people and
// documents.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/result/result.h"

namespace tocsin {

using namespace std::chrono_literals;  // NOLINT(google-global-names-in-headers): 3s and 500ms read as the
                                       // standards do

// Monotonic time within one boot. The type has no now(): pure code is told the time.
struct MonoClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<MonoClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;
using Duration = MonoClock::duration;
using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

enum class ClockQuality : std::uint8_t { unsynchronised, holdover, synchronised };

// One moment as the gateway knows it. `boot` names the domain of `mono`.
struct Stamp {
  MonoTime mono{};
  UtcTime utc{};
  std::uint64_t boot = 0;
  ClockQuality clock = ClockQuality::unsynchronised;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

// RFC 3339 with milliseconds and offset: "2026-11-22T10:00:00.120+08:00".
std::string to_rfc3339(UtcTime time, std::chrono::minutes offset = std::chrono::minutes{8 * 60});
Result<UtcTime> from_rfc3339(const std::string& text);

// "500ms", "3s", "10m", "2h" as configuration writes them.
Result<Duration> parse_duration(const std::string& text);
std::string to_string(Duration duration);

inline std::int64_t to_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace tocsin
