#include "drivers/cjt188/layouts.h"

namespace tocsin::cjt188 {
namespace {

constexpr Field water_or_gas[] = {
    {"current_total", Kind::with_unit, 4, 2},
    {"settlement_total", Kind::with_unit, 4, 2},
    {"meter_time", Kind::clock, 7},
    {"status", Kind::status, 2},
};

constexpr Field heat[] = {
    {"settlement_heat", Kind::with_unit, 4, 2},
    {"current_heat", Kind::with_unit, 4, 2},
    {"heat_power", Kind::with_unit, 4, 2},
    {"flow_rate", Kind::with_unit, 4, 4},
    {"accumulated_flow", Kind::with_unit, 4, 2},
    {"supply_temp", Kind::plain, 3, 2, "degC"},
    {"return_temp", Kind::plain, 3, 2, "degC"},
    {"work_hours", Kind::plain, 3, 0, "h"},
    {"meter_time", Kind::clock, 7},
    {"status", Kind::status, 2},
};

// One 2018 implementation; no capture known.
constexpr Field heat_short[] = {
    {"settlement_heat", Kind::with_unit, 4, 2},
    {"current_heat", Kind::with_unit, 4, 2},
    {"heat_power", Kind::with_unit, 3, 2},
    {"flow_rate", Kind::with_unit, 3, 4},
    {"accumulated_flow", Kind::with_unit, 4, 2},
    {"supply_temp", Kind::plain, 2, 2, "degC"},
    {"return_temp", Kind::plain, 2, 2, "degC"},
    {"work_hours", Kind::plain, 4, 0, "h"},
    {"meter_time", Kind::clock, 7},
    {"status", Kind::status, 2},
};

constexpr Field month[] = {{"month_total", Kind::with_unit, 4, 2}};

// 2018; the pressure has no unit in the sources at hand.
constexpr Field freeze[] = {
    {"freeze_time", Kind::clock, 7},      {"current_total", Kind::with_unit, 4, 2},
    {"flow_rate", Kind::with_unit, 4, 4}, {"temperature", Kind::plain, 3, 2, "degC"},
    {"pressure", Kind::plain, 3, 2, ""},
};

// The length that a layout is chosen by: identifier, serial number and every field.
constexpr std::size_t length_of(std::span<const Field> layout) {
  std::size_t length = 3;
  for (const Field& field : layout) length += field.width + (field.kind == Kind::with_unit ? 1u : 0u);
  return length;
}
constexpr std::size_t water_length = 0x16, heat_length = 0x2E, heat_short_length = 0x2B, month_length = 0x08,
                      freeze_length = 0x1A;
static_assert(length_of(water_or_gas) == water_length && length_of(heat) == heat_length);
static_assert(length_of(heat_short) == heat_short_length && length_of(month) == month_length);
static_assert(length_of(freeze) == freeze_length);

}  // namespace

std::span<const Field> find_layout(std::uint16_t identifier, std::size_t data_length) {
  if (identifier == 0x901F || identifier == 0x911F) {
    switch (data_length) {
      case water_length: return water_or_gas;
      case heat_length: return heat;
      case heat_short_length: return heat_short;
      default: return {};
    }
  }
  if (identifier >= 0xD120 && identifier <= 0xD12B && data_length == month_length) return month;
  const int freeze_class = identifier >> 8;
  if ((freeze_class == 0xD3 || freeze_class == 0xD4) && data_length == freeze_length) return freeze;
  return {};
}

}  // namespace tocsin::cjt188
