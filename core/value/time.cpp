#include "core/value/time.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace tocsin {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::year_month_day;

std::string to_rfc3339(UtcTime time, minutes offset) {
  const auto local = time + offset;
  const auto day = floor<days>(local);
  const year_month_day date{day};
  const hh_mm_ss clock{local - day};
  const auto magnitude = offset.count() < 0 ? -offset : offset;
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03d%c%02d:%02d",
                    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                    static_cast<int>(clock.subseconds().count()), offset.count() < 0 ? '-' : '+',
                    static_cast<int>(magnitude.count() / 60), static_cast<int>(magnitude.count() % 60));
  return {text.data(), static_cast<std::size_t>(length)};
}

Result<UtcTime> from_rfc3339(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second,
                  &used) != 6)
    return fail(Fault::bad_input, "'" + text + "' is no RFC 3339 time");
  std::string rest = text.substr(static_cast<std::size_t>(used));
  int ms = 0;
  if (rest.starts_with(".")) {
    std::size_t i = 1;
    for (int weight = 100; i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; ++i, weight /= 10)
      ms += (rest[i] - '0') * weight;
    rest.erase(0, i);
  }
  int offset_hours = 0, offset_minutes = 0;
  if (rest != "Z") {
    if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') ||
        std::sscanf(rest.c_str() + 1, "%2d:%2d", &offset_hours, &offset_minutes) != 2)
      return fail(Fault::bad_input, "'" + text + "' has no offset such as +08:00 or Z");
    if (rest[0] == '-') offset_hours = -offset_hours, offset_minutes = -offset_minutes;
  }
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60)
    return fail(Fault::bad_input, "'" + text + "' is no valid date and time");
  return UtcTime{std::chrono::sys_days{date} + std::chrono::hours{hour - offset_hours} +
                 minutes{minute - offset_minutes} + std::chrono::seconds{second} + milliseconds{ms}};
}

Result<Duration> parse_duration(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  const double ns = unit == "ms" ? 1e6 : unit == "s" ? 1e9 : unit == "m" ? 60e9 : unit == "h" ? 3600e9 : 0;
  if (error != std::errc{} || ns == 0 || number < 0 || number * ns > 9e18)
    return fail(Fault::bad_input, "'" + text + "' is no duration; write for example 500ms, 3s, 10m or 2h");
  return Duration{static_cast<std::int64_t>(number * ns)};
}

std::string to_string(Duration duration) {
  const std::int64_t ms = to_ms(duration);
  if (ms % 3'600'000 == 0 && ms != 0) return std::to_string(ms / 3'600'000) + "h";
  if (ms % 60'000 == 0 && ms != 0) return std::to_string(ms / 60'000) + "m";
  if (ms % 1'000 == 0) return std::to_string(ms / 1'000) + "s";
  return std::to_string(ms) + "ms";
}

}  // namespace tocsin
