#pragma once
// Modbus frames in both directions, for decoding and for simulators: serial RTU (Modbus over Serial Line
// V1.02, clause 2.5) and TCP (Messaging on TCP/IP V1.0b, clause 3.1.3) around one PDU (Application Protocol
// V1.1b3, clause 6). Pure; any thread.

#include <cstdint>

#include "core/bytes/found.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::modbus {

inline constexpr std::size_t max_pdu = 253;
inline constexpr std::size_t max_rtu_frame = 256;
inline constexpr std::size_t max_tcp_adu = 260;

enum class Direction : std::uint8_t { request, response };

// One PDU. Which members count depends on function and direction:
//   01..04 request: address, count             response: data (bits or registers as on the wire)
//   05 06  both:    address, value
//   0F 10  request: address, count, data       response: address, count
//   exception response: exception
//   any other function: data
struct Pdu {
  std::uint8_t function = 0;  // without the exception bit
  Direction direction = Direction::request;
  std::uint16_t address = 0;  // as on the wire, from 0
  std::uint16_t count = 0;
  std::uint16_t value = 0;
  std::uint8_t exception = 0;  // 0: none
  Bytes data;

  friend bool operator==(const Pdu&, const Pdu&) = default;
};

struct RtuFrame {
  std::uint8_t unit = 0;  // 0 is broadcast
  Pdu pdu;

  friend bool operator==(const RtuFrame&, const RtuFrame&) = default;
};

struct TcpAdu {
  std::uint16_t transaction = 0;
  std::uint8_t unit = 0;
  Pdu pdu;

  friend bool operator==(const TcpAdu&, const TcpAdu&) = default;
};

// Error: framing (length, count or byte count does not fit the function).
Result<Pdu> parse_pdu(ByteView pdu, Direction direction);
// Error: bad_input (a count outside the standard, or data that does not match it).
Result<Bytes> build_pdu(const Pdu& pdu);

// The size of a frame of this direction is told by its function and byte count; a function outside the table
// above is not found. Pauses of the line are not visible here.
bytes::Found find_rtu_frame(ByteView input, Direction direction);
// `whole` is exactly one frame. Errors: framing, crc.
Result<RtuFrame> parse_rtu_frame(ByteView whole, Direction direction);
Result<Bytes> build_rtu_frame(const RtuFrame& frame);

bytes::Found find_tcp_adu(ByteView input);
Result<TcpAdu> parse_tcp_adu(ByteView whole, Direction direction);
Result<Bytes> build_tcp_adu(const TcpAdu& adu);

}  // namespace tocsin::modbus
