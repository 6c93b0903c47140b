#include "drivers/osdp/frame.h"

#include <algorithm>
#include <string>

#include "core/bytes/checksum.h"

namespace tocsin::osdp {
namespace {

constexpr std::uint8_t reply_bit = 0x80, sequence_bits = 0x03, crc_bit = 0x04, security_bit = 0x08;
constexpr std::uint8_t reserved_bits = 0xF0;
constexpr std::size_t control_offset = 4;

std::size_t check_size(std::uint8_t control) {
  return control & crc_bit ? 2 : 1;
}

std::size_t length_field(ByteView data) {
  return static_cast<std::size_t>(data[2] | data[3] << 8);
}

bool plausible_length(std::size_t length) {
  return length >= min_frame_size && length <= max_frame_size;
}

std::uint8_t checksum(ByteView data) {
  return static_cast<std::uint8_t>(-bytes::sum8(data));
}

bool check_matches(ByteView data) {
  const std::size_t size = check_size(data[control_offset]);
  const ByteView covered = data.first(data.size() - size);
  bytes::Reader tail(data.last(size));
  return size == 2 ? tail.u16_le() == bytes::crc16_osdp(covered) : tail.u8() == checksum(covered);
}

// SCB: length (counts itself and the type), type, data.
Result<SecurityBlock> read_security(bytes::Reader& in) {
  const std::uint8_t length = in.u8();
  const auto type = static_cast<SecurityType>(in.u8());
  if (!in.ok() || length < 2) return fail(Fault::framing, "security block too short");
  const ByteView data = in.take(length - 2u);
  if (!in.ok()) return fail(Fault::framing, "security block longer than the frame");
  return SecurityBlock{type, Bytes(data.begin(), data.end())};
}

Status check_fields(const Frame& frame) {
  if (frame.address > broadcast_address) return fail(Fault::bad_input, "address above 127");
  if (frame.sequence > 3) return fail(Fault::bad_input, "sequence above 3");
  if (frame.security && frame.security->data.size() > 253)
    return fail(Fault::bad_input, "security block too long");
  return {};
}

}  // namespace

Result<Frame> parse_frame(ByteView data) {
  if (data.empty() || data[0] != start_of_message) return fail(Fault::framing, "does not start with 53");
  if (data.size() < min_frame_size) return fail(Fault::framing, "truncated");
  const std::size_t length = length_field(data);
  if (!plausible_length(length)) return fail(Fault::framing, "impossible length " + std::to_string(length));
  if (data.size() < length) return fail(Fault::framing, "truncated");
  if (data.size() > length) return fail(Fault::framing, "longer than its length field");
  if (!check_matches(data)) return fail(Fault::crc, "check bytes");
  const std::uint8_t control = data[control_offset];
  if (control & reserved_bits) return fail(Fault::unsupported, "reserved control bits");

  bytes::Reader in(data.first(length - check_size(control)));
  in.skip(header_size);
  Frame frame;
  frame.address = static_cast<std::uint8_t>(data[1] & ~reply_bit);
  frame.reply = (data[1] & reply_bit) != 0;
  frame.sequence = static_cast<std::uint8_t>(control & sequence_bits);
  frame.crc = (control & crc_bit) != 0;
  if (control & security_bit) {
    Result<SecurityBlock> block = read_security(in);
    if (!block) return block.error();
    frame.security = std::move(*block);
  }
  frame.code = in.u8();
  const std::size_t tail = frame.security && frame.security->has_mac() ? mac_size : 0;
  if (!in.ok() || in.remaining() < tail) return fail(Fault::framing, "no room for code and MAC");
  const ByteView payload = in.take(in.remaining() - tail);
  frame.payload.assign(payload.begin(), payload.end());
  if (tail != 0) std::ranges::copy(in.take(tail), frame.mac.emplace().begin());
  return frame;
}

Result<Bytes> build_without_mac(const Frame& frame) {
  if (const Status fields = check_fields(frame); !fields) return fields.error();
  const bool with_mac = frame.security && frame.security->has_mac();
  const std::size_t block = frame.security ? 2 + frame.security->data.size() : 0;
  const std::size_t length =
      header_size + block + 1 + frame.payload.size() + (with_mac ? mac_size : 0) + (frame.crc ? 2 : 1);
  if (length > max_frame_size) return fail(Fault::bad_input, "frame of " + std::to_string(length) + " bytes");

  Bytes out;
  out.reserve(length);
  bytes::Writer writer(out);
  writer.u8(start_of_message);
  writer.u8(static_cast<std::uint8_t>(frame.address | (frame.reply ? reply_bit : 0)));
  writer.u16_le(static_cast<std::uint16_t>(length));
  writer.u8(static_cast<std::uint8_t>(frame.sequence | (frame.crc ? crc_bit : 0) |
                                      (frame.security ? security_bit : 0)));
  if (frame.security) {
    writer.u8(static_cast<std::uint8_t>(block));
    writer.u8(static_cast<std::uint8_t>(frame.security->type));
    writer.raw(frame.security->data);
  }
  writer.u8(frame.code);
  writer.raw(frame.payload);
  return out;
}

Result<Bytes> build_frame(const Frame& frame) {
  if (frame.mac.has_value() != (frame.security && frame.security->has_mac()))
    return fail(Fault::bad_input, "MAC and security block do not fit");
  Result<Bytes> out = build_without_mac(frame);
  if (!out) return out;
  bytes::Writer writer(*out);
  if (frame.mac) writer.raw(*frame.mac);
  if (frame.crc) {
    writer.u16_le(bytes::crc16_osdp(*out));
  } else {
    writer.u8(checksum(*out));
  }
  return out;
}

ByteView part_under_mac(ByteView data) {
  return data.first(data.size() - check_size(data[control_offset]) - mac_size);
}

bytes::Found find_frame(ByteView received) {
  using bytes::Found;
  const auto start = std::ranges::find(received, start_of_message);
  if (start != received.begin())
    return Found::skip(static_cast<std::size_t>(start - received.begin()), Found::Reason::noise);
  if (received.size() < header_size) return Found::need_more(min_frame_size);
  const std::size_t length = length_field(received);
  if (!plausible_length(length)) return Found::skip(1, Found::Reason::length_or_end);
  if (received.size() < length) return Found::need_more(length);
  const Result<Frame> frame = parse_frame(received.first(length));
  if (frame) return Found::frame(length);
  return Found::skip(
      1, frame.error().fault == Fault::crc ? Found::Reason::checksum : Found::Reason::length_or_end);
}

}  // namespace tocsin::osdp
