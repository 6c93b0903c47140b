#pragma once
// What a value information field means, as data: EN 13757-3 tables 10 (primary) and 14 (extension FD). Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::mbus {

struct Meaning {
  std::string_view quantity;
  std::string_view unit;  // "" for a bare number
  int exponent = 0;       // the raw number counts 10^exponent of the unit
};

// `vif` without its extension bit. Nothing for dates, text, extensions and manufacturers' codes.
std::optional<Meaning> find_vif(std::uint8_t vif);
// The first VIFE after FD, without its extension bit.
std::optional<Meaning> find_extension_fd(std::uint8_t vife);

inline constexpr std::uint8_t vif_date = 0x6C, vif_date_time = 0x6D, vif_text = 0x7C, vif_extension_fd = 0xFD;

}  // namespace tocsin::mbus
