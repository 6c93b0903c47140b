#include "drivers/modbus/rtu_frame.h"

#include <optional>

#include "core/bytes/checksum.h"

namespace tocsin::modbus {
namespace {

using bytes::Found;

constexpr std::uint8_t exception_bit = 0x80;
constexpr std::size_t crc_size = 2, mbap_size = 7;

enum class Shape : std::uint8_t { read_bits, read_registers, write_one, write_bits, write_registers, other };

Shape shape_of(std::uint8_t function) {
  switch (function) {
    case 0x01:
    case 0x02: return Shape::read_bits;
    case 0x03:
    case 0x04: return Shape::read_registers;
    case 0x05:
    case 0x06: return Shape::write_one;
    case 0x0F: return Shape::write_bits;
    case 0x10: return Shape::write_registers;
    default: return Shape::other;
  }
}

bool is_read(Shape shape) {
  return shape == Shape::read_bits || shape == Shape::read_registers;
}
bool is_write_many(Shape shape) {
  return shape == Shape::write_bits || shape == Shape::write_registers;
}

// Largest count of one request, V1.1b3 clause 6.
std::uint16_t max_count(Shape shape) {
  switch (shape) {
    case Shape::read_bits: return 2000;
    case Shape::read_registers: return 125;
    case Shape::write_bits: return 1968;
    case Shape::write_registers: return 123;
    default: return 0;
  }
}

std::size_t data_size(Shape shape, std::uint16_t count) {
  return shape == Shape::write_registers ? count * 2u : (count + 7u) / 8u;
}

// Where the byte count stands in a PDU that has one.
std::optional<std::size_t> byte_count_at(Shape shape, Direction direction) {
  if (is_read(shape) && direction == Direction::response) return 1;
  if (is_write_many(shape) && direction == Direction::request) return 5;
  return std::nullopt;
}

Result<Pdu> parse_counted(bytes::Reader& reader, Shape shape, Pdu pdu) {
  const std::size_t size = reader.u8();
  const ByteView data = reader.take(size);
  if (!reader.ok() || reader.remaining() != 0 || size == 0) return fail(Fault::framing, "byte count");
  if (shape == Shape::read_registers && size % 2 != 0) return fail(Fault::framing, "half a register");
  if (is_write_many(shape) && size != data_size(shape, pdu.count))
    return fail(Fault::framing, "count and byte count");
  pdu.data.assign(data.begin(), data.end());
  return pdu;
}

// Bytes of the PDU that starts the input; nothing when it cannot be told yet. 0: not a function of the table.
std::optional<std::size_t> pdu_size(ByteView pdu, Direction direction) {
  if (pdu.empty()) return std::nullopt;
  if (direction == Direction::response && (pdu[0] & exception_bit) != 0) return 2;
  const Shape shape = shape_of(pdu[0]);
  if (shape == Shape::other) return 0;
  const auto at = byte_count_at(shape, direction);
  if (!at) return 5;
  if (pdu.size() <= *at) return std::nullopt;
  return *at + 1 + pdu[*at];
}

}  // namespace

Result<Pdu> parse_pdu(ByteView pdu, Direction direction) {
  if (pdu.empty() || pdu.size() > max_pdu) return fail(Fault::framing, "PDU of no or too many bytes");
  bytes::Reader reader(pdu);
  Pdu result;
  result.direction = direction;
  result.function = reader.u8();
  if ((result.function & exception_bit) != 0) {
    result.function &= static_cast<std::uint8_t>(~exception_bit);
    result.exception = reader.u8();
    const bool whole = reader.ok() && reader.remaining() == 0 && result.exception != 0;
    if (!whole || direction == Direction::request) return fail(Fault::framing, "not an exception answer");
    return result;
  }
  const Shape shape = shape_of(result.function);
  if (shape == Shape::other) {
    result.data.assign(reader.rest().begin(), reader.rest().end());
    return result;
  }
  if (is_read(shape) && direction == Direction::response)
    return parse_counted(reader, shape, std::move(result));
  result.address = reader.u16_be();
  (shape == Shape::write_one ? result.value : result.count) = reader.u16_be();
  if (!reader.ok()) return fail(Fault::framing, "PDU too short");
  if (shape != Shape::write_one && (result.count == 0 || result.count > max_count(shape))) {
    return fail(Fault::framing, "count outside the standard");
  }
  if (byte_count_at(shape, direction)) return parse_counted(reader, shape, std::move(result));
  if (reader.remaining() != 0) return fail(Fault::framing, "PDU too long");
  return result;
}

Result<Bytes> build_pdu(const Pdu& pdu) {
  Bytes out;
  bytes::Writer writer(out);
  const Shape shape = shape_of(pdu.function);
  if (pdu.exception != 0) {
    writer.u8(pdu.function | exception_bit);
    writer.u8(pdu.exception);
  } else {
    writer.u8(pdu.function);
    const bool has_address =
        shape != Shape::other && !(is_read(shape) && pdu.direction == Direction::response);
    if (has_address) {
      writer.u16_be(pdu.address);
      writer.u16_be(shape == Shape::write_one ? pdu.value : pdu.count);
    }
    if (byte_count_at(shape, pdu.direction)) writer.u8(static_cast<std::uint8_t>(pdu.data.size()));
    writer.raw(pdu.data);
  }
  // The parser knows every rule; what it would not give back unchanged is not sent.
  const auto parsed = parse_pdu(out, pdu.direction);
  if (!parsed) return fail(Fault::bad_input, parsed.error().detail);
  if (*parsed != pdu) return fail(Fault::bad_input, "members that the function does not have");
  return out;
}

Found find_rtu_frame(ByteView input, Direction direction) {
  constexpr std::size_t smallest = 4;
  if (input.size() < 2) return Found::need_more(smallest);
  const auto pdu = pdu_size(input.subspan(1), direction);
  if (!pdu) return Found::need_more(smallest);
  const std::size_t size = 1 + *pdu + crc_size;
  if (*pdu == 0 || size > max_rtu_frame) return Found::skip(1, Found::Reason::length_or_end);
  if (input.size() < size) return Found::need_more(size);
  const auto parsed = parse_rtu_frame(input.first(size), direction);
  if (parsed) return Found::frame(size);
  return Found::skip(
      1, parsed.error().fault == Fault::crc ? Found::Reason::checksum : Found::Reason::length_or_end);
}

Result<RtuFrame> parse_rtu_frame(ByteView whole, Direction direction) {
  if (whole.size() < 2 + crc_size || whole.size() > max_rtu_frame)
    return fail(Fault::framing, "not one RTU frame");
  bytes::Reader tail(whole.last(crc_size));
  if (bytes::crc16_modbus(whole.first(whole.size() - crc_size)) != tail.u16_le())
    return fail(Fault::crc, "RTU CRC");
  auto pdu = parse_pdu(whole.subspan(1, whole.size() - 1 - crc_size), direction);
  if (!pdu) return pdu.error();
  return RtuFrame{whole[0], std::move(*pdu)};
}

Result<Bytes> build_rtu_frame(const RtuFrame& frame) {
  const auto pdu = build_pdu(frame.pdu);
  if (!pdu) return pdu.error();
  Bytes out{frame.unit};
  bytes::Writer writer(out);
  writer.raw(*pdu);
  writer.u16_le(bytes::crc16_modbus(out));
  return out;
}

Found find_tcp_adu(ByteView input) {
  if (input.size() < mbap_size) return Found::need_more(mbap_size);
  bytes::Reader reader(input);
  reader.skip(2);
  const std::uint16_t protocol = reader.u16_be(), length = reader.u16_be();
  // The length counts the unit and the PDU. A stream that is out of step cannot be trusted any more, but a
  // decoder may search on.
  if (protocol != 0 || length < 2 || length > max_pdu + 1)
    return Found::skip(1, Found::Reason::length_or_end);
  const std::size_t size = mbap_size - 1 + length;
  return input.size() < size ? Found::need_more(size) : Found::frame(size);
}

Result<TcpAdu> parse_tcp_adu(ByteView whole, Direction direction) {
  if (find_tcp_adu(whole) != Found::frame(whole.size()))
    return fail(Fault::framing, "not one Modbus TCP ADU");
  bytes::Reader reader(whole);
  TcpAdu adu;
  adu.transaction = reader.u16_be();
  reader.skip(4);
  adu.unit = reader.u8();
  auto pdu = parse_pdu(reader.rest(), direction);
  if (!pdu) return pdu.error();
  adu.pdu = std::move(*pdu);
  return adu;
}

Result<Bytes> build_tcp_adu(const TcpAdu& adu) {
  const auto pdu = build_pdu(adu.pdu);
  if (!pdu) return pdu.error();
  Bytes out;
  bytes::Writer writer(out);
  writer.u16_be(adu.transaction);
  writer.u16_be(0);
  writer.u16_be(static_cast<std::uint16_t>(pdu->size() + 1));
  writer.u8(adu.unit);
  writer.raw(*pdu);
  return out;
}

}  // namespace tocsin::modbus
