#pragma once
// Physical units of the fixed data structure (CI 73), EN 1434-3 table, as data. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::mbus {

struct FixedUnit {
  std::string_view name;
  int exponent = 0;  // the counter counts 10^exponent of the unit
};

std::optional<FixedUnit> find_fixed_unit(
    std::uint8_t code);  // nothing: time, date, reserved or without a unit

}  // namespace tocsin::mbus
