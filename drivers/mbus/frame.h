#pragma once
// The link layer of wired M-Bus, EN 13757-2 clause 5: E5 | 10 C A CS 16 | 68 L L 68 C A CI DATA CS 16. Pure;
// any thread.

#include <cstdint>

#include "core/bytes/found.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::mbus {

enum class FrameKind : std::uint8_t {
  ack,          // E5
  short_frame,  // C and A
  control,      // long frame without data
  long_frame,
};

inline constexpr std::size_t max_data = 252;  // L is at most 255 and counts C, A and CI
inline constexpr std::size_t max_frame = max_data + 9;

struct Frame {
  FrameKind kind = FrameKind::ack;
  std::uint8_t control = 0;      // C
  std::uint8_t address = 0;      // A: 1..250, 253 selected, 254 all answer, 255 broadcast
  std::uint8_t information = 0;  // CI, in control and long frames
  Bytes data;                    // long frames

  friend bool operator==(const Frame&, const Frame&) = default;
};

// Looks at the front of `input`. A single E5 anywhere is a frame: who waits for no ACK drops it.
bytes::Found find_frame(ByteView input);

// `whole` is exactly one frame. Errors: framing, crc.
Result<Frame> parse_frame(ByteView whole);

// Error: bad_input when there is more than max_data.
Result<Bytes> build_frame(const Frame& frame);

}  // namespace tocsin::mbus
