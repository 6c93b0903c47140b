#include "drivers/modbus/pdu.h"

#include <algorithm>
#include <string_view>

#include "core/bytes/hex.h"

namespace tocsin::modbus {

namespace {

constexpr std::uint8_t read_coils = 1, read_discrete = 2, read_holding = 3, read_input = 4;
constexpr std::uint8_t write_coil = 5, write_register = 6, write_registers = 16;
constexpr std::uint8_t exception_flag = 0x80;
constexpr std::size_t mbap_size = 6;  // without the unit identifier, which is part of the message

std::uint8_t read_function(Table table) {
  switch (table) {
    case Table::coil: return read_coils;
    case Table::discrete: return read_discrete;
    case Table::holding: return read_holding;
    case Table::input: return read_input;
  }
  return read_holding;
}

std::string_view exception_name(int code) {
  switch (code) {
    case 1: return "illegal function";
    case illegal_address: return "illegal data address";
    case illegal_value: return "illegal data value";
    case 4: return "server device failure";
    case 5: return "acknowledge, still working";
    case 6: return "server device busy";
    case 8: return "memory parity error";
    case gateway_path_unavailable: return "gateway path unavailable";
    case gateway_target_silent: return "gateway target does not answer";
    default: return "unknown exception";
  }
}

Bytes message(std::uint8_t unit, std::uint8_t function, std::uint16_t a, std::uint16_t b) {
  Bytes bytes;
  bytes::Writer out(bytes);
  out.u8(unit);
  out.u8(function);
  out.u16_be(a);
  out.u16_be(b);
  return bytes;
}

Result<ByteView> check_read(ByteView request, ByteView answer) {
  const std::size_t count = static_cast<std::size_t>(request[4]) << 8 | request[5];
  const bool bits = request[1] == read_coils || request[1] == read_discrete;
  const std::size_t expected = bits ? (count + 7) / 8 : count * 2;
  if (answer.size() < 3 || answer[2] != expected)
    return fail(Fault::wrong_answer,
                "asked for " + std::to_string(expected) + " bytes, got " + bytes::to_hex(answer));
  if (answer.size() != 3 + expected)
    return fail(Fault::framing, "length does not fit: " + bytes::to_hex(answer));
  return answer.subspan(3);
}

}  // namespace

Bytes read_request(std::uint8_t unit, Table table, std::uint16_t first, std::uint16_t count) {
  return message(unit, read_function(table), first, count);
}

Bytes write_coil_request(std::uint8_t unit, std::uint16_t address, bool on) {
  return message(unit, write_coil, address, on ? 0xff00 : 0);
}

Bytes write_registers_request(std::uint8_t unit, std::uint16_t address,
                              std::span<const std::uint16_t> words) {
  if (words.size() == 1) return message(unit, write_register, address, words.front());
  Bytes bytes = message(unit, write_registers, address, static_cast<std::uint16_t>(words.size()));
  bytes::Writer out(bytes);
  out.u8(static_cast<std::uint8_t>(words.size() * 2));
  for (const std::uint16_t word : words) out.u16_be(word);
  return bytes;
}

Result<ByteView> check_answer(ByteView request, ByteView answer) {
  if (request.size() < 6 || answer.size() < 2)
    return fail(Fault::framing, "too short: " + bytes::to_hex(answer));
  if (answer[0] != request[0])
    return fail(Fault::wrong_unit,
                "asked " + std::to_string(request[0]) + ", " + std::to_string(answer[0]) + " answered");
  if (answer[1] == (request[1] | exception_flag)) {
    if (answer.size() != 3) return fail(Fault::framing, "length does not fit: " + bytes::to_hex(answer));
    const bool silent = answer[2] == gateway_path_unavailable || answer[2] == gateway_target_silent;
    return fail(silent ? Fault::timeout : Fault::exception, std::string(exception_name(answer[2])),
                answer[2]);
  }
  if (answer[1] != request[1])
    return fail(Fault::wrong_answer,
                "function " + std::to_string(answer[1]) + " answers function " + std::to_string(request[1]));
  if (request[1] <= read_input) return check_read(request, answer);
  if (!std::ranges::equal(answer, request.first(6)))
    return fail(Fault::wrong_answer, "the echo of the write is " + bytes::to_hex(answer));
  return answer.subspan(2);
}

Result<ByteView> without_mbap(ByteView frame, std::uint16_t transaction) {
  bytes::Reader in(frame);
  const std::uint16_t got = in.u16_be();
  const std::uint16_t protocol = in.u16_be();
  const std::uint16_t length = in.u16_be();
  if (!in.ok()) return fail(Fault::framing, "too short: " + bytes::to_hex(frame));
  if (protocol != 0)
    return fail(Fault::wrong_answer, "protocol " + std::to_string(protocol) + " is not Modbus");
  if (got != transaction) return fail(Fault::wrong_answer, "the answer belongs to another request");
  if (length != frame.size() - mbap_size)
    return fail(Fault::framing, "length does not fit: " + bytes::to_hex(frame));
  return frame.subspan(mbap_size);
}

bool bit_at(ByteView data, std::size_t index) {
  return (data[index / 8] >> (index % 8) & 1) != 0;
}

std::uint16_t register_at(ByteView data, std::size_t index) {
  return static_cast<std::uint16_t>(data[index * 2] << 8 | data[index * 2 + 1]);
}

}  // namespace tocsin::modbus
