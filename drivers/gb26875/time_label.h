#pragma once
// The six-byte time label of GB/T 26875.3-2011: second, minute, hour, day, month, year of the century, as
// binary numbers in the local time of the site. Some devices send BCD instead, against the standard.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tocsin::gb26875 {

using TimeLabel = std::array<std::uint8_t, 6>;
using LocalTime = std::chrono::local_seconds;

// Nothing when a field is out of its range or the day does not exist.
std::optional<LocalTime> from_binary(const TimeLabel& label);
std::optional<LocalTime> from_bcd(const TimeLabel& label);
// Binary as the standard says, else BCD when every field is one.
std::optional<LocalTime> to_time(const TimeLabel& label);
TimeLabel to_label(LocalTime time);  // years 2000..2099

std::string to_string(LocalTime time);  // "2012-09-26T09:58:32"

}  // namespace tocsin::gb26875
