#pragma once
// The machine's clocks, read in one place. Thread-safe.

#include <chrono>
#include <ctime>

#include "core/value/time.h"

namespace tocsin::cloud {

inline MonoTime mono_now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return MonoTime(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

inline UtcTime utc_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace tocsin::cloud
