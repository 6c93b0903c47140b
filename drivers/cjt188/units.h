#pragma once
// Unit codes of CJ/T 188, table 6, as data. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::cjt188 {

struct Unit {
  std::string_view name;  // "m3"
  int exponent = 0;       // the value counts 10^exponent of the unit: 2D is 10 m3
};

std::optional<Unit> find_unit(std::uint8_t code);  // nothing for a code that is not in the table

}  // namespace tocsin::cjt188
