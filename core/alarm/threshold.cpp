#include "core/alarm/threshold.h"

#include <cmath>

namespace tocsin::alarm {

std::optional<std::int64_t> as_integer(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  const auto number = as_number(value);
  constexpr double exact = 9007199254740992.0;  // 2^53: beyond it a double skips integers
  if (!number || std::abs(*number) > exact || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

}  // namespace tocsin::alarm
