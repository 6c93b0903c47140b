#include "gateway/app/clock.h"

#include <atomic>
#include <chrono>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

#include <sys/random.h>
#include <sys/timex.h>

namespace tocsin::gateway {

MonoTime mono_now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return MonoTime(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

UtcTime utc_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::uint64_t boot_id() {
  static const std::uint64_t id = [] {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    file >> text;
    std::string digits;
    for (const char c : text)
      if (c != '-' && digits.size() < 16) digits += c;
    return digits.size() == 16 ? std::stoull(digits, nullptr, 16) : random_u64();
  }();
  return id;
}

// Asked for each reading, and the kernel takes a lock for it: the answer is kept for a second.
ClockQuality clock_quality() {
  static std::atomic<std::int64_t> asked_at{0};
  static std::atomic<bool> synchronised{false};
  const std::int64_t now = mono_now().time_since_epoch().count();
  if (now - asked_at.load() > 1'000'000'000) {
    timex state{};
    const int status = ::adjtimex(&state);
    synchronised = status >= 0 && (state.status & STA_UNSYNC) == 0;
    asked_at = now;
  }
  return synchronised ? ClockQuality::synchronised : ClockQuality::unsynchronised;
}

Stamp stamp_now() {
  return {mono_now(), utc_now(), boot_id(), clock_quality()};
}

std::uint64_t random_u64() {
  std::uint64_t value = 0;
  if (::getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value))
    throw std::runtime_error("the operating system gives no random numbers");
  return value;
}

}  // namespace tocsin::gateway
