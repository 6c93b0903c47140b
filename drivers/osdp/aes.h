#pragma once
// AES-128 as the secure channel uses it: single blocks, and CBC without padding. OpenSSL stays inside
// aes.cpp.

#include <array>
#include <cstdint>

#include "core/bytes/reader.h"

namespace tocsin::osdp {

inline constexpr std::size_t block_size = 16;
using Block = std::array<std::uint8_t, block_size>;

Block aes_ecb(const Block& key, const Block& plain);
// `data` is whole blocks; anything else, or a library without AES, is a bug and throws std::logic_error.
Bytes aes_cbc_encrypt(const Block& key, const Block& iv, ByteView data);
Bytes aes_cbc_decrypt(const Block& key, const Block& iv, ByteView data);
// Takes the same time wherever the bytes differ; different sizes are never equal.
bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace tocsin::osdp
