#pragma once
// Wiegand: the bits a card reader pulses on D0/D1, most significant first, and the card formats inside them.
// Pure. The format is a setting of each reader: 37 bits pass the parity of H10302 and of H10304 alike, so a
// length alone never decides it (default_format is only a suggestion for a person looking at a capture).

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::wiegand {

// Bit 0 is the first on the wire.
struct Bits {
  std::uint64_t value = 0;  // right-aligned: the last bit on the wire is the least significant
  unsigned count = 0;       // 1..64

  bool at(unsigned index) const { return (value >> (count - 1 - index)) & 1; }
  std::uint64_t field(unsigned first, unsigned length) const;
  friend bool operator==(const Bits&, const Bits&) = default;
};

// Both fail with bad_input when the bits do not fit 1..64 or the bytes are not exactly as many as the bits
// need.
Result<Bits> from_number(ByteView big_endian,
                         unsigned count);                 // right-aligned; padding bits in front must be zero
Result<Bits> from_packed(ByteView data, unsigned count);  // left-aligned, as in OSDP RAW
Bytes to_packed(const Bits& bits);

struct Field {
  unsigned first = 0, length = 0;  // length 0: the format has no such field
};
// The first bit makes the number of ones in its span even, the last bit makes it odd in its own.
struct Format {
  std::string_view name;
  unsigned bits;
  Field facility, card;
  Field even, odd;  // spans, their parity bit included
};

// 26 H10301, 34 H10306, 34 one 32-bit number, 37 H10304, 37 H10302, 38; and 26 read as one 24-bit number.
std::span<const Format> formats();
const Format* default_format(unsigned bits);
const Format* find_format(std::string_view name);

struct Card {
  std::optional<std::uint32_t> facility;  // absent when the format has none
  std::uint64_t number = 0;               // 64 bits: H10302 carries 35

  friend bool operator==(const Card&, const Card&) = default;
};

bool parity_ok(const Bits& bits, const Format& format);
// framing: wrong length; crc: wrong parity. Neither may ever grant an entry.
Result<Card> decode(const Bits& bits, const Format& format);
// out_of_range: a number too big for its field, or a facility code where the format has none.
Result<Bits> encode(const Card& card, const Format& format);

// A key of a keypad: 0..9, '*' (0xA), '#' (0xB). Bursts of 4 bits, or 8 with the complement of the key in the
// high half. framing: another length; out_of_range: codes C..F; crc: the halves do not fit.
Result<char> decode_key(const Bits& bits);
Result<Bits> encode_key(char key, unsigned bits);

}  // namespace tocsin::wiegand
