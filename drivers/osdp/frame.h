#pragma once
// The OSDP v2.2 frame (IEC 60839-11-5):
//   [FF mark] 53 ADDR LEN(2, low first) CTRL [SCB: length, type, data] CODE DATA [MAC 4] (checksum 1 | CRC 2,
//   low first)
// LEN counts from 53 to the last check byte. CTRL: bits 0-1 sequence, bit 2 CRC, bit 3 security block. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes/found.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::osdp {

inline constexpr std::uint8_t mark = 0xFF;
inline constexpr std::uint8_t start_of_message = 0x53;
inline constexpr std::uint8_t broadcast_address =
    0x7F;                                            // every device listens: only with one device on the line
inline constexpr std::size_t min_frame_size = 7;     // header 5, code 1, checksum 1
inline constexpr std::size_t max_frame_size = 1440;  // the standard's largest packet
inline constexpr std::size_t header_size = 5;
inline constexpr std::size_t mac_size = 4;  // of the 16 bytes computed, the first 4 travel

enum class SecurityType : std::uint8_t {
  scs_11 = 0x11,  // CHLNG; data: 0 default key (SCBK-D), 1 own key (SCBK)
  scs_12 = 0x12,  // CCRYPT; data as in SCS_11
  scs_13 = 0x13,  // SCRYPT; data as in SCS_11
  scs_14 = 0x14,  // RMAC_I; data: 1 the server's cryptogram is good
  scs_15 = 0x15,  // command with MAC
  scs_16 = 0x16,  // reply with MAC
  scs_17 = 0x17,  // command with MAC and encrypted data
  scs_18 = 0x18,  // reply with MAC and encrypted data
};

struct SecurityBlock {
  SecurityType type{};
  Bytes data;

  bool has_mac() const { return type >= SecurityType::scs_15 && type <= SecurityType::scs_18; }
  bool encrypted() const { return type == SecurityType::scs_17 || type == SecurityType::scs_18; }
  friend bool operator==(const SecurityBlock&, const SecurityBlock&) = default;
};

using Mac = std::array<std::uint8_t, mac_size>;

struct Frame {
  std::uint8_t address = 0;   // 0..126, or 127 for all
  bool reply = false;         // from the device; on the wire bit 7 of ADDR
  std::uint8_t sequence = 0;  // 0 starts a session, then 1, 2, 3, 1, ...
  bool crc = true;            // CRC-16, else an 8-bit checksum
  std::optional<SecurityBlock> security;
  std::uint8_t code = 0;   // a CommandCode, or a ReplyCode when `reply`
  Bytes payload;           // as on the wire: still encrypted under SCS_17 and SCS_18
  std::optional<Mac> mac;  // present exactly when the security block says so

  friend bool operator==(const Frame&, const Frame&) = default;
};

// `data` is exactly one frame, without the mark. framing: bad start, length or layout; crc: bad check bytes;
// unsupported: reserved control bits.
Result<Frame> parse_frame(ByteView data);

// `mac` must be set exactly when the security block carries one. bad_input: that, or a field out of its
// range.
Result<Bytes> build_frame(const Frame& frame);
// The bytes that a MAC covers: from 53 to the last data byte, with the LEN of the finished frame. The mac is
// ignored.
Result<Bytes> build_without_mac(const Frame& frame);
// The same part of a frame received: `data` passed parse_frame and has a MAC.
ByteView part_under_mac(ByteView data);

// What is at the front of a received stream; a frame found passes parse_frame. Never asks for more than
// max_frame_size bytes, so a receive buffer of that size suffices. The mark byte counts as noise.
bytes::Found find_frame(ByteView received);

}  // namespace tocsin::osdp
