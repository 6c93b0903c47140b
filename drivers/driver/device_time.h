#pragma once
// The clock of a meter runs in local time.

#include <optional>
#include <string>

#include "core/value/time.h"

namespace tocsin::driver {

// "2026-11-22T00:00" or with seconds, as the device says it; nothing for an impossible date.
inline std::optional<UtcTime> device_time(std::string text) {
  constexpr std::size_t to_the_minute = 16;
  if (text.size() == to_the_minute) text += ":00";
  const auto time = from_rfc3339(text + ".000+08:00");
  if (!time) return std::nullopt;
  return *time;
}

}  // namespace tocsin::driver
