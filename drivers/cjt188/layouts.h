#pragma once
// How the data of an answer is laid out, as data: CJ/T 188-2004 clause 7.3 and appendix, 2018 freezes. Pure.

#include <cstdint>
#include <span>
#include <string_view>

#include "drivers/cjt188/frame.h"

namespace tocsin::cjt188 {

enum class Kind : std::uint8_t {
  with_unit,  // BCD, lowest byte first, then a unit code
  plain,      // BCD with the unit of the layout
  clock,      // ss mm hh DD MM YY CC
  status,     // ST0 ST1
};

struct Field {
  std::string_view name;
  Kind kind;
  std::uint8_t width;  // bytes without the unit code
  std::uint8_t decimals = 0;
  std::string_view unit = {};  // Kind::plain
};

// The fields after identifier and serial number. Chosen by identifier and length: the type byte alone lies,
// vendors send a heat layout under other types. Empty when no layout is known.
std::span<const Field> find_layout(std::uint16_t identifier, std::size_t data_length);

}  // namespace tocsin::cjt188
