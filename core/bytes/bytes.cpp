#include <array>

#include "core/bytes/bcd.h"
#include "core/bytes/checksum.h"
#include "core/bytes/hex.h"

namespace tocsin::bytes {
namespace {

constexpr char digits[] = "0123456789abcdef";

constexpr auto crc32c_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
    table[i] = crc;
  }
  return table;
}();

constexpr auto crc16_modbus_table = [] {
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) ? (crc >> 1) ^ 0xA001u : crc >> 1;
    table[i] = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView data) {
  std::string text;
  text.reserve(data.size() * 2);
  for (const std::uint8_t byte : data) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  Bytes out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == ':' || c == '\n' || c == '\t') continue;
    const int value = nibble(c);
    if (value < 0) return fail(Fault::bad_input, std::string("not a hexadecimal digit: '") + c + "'");
    if (high < 0) {
      high = value;
    } else {
      out.push_back(static_cast<std::uint8_t>(high << 4 | value));
      high = -1;
    }
  }
  if (high >= 0) return fail(Fault::bad_input, "an odd number of hexadecimal digits");
  return out;
}

std::uint8_t sum8(ByteView data) {
  unsigned sum = 0;
  for (const std::uint8_t byte : data) sum += byte;
  return static_cast<std::uint8_t>(sum);
}

std::uint16_t crc16_modbus(ByteView data) {
  std::uint16_t crc = 0xFFFF;
  for (const std::uint8_t byte : data)
    crc = static_cast<std::uint16_t>((crc >> 8) ^ crc16_modbus_table[(crc ^ byte) & 0xFF]);
  return crc;
}

std::uint16_t crc16_osdp(ByteView data) {
  std::uint32_t crc = 0x1D0F;
  for (const std::uint8_t byte : data) {
    crc ^= static_cast<std::uint32_t>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xFFFF;
  }
  return static_cast<std::uint16_t>(crc);
}

std::uint32_t crc32c(ByteView data, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (const std::uint8_t byte : data) crc = crc32c_table[(crc ^ byte) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

std::optional<std::uint8_t> bcd(std::uint8_t byte) {
  const int high = byte >> 4, low = byte & 15;
  if (high > 9 || low > 9) return std::nullopt;
  return static_cast<std::uint8_t>(high * 10 + low);
}

std::optional<std::uint64_t> bcd_le(ByteView data) {
  if (data.size() > 9) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = data.size(); i > 0; --i) {
    const auto two = bcd(data[i - 1]);
    if (!two) return std::nullopt;
    value = value * 100 + *two;
  }
  return value;
}

std::uint8_t to_bcd(std::uint8_t value) {
  return static_cast<std::uint8_t>((value / 10 % 10) << 4 | value % 10);
}

std::string digits_le(ByteView data) {
  std::string text;
  for (std::size_t i = data.size(); i > 0; --i) {
    for (const int value : {data[i - 1] >> 4, data[i - 1] & 15}) {
      const char c = digits[value];
      text += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return text;
}

}  // namespace tocsin::bytes
