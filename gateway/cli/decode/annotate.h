#pragma once
// The lines a person reads: offset, bytes, meaning.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/reader.h"

namespace tocsin::decode {

std::string hex_byte(std::uint8_t byte);  // "0x1A"

class Annotation {
 public:
  // `input` is everything that was captured and must outlive the annotation.
  explicit Annotation(ByteView input) : input_(input) {}

  // Offsets count from the start of the input. Bytes that are not there are not shown.
  void add(std::size_t offset, std::size_t size, std::string_view meaning);
  const std::string& text() const { return text_; }

 private:
  ByteView input_;
  std::string text_;
};

}  // namespace tocsin::decode
