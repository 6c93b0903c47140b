#pragma once
// Packed BCD as the meters use it.

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes/reader.h"

namespace tocsin::bytes {

// Least significant byte first; nothing when a nibble is above 9. At most 9 bytes.
std::optional<std::uint64_t> bcd_le(ByteView data);
std::optional<std::uint8_t> bcd(std::uint8_t byte);
std::uint8_t to_bcd(std::uint8_t value);  // 0..99
// Digits of an address, most significant first, hex digits kept: 12 90 78 56 34 12 -> "123456789012".
std::string digits_le(ByteView data);

}  // namespace tocsin::bytes
