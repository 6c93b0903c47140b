#include "drivers/mbus/vif.h"

namespace tocsin::mbus {
namespace {

// `count` codes from `first` on; each counts ten times more than the one before.
struct Range {
  std::uint8_t first;
  std::uint8_t count;
  std::string_view quantity;
  std::string_view unit;
  int exponent;  // of `first`
};

// Energies are shown in kWh and GJ, power in kW: 03 is 1 Wh, 10^-3 kWh.
constexpr Range primary[] = {
    {0x00, 8, "energy", "kWh", -6},
    {0x08, 8, "energy", "GJ", -9},
    {0x10, 8, "volume", "m3", -6},
    {0x18, 8, "mass", "kg", -3},
    {0x20, 1, "on_time", "s", 0},
    {0x21, 1, "on_time", "min", 0},
    {0x22, 1, "on_time", "h", 0},
    {0x23, 1, "on_time", "d", 0},
    {0x24, 1, "operating_time", "s", 0},
    {0x25, 1, "operating_time", "min", 0},
    {0x26, 1, "operating_time", "h", 0},
    {0x27, 1, "operating_time", "d", 0},
    {0x28, 8, "power", "kW", -6},
    {0x30, 8, "power", "GJ/h", -9},
    {0x38, 8, "volume_flow", "m3/h", -6},
    {0x40, 8, "volume_flow", "m3/min", -7},
    {0x48, 8, "volume_flow", "m3/s", -9},
    {0x50, 8, "mass_flow", "kg/h", -3},
    {0x58, 4, "flow_temp", "degC", -3},
    {0x5C, 4, "return_temp", "degC", -3},
    {0x60, 4, "temp_diff", "K", -3},
    {0x64, 4, "external_temp", "degC", -3},
    {0x68, 4, "pressure", "bar", -3},
    {0x6E, 1, "heat_cost", "", 0},
    {0x70, 1, "averaging_duration", "s", 0},
    {0x71, 1, "averaging_duration", "min", 0},
    {0x72, 1, "averaging_duration", "h", 0},
    {0x73, 1, "averaging_duration", "d", 0},
    {0x74, 1, "actuality_duration", "s", 0},
    {0x75, 1, "actuality_duration", "min", 0},
    {0x76, 1, "actuality_duration", "h", 0},
    {0x77, 1, "actuality_duration", "d", 0},
    {0x78, 1, "fabrication_no", "", 0},
    {0x79, 1, "enhanced_id", "", 0},
    {0x7A, 1, "bus_address", "", 0},
};

constexpr Range extension_fd[] = {
    {0x08, 1, "access_no", "", 0},        {0x09, 1, "medium", "", 0},
    {0x0A, 1, "manufacturer", "", 0},     {0x0B, 1, "parameter_set", "", 0},
    {0x0C, 1, "model_version", "", 0},    {0x0D, 1, "hardware_version", "", 0},
    {0x0E, 1, "firmware_version", "", 0}, {0x0F, 1, "software_version", "", 0},
    {0x17, 1, "error_flags", "", 0},      {0x40, 16, "voltage", "V", -9},
    {0x50, 16, "current", "A", -12},
};

template <std::size_t Count>
std::optional<Meaning> find_in(const Range (&ranges)[Count], std::uint8_t code) {
  for (const Range& range : ranges) {
    if (code < range.first || code >= range.first + range.count) continue;
    return Meaning{range.quantity, range.unit, range.exponent + code - range.first};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Meaning> find_vif(std::uint8_t vif) {
  return find_in(primary, vif);
}
std::optional<Meaning> find_extension_fd(std::uint8_t vife) {
  return find_in(extension_fd, vife);
}

}  // namespace tocsin::mbus
