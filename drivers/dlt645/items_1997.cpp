#include <algorithm>
#include <iterator>

#include "drivers/dlt645/items.h"

namespace tocsin::dlt645 {
namespace {

constexpr std::string_view phases[] = {"total", "A", "B", "C"};

// DI1 and the high half of DI0 of energies; the low half is 0 total, 1..E tariff, F all of them.
struct Energy {
  std::uint16_t base;
  std::string_view name;
  std::string_view unit;
  std::string_view period;
};
constexpr Energy energies[] = {
    {0x9010, "forward_active_energy", "kWh", ""},
    {0x9020, "reverse_active_energy", "kWh", ""},
    {0x9110, "forward_reactive_energy", "kvarh", ""},
    {0x9120, "reverse_reactive_energy", "kvarh", ""},
    {0x9410, "forward_active_energy", "kWh", "_last_month"},
    {0x9420, "reverse_active_energy", "kWh", "_last_month"},
};

// Low half of DI0: 0 total, 1..3 phase, F all of them.
struct PerPhase {
  std::uint16_t base;
  std::string_view name;
  std::uint8_t width;
  std::uint8_t decimals;
  std::string_view unit;
  bool has_total;
};
constexpr PerPhase per_phase[] = {
    {0xB610, "voltage", 2, 0, "V", false},      {0xB620, "current", 2, 2, "A", false},
    {0xB630, "active_power", 3, 4, "kW", true}, {0xB640, "reactive_power", 2, 2, "kvar", true},
    {0xB650, "power_factor", 2, 3, "", true},
};

struct Single {
  std::uint16_t identifier;
  std::string_view name;
  Format format;
  std::uint8_t width;
};
constexpr Single singles[] = {
    {0xC010, "date_week", Format::date_weekday, 4}, {0xC011, "time", Format::clock, 3},
    {0xC020, "status_word", Format::bits, 1},       {0xC032, "meter_number", Format::digits, 6},
    {0xC034, "device_number", Format::digits, 6},
};

}  // namespace

std::optional<Item> find_item_1997(std::uint16_t identifier) {
  const std::uint16_t base = identifier & 0xFFF0;
  const std::uint8_t low = identifier & 0x0F;
  for (const Single& single : singles) {
    if (single.identifier != identifier) continue;
    return Item{std::string(single.name), single.format, single.width, 0, false, "", false};
  }
  for (const Energy& energy : energies) {
    if (energy.base != base) continue;
    const std::string kind = low == 0 ? "_total" : low == 0x0F ? "_block" : "_T" + std::to_string(low);
    return Item{std::string(energy.name) + kind + std::string(energy.period),
                Format::number,
                4,
                2,
                false,
                energy.unit,
                low == 0x0F};
  }
  for (const PerPhase& row : per_phase) {
    if (row.base != base || (low > 3 && low != 0x0F) || (low == 0 && !row.has_total)) continue;
    const std::string_view kind = low == 0x0F ? "block" : phases[low];
    return Item{std::string(row.name) + "_" + std::string(kind),
                Format::number,
                row.width,
                row.decimals,
                false,
                row.unit,
                low == 0x0F};
  }
  return std::nullopt;
}

}  // namespace tocsin::dlt645
