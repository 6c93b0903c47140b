#pragma once
// The arithmetic of the OSDP secure channel (v2.2 annex D): keys, cryptograms, MAC and encryption of one
// message. Pure functions; the chain from message to message is in secure_channel.h.

#include <array>
#include <cstdint>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "drivers/osdp/aes.h"

namespace tocsin::osdp {

using Random = std::array<std::uint8_t, 8>;  // RND.A of the panel, RND.B of the device

// SCBK-D, known to everybody: allowed only while a device is being installed.
inline constexpr Block default_base_key = {0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,
                                           0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F};

struct SessionKeys {
  Block s_enc{}, s_mac1{}, s_mac2{};
};

SessionKeys derive_keys(const Block& base_key, const Random& rnd_a);
Block client_cryptogram(const SessionKeys& keys, const Random& rnd_a, const Random& rnd_b);
Block server_cryptogram(const SessionKeys& keys, const Random& rnd_a, const Random& rnd_b);
Block initial_rmac(const SessionKeys& keys, const Block& server_cryptogram);

// All 16 bytes; the first 4 travel. `previous` is the last MAC of the other side.
Block compute_mac(const SessionKeys& keys, const Block& previous, ByteView covered);
// Padded with 80 00.. to whole blocks, always at least one byte of padding.
Bytes encrypt(const SessionKeys& keys, const Block& previous, ByteView plain);
// framing: not whole blocks, or no padding at the end.
Result<Bytes> decrypt(const SessionKeys& keys, const Block& previous, ByteView data);

}  // namespace tocsin::osdp
