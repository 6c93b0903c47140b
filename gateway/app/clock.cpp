#include "gateway/app/clock.h"

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

ClockQuality clock_quality() {
  timex state{};
  const int status = ::adjtimex(&state);
  return status >= 0 && (state.status & STA_UNSYNC) == 0 ? ClockQuality::synchronised
                                                         : ClockQuality::unsynchronised;
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
