#include "drivers/cjt188/units.h"

namespace tocsin::cjt188 {
namespace {

// Each unit has three codes: itself, times 10, times 100.
struct Row {
  std::uint8_t code;
  std::string_view name;
};
constexpr Row rows[] = {
    {0x02, "Wh"},   {0x05, "kWh"}, {0x08, "MWh"},  {0x0B, "kJ"},   {0x0E, "MJ"},   {0x11, "GJ"},
    {0x14, "W"},    {0x17, "kW"},  {0x1A, "MW"},   {0x29, "L"},    {0x2C, "m3"},   {0x32, "L/h"},
    {0x35, "m3/h"}, {0x40, "J/h"}, {0x43, "kJ/h"}, {0x46, "MJ/h"}, {0x49, "GJ/h"},
};
constexpr std::uint8_t joule = 0x01;  // has no multiples: the next code is Wh
constexpr int multiples = 3;

}  // namespace

std::optional<Unit> find_unit(std::uint8_t code) {
  if (code == joule) return Unit{"J", 0};
  for (const Row& row : rows) {
    if (code >= row.code && code < row.code + multiples) return Unit{row.name, code - row.code};
  }
  return std::nullopt;
}

}  // namespace tocsin::cjt188
