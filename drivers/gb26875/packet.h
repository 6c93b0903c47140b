#pragma once
// The packet of GB/T 26875.3-2011 (clause 6), between a user information transmission device and a monitoring
// centre:
//   40 40 | serial 2 | version 2 | time 6 | source 6 | destination 6 | unit length 2 | command 1 | unit | sum
//   1 | 23 23
// Numbers travel low byte first; the sum covers serial to unit, mod 256. Pure; over TCP or UDP, the device
// connects.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/bytes/found.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "drivers/gb26875/time_label.h"

namespace tocsin::gb26875 {

inline constexpr std::size_t max_unit_size = 1024;
inline constexpr std::size_t overhead = 30;  // a packet without unit
inline constexpr std::size_t max_packet_size = overhead + max_unit_size;

enum class Command : std::uint8_t {  // 7..127 reserved, 128 and above of the vendor
  control = 1,
  send_data = 2,
  confirm = 3,
  request = 4,
  response = 5,
  deny = 6,
};
std::string_view name_of(Command command);  // "send data"; empty for others

struct Packet {
  std::uint16_t serial = 0;  // counted by who starts the exchange, echoed by who answers
  std::uint8_t version_main = 1, version_user = 1;  // never a reason to reject
  TimeLabel time{};
  std::uint64_t source = 0, destination = 0;  // 48 bits
  Command command{};
  Bytes unit;  // application.h; may be empty (confirm, deny, keep-alive)

  friend bool operator==(const Packet&, const Packet&) = default;
};

// `data` is exactly one packet. framing: marks or length; crc: sum.
Result<Packet> parse_packet(ByteView data);
// bad_input: unit above 1024 bytes, address above 48 bits.
Result<Bytes> build_packet(const Packet& packet);

// Same serial and versions, addresses swapped, no unit.
Packet confirm(const Packet& received, const TimeLabel& now);
Packet deny(const Packet& received, const TimeLabel& now);

// What is at the front of a received stream; a packet found passes parse_packet. Never asks for more than
// max_packet_size bytes, so a receive buffer of that size suffices.
bytes::Found find_packet(ByteView received);

}  // namespace tocsin::gb26875
