#pragma once
// The checksums of the field protocols and of stored rows.

#include <cstdint>

#include "core/bytes/reader.h"

namespace tocsin::bytes {

std::uint8_t sum8(ByteView data);           // DL/T 645, CJ/T 188, M-Bus, GB/T 26875.3: sum mod 256
std::uint16_t crc16_modbus(ByteView data);  // poly A001 reflected, init FFFF; low byte first on the wire
std::uint16_t crc16_osdp(ByteView data);    // poly 1021, init 1D0F, not reflected; low byte first on the wire
std::uint32_t crc32c(ByteView data, std::uint32_t seed = 0);  // Castagnoli, for rows at rest

}  // namespace tocsin::bytes
