#include "drivers/cjt188/frame.h"

#include <algorithm>

#include "core/bytes/checksum.h"

namespace tocsin::cjt188 {
namespace {

using bytes::Found;

constexpr std::uint8_t start = 0x68, end = 0x16;
constexpr std::size_t address_at = 2, control_at = 9, length_at = 10, data_at = 11;
constexpr std::size_t identifier_and_serial = 3;

bool is_class(std::uint8_t byte) {
  constexpr std::uint8_t classes[] = {0x81, 0x90, 0x91, 0xA0, 0xA1, 0xD1, 0xD2, 0xD3, 0xD4};
  return std::find(std::begin(classes), std::end(classes), byte) != std::end(classes);
}

}  // namespace

std::optional<Family> Frame::family() const {
  const int half = type >> 4;
  if (half < 1 || half > 4) return std::nullopt;
  return static_cast<Family>(half);
}

Found find_frame(ByteView input) {
  const auto first = std::find(input.begin(), input.end(), start);
  if (first != input.begin())
    return Found::skip(static_cast<std::size_t>(first - input.begin()), Found::Reason::noise);
  if (input.size() <= length_at) return Found::need_more(overhead);
  const std::size_t size = input[length_at] + overhead;
  if (input.size() < size) return Found::need_more(size);
  if (input[size - 1] != end) return Found::skip(1, Found::Reason::length_or_end);
  if (bytes::sum8(input.first(size - 2)) != input[size - 2]) return Found::skip(1, Found::Reason::checksum);
  return Found::frame(size);
}

Result<Frame> parse_frame(ByteView whole) {
  const Found found = find_frame(whole);
  if (found.reason == Found::Reason::checksum) return fail(Fault::crc, "checksum of the 188 frame");
  if (found != Found::frame(whole.size())) return fail(Fault::framing, "not one whole 188 frame");
  Frame frame;
  frame.type = whole[1];
  std::copy_n(whole.begin() + address_at, frame.address.size(), frame.address.begin());
  frame.control = whole[control_at];
  const ByteView data = whole.subspan(data_at, whole[length_at]);
  frame.data.assign(data.begin(), data.end());
  return frame;
}

Result<Bytes> build_frame(const Frame& frame) {
  if (frame.data.size() > max_data) return fail(Fault::bad_input, "188 data is longer than 255 bytes");
  Bytes out;
  bytes::Writer writer(out);
  writer.u8(start);
  writer.u8(frame.type);
  writer.raw(frame.address);
  writer.u8(frame.control);
  writer.u8(static_cast<std::uint8_t>(frame.data.size()));
  writer.raw(frame.data);
  writer.u8(bytes::sum8(out));
  writer.u8(end);
  return out;
}

Identifier read_identifier(std::uint8_t first, std::uint8_t second) {
  const bool low_first = is_class(second) && !is_class(first);
  const std::uint8_t high = low_first ? second : first, low = low_first ? first : second;
  return {static_cast<std::uint16_t>(high << 8 | low), low_first ? Order::low_first : Order::high_first};
}

void write_identifier(Bytes& out, const Identifier& identifier) {
  bytes::Writer writer(out);
  if (identifier.order == Order::low_first) {
    writer.u16_le(identifier.value);
  } else {
    writer.u16_be(identifier.value);
  }
}

std::optional<Identifier> identifier(const Frame& frame) {
  if (frame.abnormal() || frame.data.size() < identifier_and_serial) return std::nullopt;
  return read_identifier(frame.data[0], frame.data[1]);
}

std::optional<std::uint8_t> serial(const Frame& frame) {
  if (frame.data.size() < identifier_and_serial) return std::nullopt;
  return frame.abnormal() ? frame.data[0] : frame.data[2];
}

}  // namespace tocsin::cjt188
