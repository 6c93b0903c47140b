#pragma once
// What the identifiers of DL/T 645 mean, as data: DL/T 645-2007 appendix A and DL/T 645-1997 appendix A.
// Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/dlt645/frame.h"

namespace tocsin::dlt645 {

enum class Format : std::uint8_t {
  number,        // packed BCD, lowest byte first
  number_time,   // a maximum demand: the number, then mm hh DD MM YY
  digits,        // BCD that is a name: an address, a number of the meter
  text,          // ASCII, last character first, filled with 00
  bits,          // status words
  date_weekday,  // WW DD MM YY, 0 is Sunday
  clock,         // ss mm hh
  minute,        // mm hh DD MM YY
};

struct Item {
  std::string name;
  Format format = Format::number;
  std::uint8_t width = 0;  // bytes of one value
  std::uint8_t decimals = 0;
  bool is_signed = false;      // the highest bit is the sign
  std::string_view unit = {};  // "" for a bare number
  bool block = false;          // as many values as the answer has room for
};

// Nothing for an identifier that is not in the tables.
std::optional<Item> find_item(std::uint32_t identifier, Edition edition);
std::optional<Item> find_item_2007(std::uint32_t identifier);
std::optional<Item> find_item_1997(std::uint16_t identifier);

}  // namespace tocsin::dlt645
