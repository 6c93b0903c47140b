#include "drivers/gb26875/time_label.h"

#include <cstdio>

#include "core/bytes/bcd.h"

namespace tocsin::gb26875 {

using namespace std::chrono;

std::optional<LocalTime> from_binary(const TimeLabel& label) {
  const auto [second, minute, hour, day_of_month, month_of_year, year_of_century] = label;
  if (second > 59 || minute > 59 || hour > 23 || year_of_century > 99) return std::nullopt;
  const year_month_day date{year{2000 + year_of_century}, month{month_of_year}, day{day_of_month}};
  if (!date.ok()) return std::nullopt;
  return local_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

std::optional<LocalTime> from_bcd(const TimeLabel& label) {
  TimeLabel binary{};
  for (std::size_t i = 0; i < label.size(); ++i) {
    const auto value = bytes::bcd(label[i]);
    if (!value) return std::nullopt;
    binary[i] = *value;
  }
  return from_binary(binary);
}

std::optional<LocalTime> to_time(const TimeLabel& label) {
  const auto time = from_binary(label);
  return time ? time : from_bcd(label);
}

TimeLabel to_label(LocalTime time) {
  const local_days midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{time - midnight};
  const auto byte = [](auto value) { return static_cast<std::uint8_t>(value); };
  return {byte(clock.seconds().count()),
          byte(clock.minutes().count()),
          byte(clock.hours().count()),
          byte(static_cast<unsigned>(date.day())),
          byte(static_cast<unsigned>(date.month())),
          byte(static_cast<int>(date.year()) % 100)};
}

std::string to_string(LocalTime time) {
  const local_days midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{time - midnight};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace tocsin::gb26875
