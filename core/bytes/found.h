#pragma once
// What a search for a frame saw at the front of an input: the answer of every find_frame().

#include <cstddef>
#include <cstdint>

namespace tocsin::bytes {

struct Found {
  enum class State : std::uint8_t {
    frame,      // the first `size` bytes are one whole frame with a good checksum
    need_more,  // the input may be the start of a frame of at least `size` bytes
    skip,       // the first `size` bytes (1 or more) begin no frame: drop them and search again
  };
  enum class Reason : std::uint8_t { none, noise, length_or_end, checksum };

  State state = State::need_more;
  std::size_t size = 0;
  Reason reason = Reason::none;  // why bytes are skipped; none for the other states

  static Found frame(std::size_t size) { return {State::frame, size, Reason::none}; }
  static Found need_more(std::size_t size) { return {State::need_more, size, Reason::none}; }
  static Found skip(std::size_t size, Reason reason) { return {State::skip, size, reason}; }

  friend bool operator==(const Found&, const Found&) = default;
};

}  // namespace tocsin::bytes
