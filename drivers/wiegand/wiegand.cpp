#include "drivers/wiegand/wiegand.h"

#include <bit>
#include <string>

namespace tocsin::wiegand {
namespace {

constexpr std::array formats_table{
    Format{"H10301", 26, {1, 8}, {9, 16}, {0, 13}, {13, 13}},
    Format{"34-bit (16 FC + 16 CN, H10306)", 34, {1, 16}, {17, 16}, {0, 17}, {17, 17}},
    Format{"H10304", 37, {1, 16}, {17, 19}, {0, 19}, {18, 19}},  // bit 18 is in both spans
    Format{"38-bit (12 FC + 24 CN)", 38, {1, 12}, {13, 24}, {0, 19}, {19, 19}},
    Format{"26-bit raw", 26, {}, {1, 24}, {0, 13}, {13, 13}},
    Format{"34-bit raw", 34, {}, {1, 32}, {0, 17}, {17, 17}},
    Format{"H10302", 37, {}, {1, 35}, {0, 19}, {18, 19}},
};

constexpr std::string_view keys = "0123456789*#";

constexpr std::uint64_t mask(unsigned length) {
  return length >= 64 ? ~0ull : (1ull << length) - 1;
}

Status check_size(ByteView data, unsigned count) {
  if (count < 1 || count > 64) return fail(Fault::bad_input, "1 to 64 bits, not " + std::to_string(count));
  if (data.size() != (count + 7) / 8)
    return fail(Fault::bad_input,
                std::to_string(data.size()) + " bytes for " + std::to_string(count) + " bits");
  return {};
}

std::uint64_t big_endian_value(ByteView data) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : data) value = value << 8 | byte;
  return value;
}

bool is_odd(const Bits& bits, const Field& span) {
  return std::popcount(bits.field(span.first, span.length)) % 2 == 1;
}

void put(Bits& bits, const Field& field, std::uint64_t value) {
  bits.value |= value << (bits.count - field.first - field.length);
}

}  // namespace

std::uint64_t Bits::field(unsigned first, unsigned length) const {
  if (length == 0 || first + length > count) return 0;
  return (value >> (count - first - length)) & mask(length);
}

Result<Bits> from_number(ByteView big_endian, unsigned count) {
  if (const Status size = check_size(big_endian, count); !size) return size.error();
  const std::uint64_t value = big_endian_value(big_endian);
  if ((value & ~mask(count)) != 0)
    return fail(Fault::bad_input, "more than " + std::to_string(count) + " bits set");
  return Bits{value, count};
}

Result<Bits> from_packed(ByteView data, unsigned count) {
  if (const Status size = check_size(data, count); !size) return size.error();
  return Bits{big_endian_value(data) >> (data.size() * 8 - count), count};
}

Bytes to_packed(const Bits& bits) {
  Bytes out((bits.count + 7) / 8);
  for (unsigned i = 0; i < bits.count; ++i)
    if (bits.at(i)) out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | 0x80 >> i % 8);
  return out;
}

std::span<const Format> formats() {
  return formats_table;
}

const Format* default_format(unsigned bits) {
  for (const Format& format : formats_table)
    if (format.bits == bits) return &format;
  return nullptr;
}

const Format* find_format(std::string_view name) {
  for (const Format& format : formats_table)
    if (format.name == name) return &format;
  return nullptr;
}

bool parity_ok(const Bits& bits, const Format& format) {
  return bits.count == format.bits && !is_odd(bits, format.even) && is_odd(bits, format.odd);
}

Result<Card> decode(const Bits& bits, const Format& format) {
  if (bits.count != format.bits)
    return fail(Fault::framing, std::to_string(bits.count) + " bits, " + std::string(format.name) + " has " +
                                    std::to_string(format.bits));
  if (!parity_ok(bits, format)) return fail(Fault::crc, "parity");
  Card card;
  if (format.facility.length > 0)
    card.facility = static_cast<std::uint32_t>(bits.field(format.facility.first, format.facility.length));
  card.number = bits.field(format.card.first, format.card.length);
  return card;
}

Result<Bits> encode(const Card& card, const Format& format) {
  const std::uint64_t facility = card.facility.value_or(0);
  if (card.facility.has_value() != (format.facility.length > 0) ||
      (facility & ~mask(format.facility.length)) != 0)
    return fail(Fault::out_of_range, "facility code");
  if ((card.number & ~mask(format.card.length)) != 0) return fail(Fault::out_of_range, "card number");
  Bits bits{0, format.bits};
  put(bits, format.facility, facility);
  put(bits, format.card, card.number);
  if (is_odd(bits, format.even)) put(bits, {0, 1}, 1);
  if (!is_odd(bits, format.odd)) put(bits, {format.bits - 1, 1}, 1);
  return bits;
}

Result<char> decode_key(const Bits& bits) {
  if (bits.count != 4 && bits.count != 8) return fail(Fault::framing, "a key has 4 or 8 bits");
  const std::uint64_t code = bits.value & 15;
  if (bits.count == 8 && (bits.value >> 4) != (~code & 15))
    return fail(Fault::crc, "key and complement differ");
  if (code >= keys.size()) return fail(Fault::out_of_range, "no such key");
  return keys[code];
}

Result<Bits> encode_key(char key, unsigned bits) {
  const std::size_t code = keys.find(key);
  if (code == std::string_view::npos) return fail(Fault::out_of_range, "no such key");
  if (bits == 4) return Bits{code, 4};
  if (bits == 8) return Bits{(~code & 15) << 4 | code, 8};
  return fail(Fault::framing, "a key has 4 or 8 bits");
}

}  // namespace tocsin::wiegand
