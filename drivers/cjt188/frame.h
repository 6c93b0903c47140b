#pragma once
// The frame of water, gas and heat meters, CJ/T 188-2004 clause 7 (2018 keeps it):
// [FE...] 68 T A0..A6 C L DATA[L] CS 16. Pure; any thread.

#include <array>
#include <cstdint>
#include <optional>

#include "core/bytes/found.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::cjt188 {

inline constexpr std::size_t max_data = 255;  // L is one byte
inline constexpr std::size_t overhead = 13;   // 68 T A0..A6 C L CS 16
inline constexpr std::size_t max_frame = max_data + overhead;

// High half of T; AA is a wildcard of some vendors.
enum class Family : std::uint8_t { water = 1, heat = 2, gas = 3, electricity = 4 };

struct Frame {
  std::uint8_t type = 0;                  // T
  std::array<std::uint8_t, 7> address{};  // as on the wire: lowest BCD digits first; AA is a wildcard
  std::uint8_t control = 0;
  Bytes data;

  bool from_meter() const { return (control & 0x80) != 0; }
  bool abnormal() const { return (control & 0x40) != 0; }
  std::uint8_t function() const { return control & 0x3F; }
  std::optional<Family> family() const;

  friend bool operator==(const Frame&, const Frame&) = default;
};

// Looks at the front of `input`: the preamble FE and all noise is skipped.
bytes::Found find_frame(ByteView input);

// `whole` is exactly one frame from its 68. Errors: framing, crc.
Result<Frame> parse_frame(ByteView whole);

// Without a preamble. Error: bad_input when there is more than max_data.
Result<Bytes> build_frame(const Frame& frame);

// Half of the meters send the identifier low byte first (1F 90), half high byte first (90 1F).
enum class Order : std::uint8_t { low_first, high_first };

struct Identifier {
  std::uint16_t value = 0;  // 901F
  Order order = Order::high_first;

  friend bool operator==(const Identifier&, const Identifier&) = default;
};

// The order is told by the byte that names the class (90, 91, 81, A0, A1, D1..D4); high first when neither
// does.
Identifier read_identifier(std::uint8_t first, std::uint8_t second);
void write_identifier(Bytes& out, const Identifier& identifier);

// The identifier and the serial number at the front of the data; nothing in an abnormal answer or when too
// short.
std::optional<Identifier> identifier(const Frame& frame);
std::optional<std::uint8_t> serial(const Frame& frame);

}  // namespace tocsin::cjt188
