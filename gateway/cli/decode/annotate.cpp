#include "gateway/cli/decode/annotate.h"

#include <algorithm>
#include <cstdio>

namespace tocsin::decode {
namespace {

constexpr std::size_t bytes_per_line = 8;
constexpr std::size_t column = bytes_per_line * 3 + 1;  // where the meaning begins

}  // namespace

std::string hex_byte(std::uint8_t byte) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%02X", byte);
  return text;
}

void Annotation::add(std::size_t offset, std::size_t size, std::string_view meaning) {
  const std::size_t end = std::min(input_.size(), offset + size);
  char text[24];
  for (std::size_t line = offset; line < end; line += bytes_per_line) {
    std::snprintf(text, sizeof text, "%04zx  ", line);
    text_ += text;
    std::string bytes;
    for (std::size_t i = line; i < std::min(end, line + bytes_per_line); ++i) {
      std::snprintf(text, sizeof text, "%02x ", input_[i]);
      bytes += text;
    }
    text_ += bytes;
    if (line == offset) text_ += std::string(column - bytes.size(), ' ') + std::string(meaning);
    text_ += '\n';
  }
}

}  // namespace tocsin::decode
