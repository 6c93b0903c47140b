// `tocsin decode modbus-rtu`.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <optional>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "core/bytes/hex.h"
#include "drivers/modbus/rtu_frame.h"
#include "gateway/cli/decode/annotate.h"
#include "gateway/cli/decode/protocols.h"
#include "gateway/cli/decode/stream.h"

namespace tocsin::decode {
namespace {

namespace json = boost::json;
using bytes::Found;
using modbus::Direction;

std::string_view function_name(std::uint8_t function) {
  switch (function) {
    case 0x01: return "read coils";
    case 0x02: return "read discrete inputs";
    case 0x03: return "read holding registers";
    case 0x04: return "read input registers";
    case 0x05: return "write one coil";
    case 0x06: return "write one register";
    case 0x0F: return "write coils";
    case 0x10: return "write registers";
    default: return "another function";
  }
}

std::string_view exception_name(std::uint8_t code) {
  constexpr std::string_view names[] = {"",
                                        "illegal function",
                                        "illegal data address",
                                        "illegal data value",
                                        "device failure",
                                        "acknowledge",
                                        "device busy",
                                        "",
                                        "memory parity error",
                                        "",
                                        "gateway path unavailable",
                                        "gateway target did not answer"};
  return code < std::size(names) ? names[code] : "";
}

bool carries_bits(std::uint8_t function) {
  return function == 0x01 || function == 0x02 || function == 0x0F;
}
bool carries_registers(std::uint8_t function) {
  return function == 0x03 || function == 0x04 || function == 0x10;
}

std::uint16_t register_at(const Bytes& data, std::size_t index) {
  return static_cast<std::uint16_t>(data[2 * index] << 8 | data[2 * index + 1]);
}

std::string tenths(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// An answer does not say which registers it holds. Two shapes are so common in buildings that the likely
// meaning is shown, marked as a guess: an energy meter's phase voltage as float32 (input registers), and a
// transmitter's humidity and temperature in tenths (holding registers). Only when the numbers are plausible.
std::optional<json::object> likely_values(const modbus::Pdu& pdu) {
  if (pdu.data.size() != 4) return std::nullopt;
  const std::uint16_t first = register_at(pdu.data, 0), second = register_at(pdu.data, 1);
  if (pdu.function == 0x04) {
    const auto volts = std::bit_cast<float>(static_cast<std::uint32_t>(first) << 16 | second);
    if (!(volts >= 80.0F && volts <= 300.0F)) return std::nullopt;
    return json::object{{"voltage_V", tenths(static_cast<double>(volts))}};
  }
  const double humidity = first / 10.0, temperature = static_cast<std::int16_t>(second) / 10.0;
  const bool plausible =
      first > 0 && humidity <= 100.0 && second != 0 && temperature >= -40.0 && temperature <= 80.0;
  if (pdu.function != 0x03 || !plausible) return std::nullopt;
  return json::object{{"humidity_pct", tenths(humidity)}, {"temperature_C", tenths(temperature)}};
}

void render_bits(const Bytes& data, std::size_t limit, json::object& out) {
  json::array set;
  for (std::size_t bit = 0; bit < std::min(limit, data.size() * 8); ++bit) {
    if ((data[bit / 8] >> bit % 8 & 1) != 0) set.push_back(bit);
  }
  out["bits"] = std::move(set);
}

void render_registers(const Bytes& data, std::size_t offset, json::object& out, Annotation& lines) {
  json::array registers;
  for (std::size_t index = 0; index < data.size() / 2; ++index) {
    registers.push_back(json::value(bytes::to_hex(ByteView(data).subspan(2 * index, 2))));
    lines.add(offset + 2 * index, 2,
              "register " + std::to_string(index) + ": " + std::to_string(register_at(data, index)));
  }
  out["registers_hex"] = std::move(registers);
}

// `offset` is that of the first byte after the function.
void render_answer_data(const modbus::Pdu& pdu, std::size_t offset, json::object& out, Annotation& lines) {
  lines.add(offset, 1, "byte count");
  if (carries_bits(pdu.function)) {
    render_bits(pdu.data, pdu.data.size() * 8, out);
    lines.add(offset + 1, pdu.data.size(), "set: " + json::serialize(out["bits"]));
    return;
  }
  render_registers(pdu.data, offset + 1, out, lines);
  if (auto likely = likely_values(pdu)) {
    out["values"] = std::move(*likely);
    out["values_are_guessed"] = true;
  }
}

void render_addressed(const modbus::Pdu& pdu, std::size_t offset, json::object& out, Annotation& lines) {
  const bool one = pdu.function == 0x05 || pdu.function == 0x06;
  out["start"] = pdu.address;
  out[one ? "value" : "count"] = one ? pdu.value : pdu.count;
  lines.add(offset, 2, "address " + std::to_string(pdu.address) + ", counted from 0");
  lines.add(offset + 2, 2, one ? "value " + std::to_string(pdu.value) : "count " + std::to_string(pdu.count));
  if (pdu.data.empty()) return;
  lines.add(offset + 4, 1, "byte count");
  if (carries_bits(pdu.function)) {
    render_bits(pdu.data, pdu.count, out);
    lines.add(offset + 5, pdu.data.size(), "set: " + json::serialize(out["bits"]));
  } else {
    render_registers(pdu.data, offset + 5, out, lines);
  }
}

void render_pdu(const modbus::Pdu& pdu, std::size_t offset, json::object& out, Annotation& lines) {
  const bool table = carries_bits(pdu.function) || carries_registers(pdu.function) || pdu.function == 0x05 ||
                     pdu.function == 0x06;
  if (pdu.exception != 0) {
    out["exception"] = pdu.exception;
    lines.add(offset, 1, "refused: " + std::string(exception_name(pdu.exception)));
  } else if (!table) {
    out["data"] = bytes::to_hex(pdu.data);
    lines.add(offset, pdu.data.size(), "data");
  } else if (pdu.direction == Direction::response && pdu.function <= 0x04) {
    render_answer_data(pdu, offset, out, lines);
  } else {
    render_addressed(pdu, offset, out, lines);
  }
}

Decoded render(const modbus::RtuFrame& frame, ByteView input, std::size_t offset, std::size_t size) {
  Decoded decoded{true, {{"valid", true}, {"frame_offset", offset}, {"slave", frame.unit}}, {}};
  decoded.json["function"] = frame.pdu.function;
  Annotation lines(input);
  lines.add(offset, 1, frame.unit == 0 ? "broadcast" : "unit " + std::to_string(frame.unit));
  lines.add(offset + 1, 1, function_name(frame.pdu.function));
  render_pdu(frame.pdu, offset + 2, decoded.json, lines);
  lines.add(offset + size - 2, 2, "CRC, good");
  decoded.text = lines.text();
  return decoded;
}

// Writes of one look the same both ways; a request goes first where both fit.
std::vector<Direction> directions(const DecodeOptions& options) {
  if (options.direction == "request") return {Direction::request};
  if (options.direction == "response") return {Direction::response};
  return {Direction::request, Direction::response};
}

Found find_either(ByteView input, const std::vector<Direction>& wanted) {
  Found best = Found::need_more(0);
  for (const Direction direction : wanted) {
    const Found found = modbus::find_rtu_frame(input, direction);
    if (found.state == Found::State::frame) return found;
    if (best.reason < found.reason) best = found;
  }
  return best;
}

}  // namespace

Decoded decode_modbus_rtu(ByteView data, const DecodeOptions& options) {
  const std::vector<Direction> wanted = directions(options);
  const auto find = [&wanted](ByteView input) { return find_either(input, wanted); };
  const auto decode_one = [&wanted](ByteView input, std::size_t offset, std::size_t size) {
    for (const Direction direction : wanted) {
      const auto frame = modbus::parse_rtu_frame(input.subspan(offset, size), direction);
      if (frame) return render(*frame, input, offset, size);
    }
    return reject("no_frame", "not a Modbus frame");
  };
  Decoded decoded = decode_stream(data, find, decode_one);
  if (decoded.valid) return decoded;
  // A function of a vendor tells no length: it can only be the whole input.
  const auto whole = modbus::parse_rtu_frame(data, wanted.front());
  return whole ? render(*whole, data, 0, data.size()) : decoded;
}

}  // namespace tocsin::decode
