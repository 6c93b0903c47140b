#include "drivers/mbus/fixed_units.h"

namespace tocsin::mbus {
namespace {

// From 02 to 37 the units come in threes: times 1, 10 and 100.
constexpr std::uint8_t first = 0x02;
constexpr std::string_view triples[] = {"Wh",   "kWh",  "MWh",  "kJ", "MJ", "GJ", "W",    "kW",  "MW",
                                        "kJ/h", "MJ/h", "GJ/h", "mL", "L",  "m3", "mL/h", "L/h", "m3/h"};
constexpr std::uint8_t temperature = 0x38;  // 10^-3 degC

}  // namespace

std::optional<FixedUnit> find_fixed_unit(std::uint8_t code) {
  if (code == temperature) return FixedUnit{"degC", -3};
  if (code < first || code > 0x37) return std::nullopt;
  const int index = code - first;
  return FixedUnit{triples[index / 3], index % 3};
}

}  // namespace tocsin::mbus
