#pragma once
// What every find_frame() and parse_frame() must hold for every good frame. Used by the tests of the
// protocols.

#include <functional>

#include <doctest/doctest.h>

#include "core/bytes/found.h"
#include "core/bytes/hex.h"

namespace tocsin::laws {

using Find = std::function<bytes::Found(ByteView)>;
using Accepts = std::function<bool(ByteView whole)>;

inline Bytes hex(std::string_view text) {
  return bytes::from_hex(text).value();
}

// A frame that arrives byte by byte is waited for, found once it is whole, and not before.
inline void check_byte_by_byte(const Bytes& frame, const Find& find) {
  for (std::size_t size = 1; size < frame.size(); ++size) {
    CAPTURE(size);
    const auto found = find(ByteView(frame).first(size));
    CHECK(found.state == bytes::Found::State::need_more);
    CHECK(found.size > size);
    CHECK(found.size <= frame.size());
  }
  CHECK(find(frame) == bytes::Found::frame(frame.size()));
}

// Skipping leads through `noise` to the frame, without a step of no bytes and without losing the frame.
inline void check_behind_noise(const Bytes& noise, const Bytes& frame, const Find& find) {
  Bytes input = noise;
  input.insert(input.end(), frame.begin(), frame.end());
  input.insert(input.end(), noise.begin(), noise.end());
  std::size_t offset = 0;
  bytes::Found found;
  while ((found = find(ByteView(input).subspan(offset))).state == bytes::Found::State::skip) {
    REQUIRE(found.size > 0);
    offset += found.size;
    REQUIRE(offset <= noise.size());
  }
  CHECK(offset == noise.size());
  CHECK(found == bytes::Found::frame(frame.size()));
}

inline void check_every_bit_flip_is_refused(const Bytes& frame, const Accepts& accepts) {
  REQUIRE(accepts(frame));
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    CAPTURE(bit);
    Bytes damaged = frame;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    CHECK_FALSE(accepts(damaged));
  }
}

inline void check_every_truncation_is_refused(const Bytes& frame, const Accepts& accepts) {
  for (std::size_t size = 0; size < frame.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(accepts(ByteView(frame).first(size)));
  }
}

}  // namespace tocsin::laws
