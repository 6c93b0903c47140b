#include "drivers/dlt645/frame.h"

#include <algorithm>

#include "core/bytes/checksum.h"

namespace tocsin::dlt645 {
namespace {

using bytes::Found;

constexpr std::uint8_t start = 0x68, end = 0x16, offset = 0x33;
constexpr std::size_t second_start_at = 7, length_at = 9, data_at = 10;

// Functions whose data begins with an identifier, clause 7 (1997: clause 6).
bool carries_identifier(std::uint8_t function, Edition edition) {
  if (edition == Edition::v1997) return function == 0x01 || function == 0x02 || function == 0x04;
  return function == 0x03 || function == 0x11 || function == 0x12 || function == 0x14 || function == 0x18;
}

}  // namespace

Found find_frame(ByteView input) {
  const auto first = std::find(input.begin(), input.end(), start);
  if (first != input.begin())
    return Found::skip(static_cast<std::size_t>(first - input.begin()), Found::Reason::noise);
  if (input.size() <= second_start_at) return Found::need_more(overhead);
  if (input[second_start_at] != start) return Found::skip(1, Found::Reason::noise);
  if (input.size() <= length_at) return Found::need_more(overhead);
  const std::size_t length = input[length_at];
  if (length > max_data) return Found::skip(1, Found::Reason::length_or_end);
  const std::size_t size = length + overhead;
  if (input.size() < size) return Found::need_more(size);
  if (input[size - 1] != end) return Found::skip(1, Found::Reason::length_or_end);
  if (bytes::sum8(input.first(size - 2)) != input[size - 2]) return Found::skip(1, Found::Reason::checksum);
  return Found::frame(size);
}

Result<Frame> parse_frame(ByteView whole) {
  const Found found = find_frame(whole);
  if (found.reason == Found::Reason::checksum) return fail(Fault::crc, "checksum of the 645 frame");
  if (found != Found::frame(whole.size())) return fail(Fault::framing, "not one whole 645 frame");
  Frame frame;
  std::copy_n(whole.begin() + 1, frame.address.size(), frame.address.begin());
  frame.control = whole[second_start_at + 1];
  for (const std::uint8_t byte : whole.subspan(data_at, whole[length_at])) {
    frame.data.push_back(static_cast<std::uint8_t>(byte - offset));
  }
  return frame;
}

Result<Bytes> build_frame(const Frame& frame) {
  if (frame.data.size() > max_data) return fail(Fault::bad_input, "645 data is longer than 200 bytes");
  Bytes out;
  bytes::Writer writer(out);
  writer.u8(start);
  writer.raw(frame.address);
  writer.u8(start);
  writer.u8(frame.control);
  writer.u8(static_cast<std::uint8_t>(frame.data.size()));
  for (const std::uint8_t byte : frame.data) writer.u8(static_cast<std::uint8_t>(byte + offset));
  writer.u8(bytes::sum8(out));
  writer.u8(end);
  return out;
}

std::size_t identifier_size(Edition edition) {
  return edition == Edition::v2007 ? 4 : 2;
}

Bytes write_identifier(std::uint32_t identifier, Edition edition) {
  Bytes out;
  bytes::Writer(out).u32_le(identifier);
  out.resize(identifier_size(edition));
  return out;
}

std::optional<std::uint32_t> identifier(const Frame& frame, Edition edition) {
  if (frame.abnormal() || !carries_identifier(frame.function(), edition)) return std::nullopt;
  if (frame.data.size() < identifier_size(edition)) return std::nullopt;
  bytes::Reader reader(frame.data);
  return edition == Edition::v2007 ? reader.u32_le() : reader.u16_le();
}

ByteView answer_data(const Frame& frame, Edition edition) {
  const std::size_t skipped = identifier_size(edition);
  if (frame.data.size() <= skipped) return {};
  ByteView data = ByteView(frame.data).subspan(skipped);
  const bool numbered = edition == Edition::v2007 && frame.function() == 0x12;
  return numbered ? data.first(data.size() - 1) : data;
}

}  // namespace tocsin::dlt645
