#pragma once
// The frame of electricity meters, DL/T 645-2007 clause 5 (the 1997 edition has the same envelope):
// [FE...] 68 A0..A5 68 C L DATA[L] CS 16. Pure; any thread.

#include <array>
#include <cstdint>
#include <optional>

#include "core/bytes/found.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::dlt645 {

enum class Edition : std::uint8_t { v1997, v2007 };

inline constexpr std::size_t max_data = 200;  // L of an answer
inline constexpr std::size_t overhead = 12;   // 68 A0..A5 68 C L CS 16
inline constexpr std::size_t max_frame = max_data + overhead;

struct Frame {
  std::array<std::uint8_t, 6> address{};  // as on the wire: lowest BCD digits first; AA is a wildcard
  std::uint8_t control = 0;
  Bytes data;  // plain: the offset of 33H is added and removed by build_frame and parse_frame

  bool from_meter() const { return (control & 0x80) != 0; }
  bool abnormal() const { return (control & 0x40) != 0; }
  bool more_frames() const { return (control & 0x20) != 0; }
  std::uint8_t function() const { return control & 0x1F; }

  friend bool operator==(const Frame&, const Frame&) = default;
};

// Looks at the front of `input`: the preamble FE and all noise is skipped.
bytes::Found find_frame(ByteView input);

// `whole` is exactly one frame from its first 68. Errors: framing, crc.
Result<Frame> parse_frame(ByteView whole);

// Without a preamble. Error: bad_input when there is more than max_data.
Result<Bytes> build_frame(const Frame& frame);

// The identifier at the front of the data, DI0 first: 4 bytes in 2007, 2 in 1997. Nothing when the function
// carries none or the data is too short.
std::optional<std::uint32_t> identifier(const Frame& frame, Edition edition);
std::size_t identifier_size(Edition edition);
// The identifier as a request carries it, DI0 first.
Bytes write_identifier(std::uint32_t identifier, Edition edition);

// What the meter says after the identifier of a read answer; a trailing SEQ (2007, function 12H) is not part
// of it.
ByteView answer_data(const Frame& frame, Edition edition);

}  // namespace tocsin::dlt645
