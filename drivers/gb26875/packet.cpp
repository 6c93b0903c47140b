#include "drivers/gb26875/packet.h"

#include <algorithm>
#include <string>

#include "core/bytes/checksum.h"

namespace tocsin::gb26875 {
namespace {

constexpr std::uint8_t start_byte = 0x40, end_byte = 0x23;
constexpr std::size_t length_offset = 24, sum_start = 2, tail_size = 3;
constexpr std::uint64_t max_address = 0xFFFFFFFFFFFF;

std::size_t unit_size(ByteView data) {
  return static_cast<std::size_t>(data[length_offset] | data[length_offset + 1] << 8);
}

bool starts(ByteView data) {
  return data.size() >= 2 && data[0] == start_byte && data[1] == start_byte;
}

Packet answer(const Packet& received, Command command, const TimeLabel& now) {
  Packet packet = received;
  packet.command = command;
  packet.time = now;
  packet.source = received.destination;
  packet.destination = received.source;
  packet.unit.clear();
  return packet;
}

}  // namespace

std::string_view name_of(Command command) {
  switch (command) {
    case Command::control: return "control";
    case Command::send_data: return "send data";
    case Command::confirm: return "confirm";
    case Command::request: return "request";
    case Command::response: return "response";
    case Command::deny: return "deny";
  }
  return {};
}

Result<Packet> parse_packet(ByteView data) {
  if (!starts(data)) return fail(Fault::framing, "does not start with 40 40");
  if (data.size() < overhead) return fail(Fault::framing, "truncated");
  const std::size_t unit = unit_size(data);
  if (unit > max_unit_size) return fail(Fault::framing, "unit of " + std::to_string(unit) + " bytes");
  if (data.size() != overhead + unit) return fail(Fault::framing, "length does not fit");
  if (data[data.size() - 1] != end_byte || data[data.size() - 2] != end_byte)
    return fail(Fault::framing, "does not end with 23 23");
  const ByteView covered = data.first(data.size() - tail_size).subspan(sum_start);
  if (bytes::sum8(covered) != data[data.size() - tail_size]) return fail(Fault::crc, "sum");

  bytes::Reader in(covered);
  Packet packet;
  packet.serial = in.u16_le();
  packet.version_main = in.u8();
  packet.version_user = in.u8();
  std::ranges::copy(in.take(packet.time.size()), packet.time.begin());
  packet.source = in.u48_le();
  packet.destination = in.u48_le();
  in.skip(2);
  packet.command = static_cast<Command>(in.u8());
  const ByteView rest = in.rest();
  packet.unit.assign(rest.begin(), rest.end());
  return packet;
}

Result<Bytes> build_packet(const Packet& packet) {
  if (packet.unit.size() > max_unit_size) return fail(Fault::bad_input, "unit above 1024 bytes");
  if (packet.source > max_address || packet.destination > max_address)
    return fail(Fault::bad_input, "address above 48 bits");
  Bytes out;
  out.reserve(overhead + packet.unit.size());
  bytes::Writer writer(out);
  writer.u8(start_byte);
  writer.u8(start_byte);
  writer.u16_le(packet.serial);
  writer.u8(packet.version_main);
  writer.u8(packet.version_user);
  writer.raw(packet.time);
  writer.u48_le(packet.source);
  writer.u48_le(packet.destination);
  writer.u16_le(static_cast<std::uint16_t>(packet.unit.size()));
  writer.u8(static_cast<std::uint8_t>(packet.command));
  writer.raw(packet.unit);
  writer.u8(bytes::sum8(ByteView(out).subspan(sum_start)));
  writer.u8(end_byte);
  writer.u8(end_byte);
  return out;
}

Packet confirm(const Packet& received, const TimeLabel& now) {
  return answer(received, Command::confirm, now);
}
Packet deny(const Packet& received, const TimeLabel& now) {
  return answer(received, Command::deny, now);
}

bytes::Found find_packet(ByteView received) {
  using bytes::Found;
  constexpr std::array<std::uint8_t, 2> start{start_byte, start_byte};
  const auto found = std::search(received.begin(), received.end(), start.begin(), start.end());
  auto front = static_cast<std::size_t>(found - received.begin());
  if (front == received.size() && front > 0 && received.back() == start_byte) --front;  // half a start mark
  if (front > 0) return Found::skip(front, Found::Reason::noise);
  if (received.size() < length_offset + 2) return Found::need_more(overhead);
  const std::size_t unit = unit_size(received);
  if (unit > max_unit_size) return Found::skip(1, Found::Reason::length_or_end);
  const std::size_t size = overhead + unit;
  if (received.size() < size) return Found::need_more(size);
  const Result<Packet> packet = parse_packet(received.first(size));
  if (packet) return Found::frame(size);
  return Found::skip(
      1, packet.error().fault == Fault::crc ? Found::Reason::checksum : Found::Reason::length_or_end);
}

}  // namespace tocsin::gb26875
