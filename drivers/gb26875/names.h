#pragma once
// What the numbers of GB/T 26875.3-2011 clause 8 mean. Tables, because the standard is under revision.

#include <cstdint>
#include <string_view>

namespace tocsin::gb26875 {

// All give an empty text for a reserved number; vendor numbers (128 and above) give "user-defined".
std::string_view type_name(std::uint8_t type_flag);
std::string_view system_type_name(std::uint8_t system_type);
std::string_view part_type_name(std::uint8_t part_type);

// One bit of the status (types 1, 2, 21) or operation (types 4, 24) of a unit of this type; names the meaning
// of a 1. Bit 0 of a status means "normal": all zeros is a test, not an alarm.
std::string_view status_bit_name(std::uint8_t type_flag, unsigned bit);

struct Analog {
  std::string_view name, unit;
  double step;  // value = raw * step; vendors differ for pressure, so a device's own scale goes first
};
Analog analog_of(std::uint8_t analog_type);  // empty name for a reserved or vendor type

}  // namespace tocsin::gb26875
