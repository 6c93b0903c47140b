#include "drivers/mbus/frame.h"

#include <algorithm>

#include "core/bytes/checksum.h"

namespace tocsin::mbus {
namespace {

using bytes::Found;

constexpr std::uint8_t ack_byte = 0xE5, short_start = 0x10, long_start = 0x68, end = 0x16;
constexpr std::size_t short_size = 5, long_header = 4, long_overhead = 6, smallest_length = 3;

bool is_start(std::uint8_t byte) {
  return byte == ack_byte || byte == short_start || byte == long_start;
}

// `checked` are the bytes that CS counts; CS and the end byte follow them at the end of `whole`.
Found check_tail(ByteView whole, ByteView checked) {
  if (whole[whole.size() - 1] != end) return Found::skip(1, Found::Reason::length_or_end);
  if (bytes::sum8(checked) != whole[whole.size() - 2]) return Found::skip(1, Found::Reason::checksum);
  return Found::frame(whole.size());
}

Found find_long(ByteView input) {
  if (input.size() < long_header) return Found::need_more(long_overhead + smallest_length);
  const std::size_t length = input[1];
  if (length < smallest_length || input[2] != length || input[3] != long_start) {
    return Found::skip(1, Found::Reason::length_or_end);
  }
  const std::size_t size = length + long_overhead;
  if (input.size() < size) return Found::need_more(size);
  return check_tail(input.first(size), input.subspan(long_header, length));
}

}  // namespace

Found find_frame(ByteView input) {
  const auto first = std::find_if(input.begin(), input.end(), is_start);
  if (first != input.begin())
    return Found::skip(static_cast<std::size_t>(first - input.begin()), Found::Reason::noise);
  if (input.empty()) return Found::need_more(1);
  if (input[0] == ack_byte) return Found::frame(1);
  if (input[0] == long_start) return find_long(input);
  if (input.size() < short_size) return Found::need_more(short_size);
  return check_tail(input.first(short_size), input.subspan(1, 2));
}

Result<Frame> parse_frame(ByteView whole) {
  const Found found = find_frame(whole);
  if (found.reason == Found::Reason::checksum) return fail(Fault::crc, "checksum of the M-Bus frame");
  if (whole.empty() || found != Found::frame(whole.size()))
    return fail(Fault::framing, "not one whole M-Bus frame");
  Frame frame;
  if (whole[0] == ack_byte) return frame;
  const bool is_short = whole[0] == short_start;
  const ByteView body = is_short ? whole.subspan(1, 2) : whole.subspan(long_header, whole[1]);
  frame.control = body[0];
  frame.address = body[1];
  frame.kind = FrameKind::short_frame;
  if (is_short) return frame;
  frame.information = body[2];
  frame.data.assign(body.begin() + smallest_length, body.end());
  frame.kind = frame.data.empty() ? FrameKind::control : FrameKind::long_frame;
  return frame;
}

Result<Bytes> build_frame(const Frame& frame) {
  if (frame.data.size() > max_data) return fail(Fault::bad_input, "M-Bus data is longer than 252 bytes");
  if (frame.kind == FrameKind::ack) return Bytes{ack_byte};
  Bytes out;
  bytes::Writer writer(out);
  if (frame.kind == FrameKind::short_frame) {
    writer.u8(short_start);
    writer.u8(frame.control);
    writer.u8(frame.address);
    writer.u8(bytes::sum8(ByteView(out).subspan(1)));
  } else {
    const auto length = static_cast<std::uint8_t>(frame.data.size() + smallest_length);
    for (const std::uint8_t byte : {long_start, length, length, long_start}) writer.u8(byte);
    writer.u8(frame.control);
    writer.u8(frame.address);
    writer.u8(frame.information);
    writer.raw(frame.data);
    writer.u8(bytes::sum8(ByteView(out).subspan(long_header)));
  }
  writer.u8(end);
  return out;
}

}  // namespace tocsin::mbus
