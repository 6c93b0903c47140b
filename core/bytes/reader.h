#pragma once
// Bounds-checked cursors over bytes. A reader that ran out of bytes stays failed and gives zeros; check ok()
// once at the end. Nothing here allocates.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

namespace bytes {

class Reader {
 public:
  explicit Reader(ByteView data) : data_(data) {}

  std::uint8_t u8() { return ensure(1) ? data_[pos_++] : std::uint8_t{0}; }
  std::uint16_t u16_le() { return static_cast<std::uint16_t>(le(2)); }
  std::uint32_t u24_le() { return static_cast<std::uint32_t>(le(3)); }
  std::uint32_t u32_le() { return static_cast<std::uint32_t>(le(4)); }
  std::uint64_t u48_le() { return le(6); }
  std::uint64_t u64_le() { return le(8); }
  std::uint16_t u16_be() { return static_cast<std::uint16_t>(be(2)); }
  std::uint32_t u32_be() { return static_cast<std::uint32_t>(be(4)); }
  std::uint64_t u64_be() { return be(8); }
  ByteView take(std::size_t count) {
    if (!ensure(count)) return {};
    pos_ += count;
    return data_.subspan(pos_ - count, count);
  }
  void skip(std::size_t count) { take(count); }

  ByteView rest() const { return data_.subspan(pos_); }
  std::size_t remaining() const { return data_.size() - pos_; }
  std::size_t position() const { return pos_; }
  bool ok() const { return ok_; }

 private:
  bool ensure(std::size_t count) {
    if (ok_ && remaining() >= count) return true;
    ok_ = false;
    return false;
  }
  std::uint64_t le(std::size_t count) {
    std::uint64_t value = 0;
    const ByteView part = take(count);
    for (std::size_t i = part.size(); i > 0; --i) value = value << 8 | part[i - 1];
    return value;
  }
  std::uint64_t be(std::size_t count) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(count)) value = value << 8 | byte;
    return value;
  }

  ByteView data_;
  std::size_t pos_ = 0;
  bool ok_ = true;
};

// Appends to a vector that the caller owns.
class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16_le(std::uint16_t value) { le(value, 2); }
  void u32_le(std::uint32_t value) { le(value, 4); }
  void u48_le(std::uint64_t value) { le(value, 6); }
  void u64_le(std::uint64_t value) { le(value, 8); }
  void u16_be(std::uint16_t value) { be(value, 2); }
  void u32_be(std::uint32_t value) { be(value, 4); }
  void u64_be(std::uint64_t value) { be(value, 8); }
  void raw(ByteView data) { out_.insert(out_.end(), data.begin(), data.end()); }

 private:
  void le(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void be(std::uint64_t value, int count) {
    for (int i = count - 1; i >= 0; --i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }

  Bytes& out_;
};

}  // namespace bytes
}  // namespace tocsin
