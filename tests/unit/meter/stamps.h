#pragma once
// Moments for the tests of meters: boot 1 begins at 2026-11-22 10:00 local time.

#include "core/value/time.h"

namespace tocsin::test {

inline const UtcTime begin = *from_rfc3339("2026-11-22T10:00:00.000+08:00");

inline Stamp after(Duration time, ClockQuality clock = ClockQuality::synchronised, std::uint64_t boot = 1) {
  return {MonoTime(std::chrono::hours(1) + time),
          begin + std::chrono::duration_cast<std::chrono::milliseconds>(time), boot, clock};
}

}  // namespace tocsin::test
