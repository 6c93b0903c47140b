#include "drivers/dlt645/items.h"

#include <algorithm>
#include <iterator>

namespace tocsin::dlt645 {
namespace {

constexpr std::uint8_t block = 0xFF;
constexpr std::string_view phases[] = {"total", "A", "B", "C"};

struct Named {
  std::uint32_t identifier;
  std::string_view name;
  Format format;
  std::uint8_t width;
  std::uint8_t decimals;
  bool is_signed;
  std::string_view unit;
};

// Items with one identifier each.
constexpr Named singles[] = {
    {0x00900100, "remaining_energy", Format::number, 4, 2, false, "kWh"},
    {0x00900200, "remaining_money", Format::number, 4, 2, false, "yuan"},
    {0x02800001, "neutral_current", Format::number, 3, 3, true, "A"},
    {0x02800002, "frequency", Format::number, 2, 2, false, "Hz"},
    {0x02800003, "mean_active_power_1min", Format::number, 3, 4, true, "kW"},
    {0x02800004, "active_demand", Format::number, 3, 4, true, "kW"},
    {0x02800005, "reactive_demand", Format::number, 3, 4, true, "kvar"},
    {0x02800006, "apparent_demand", Format::number, 3, 4, true, "kVA"},
    {0x02800007, "internal_temperature", Format::number, 2, 1, true, "degC"},
    {0x02800008, "clock_battery_voltage", Format::number, 2, 2, false, "V"},
    {0x02800009, "readout_battery_voltage", Format::number, 2, 2, false, "V"},
    {0x0280000A, "battery_run_time", Format::number, 4, 0, false, "min"},
    {0x03300000, "programming_count", Format::number, 3, 0, false, ""},
    {0x03300D00, "cover_open_count", Format::number, 3, 0, false, ""},
    {0x04000101, "date_week", Format::date_weekday, 4, 0, false, ""},
    {0x04000102, "time", Format::clock, 3, 0, false, ""},
    {0x04000401, "comm_address", Format::digits, 6, 0, false, ""},
    {0x04000402, "meter_number", Format::digits, 6, 0, false, ""},
    {0x04000403, "asset_code", Format::text, 32, 0, false, ""},
    {0x04000404, "rated_voltage", Format::text, 6, 0, false, ""},
    {0x04000405, "rated_current", Format::text, 6, 0, false, ""},
    {0x04000406, "max_current", Format::text, 6, 0, false, ""},
    {0x04000407, "active_accuracy", Format::text, 4, 0, false, ""},
    {0x04000408, "reactive_accuracy", Format::text, 4, 0, false, ""},
    {0x04000409, "active_constant", Format::number, 3, 0, false, "imp/kWh"},
    {0x0400040A, "reactive_constant", Format::number, 3, 0, false, "imp/kvarh"},
    {0x0400040B, "meter_model", Format::text, 10, 0, false, ""},
    {0x0400040C, "production_date", Format::text, 10, 0, false, ""},
    {0x0400040D, "protocol_version", Format::text, 16, 0, false, ""},
    {0x1D000001, "trip_count", Format::number, 3, 0, false, ""},
    {0x1E000001, "close_count", Format::number, 3, 0, false, ""},
};

// DI2 of energies (DI3 = 00) and of maximum demands (DI3 = 01). `phase` is "" for all phases together.
struct Direction {
  std::uint8_t di2;
  std::string_view name;
  std::string_view phase;
  std::string_view power_unit;
  bool is_signed;
};
constexpr Direction directions[] = {
    {0x00, "combined_active", "", "kW", true},       {0x01, "forward_active", "", "kW", false},
    {0x02, "reverse_active", "", "kW", false},       {0x03, "combined_reactive1", "", "kvar", true},
    {0x04, "combined_reactive2", "", "kvar", true},  {0x05, "quadrant1_reactive", "", "kvar", false},
    {0x06, "quadrant2_reactive", "", "kvar", false}, {0x07, "quadrant3_reactive", "", "kvar", false},
    {0x08, "quadrant4_reactive", "", "kvar", false}, {0x09, "forward_apparent", "", "kVA", false},
    {0x0A, "reverse_apparent", "", "kVA", false},    {0x15, "forward_active", "_A", "kW", false},
    {0x16, "reverse_active", "_A", "kW", false},     {0x29, "forward_active", "_B", "kW", false},
    {0x2A, "reverse_active", "_B", "kW", false},     {0x3D, "forward_active", "_C", "kW", false},
    {0x3E, "reverse_active", "_C", "kW", false},
};
constexpr std::uint8_t last_tariff = 0x3F, last_settlement = 0x0C;

// DI2 of instantaneous values (DI3 = 02) that exist per phase.
struct PerPhase {
  std::uint8_t di2;
  std::string_view name;
  std::uint8_t width;
  std::uint8_t decimals;
  bool is_signed;
  std::string_view unit;
  bool has_total;
};
constexpr PerPhase per_phase[] = {
    {0x01, "voltage", 2, 1, false, "V", false},        {0x02, "current", 3, 3, true, "A", false},
    {0x03, "active_power", 3, 4, true, "kW", true},    {0x04, "reactive_power", 3, 4, true, "kvar", true},
    {0x05, "apparent_power", 3, 4, true, "kVA", true}, {0x06, "power_factor", 2, 3, true, "", true},
    {0x07, "phase_angle", 2, 1, false, "deg", false},  {0x08, "voltage_thd", 2, 2, false, "%", false},
    {0x09, "current_thd", 2, 2, false, "%", false},
};
constexpr std::uint8_t last_harmonic = 0x15;

std::uint8_t part(std::uint32_t identifier, int index) {
  return static_cast<std::uint8_t>(identifier >> (8 * index));
}

std::string_view energy_unit(std::string_view power_unit) {
  if (power_unit == "kW") return "kWh";
  return power_unit == "kvar" ? "kvarh" : "kVAh";
}

std::optional<Item> single(std::uint32_t identifier) {
  const auto found = std::find_if(std::begin(singles), std::end(singles),
                                  [&](const Named& named) { return named.identifier == identifier; });
  if (found == std::end(singles)) return std::nullopt;
  return Item{std::string(found->name), found->format, found->width, found->decimals,
              found->is_signed,         found->unit,   false};
}

// DI1: total, tariff or all of them; DI0: now or the n-th last settlement day.
std::optional<Item> energy_or_demand(std::uint32_t identifier) {
  const std::uint8_t tariff = part(identifier, 1), settlement = part(identifier, 0);
  const auto found =
      std::find_if(std::begin(directions), std::end(directions),
                   [&](const Direction& direction) { return direction.di2 == part(identifier, 2); });
  if (found == std::end(directions) || settlement > last_settlement) return std::nullopt;
  if (tariff > last_tariff && tariff != block) return std::nullopt;
  const bool energy = part(identifier, 3) == 0x00;
  Item item;
  item.name = std::string(found->name) + (energy ? "_energy" : "_max_demand") + std::string(found->phase);
  if (tariff == block) {
    item.name += "_block";
  } else {
    item.name += tariff == 0 ? "_total" : "_T" + std::to_string(tariff);
  }
  if (settlement > 0) item.name += "_last" + std::to_string(settlement);
  item.block = tariff == block;
  item.format = energy ? Format::number : Format::number_time;
  item.width = energy ? 4 : 8;
  item.decimals = energy ? 2 : 4;
  item.is_signed = found->is_signed;
  item.unit = energy ? energy_unit(found->power_unit) : found->power_unit;
  return item;
}

std::optional<Item> harmonic(std::uint32_t identifier) {
  const std::uint8_t phase = part(identifier, 1), order = part(identifier, 0);
  if (phase < 1 || phase > 3 || (order != block && (order < 1 || order > last_harmonic))) return std::nullopt;
  Item item;
  item.name = part(identifier, 2) == 0x0A ? "voltage_harmonic_" : "current_harmonic_";
  item.name += std::string(phases[phase]) + (order == block ? "_block" : "_" + std::to_string(order));
  item.block = order == block;
  item.width = 2;
  item.decimals = 2;
  item.unit = "%";
  return item;
}

std::optional<Item> instantaneous(std::uint32_t identifier) {
  const std::uint8_t di2 = part(identifier, 2), phase = part(identifier, 1);
  if (di2 == 0x0A || di2 == 0x0B) return harmonic(identifier);
  const auto found = std::find_if(std::begin(per_phase), std::end(per_phase),
                                  [&](const PerPhase& row) { return row.di2 == di2; });
  if (found == std::end(per_phase) || part(identifier, 0) != 0) return std::nullopt;
  if (phase != block && (phase > 3 || (phase == 0 && !found->has_total))) return std::nullopt;
  Item item{std::string(found->name), Format::number, found->width, found->decimals,
            found->is_signed,         found->unit,    false};
  item.block = phase == block;
  item.name += "_" + std::string(item.block ? "block" : phases[phase]);
  return item;
}

std::optional<Item> status_word(std::uint32_t identifier) {
  const std::uint8_t number = part(identifier, 0);
  if (number == block) return Item{"status_word_block", Format::bits, 2, 0, false, "", true};
  if (number < 1 || number > 7) return std::nullopt;
  return Item{"status_word_" + std::to_string(number), Format::bits, 2, 0, false, "", false};
}

// DI0 is the n-th last day.
std::optional<Item> daily_freeze(std::uint32_t identifier) {
  if (part(identifier, 0) == 0) return std::nullopt;
  if (part(identifier, 1) == 0x00) return Item{"daily_freeze_time", Format::minute, 5, 0, false, "", false};
  if (part(identifier, 1) != 0x01) return std::nullopt;
  return Item{"daily_freeze_forward_active_energy_block", Format::number, 4, 2, false, "kWh", true};
}

}  // namespace

std::optional<Item> find_item_2007(std::uint32_t identifier) {
  if (auto item = single(identifier)) return item;
  const std::uint8_t di3 = part(identifier, 3);
  if (di3 == 0x00 || di3 == 0x01) return energy_or_demand(identifier);
  if (di3 == 0x02) return instantaneous(identifier);
  if (identifier >> 8 == 0x040005) return status_word(identifier);
  if (identifier >> 16 == 0x0506) return daily_freeze(identifier);
  return std::nullopt;
}

std::optional<Item> find_item(std::uint32_t identifier, Edition edition) {
  if (edition == Edition::v2007) return find_item_2007(identifier);
  return identifier > 0xFFFF ? std::nullopt : find_item_1997(static_cast<std::uint16_t>(identifier));
}

}  // namespace tocsin::dlt645
