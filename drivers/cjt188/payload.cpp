#include "drivers/cjt188/payload.h"

#include <algorithm>

#include "core/bytes/bcd.h"
#include "core/bytes/hex.h"
#include "drivers/cjt188/units.h"

namespace tocsin::cjt188 {
namespace {

constexpr std::size_t header = 3;  // identifier, serial number
constexpr std::uint8_t function_write = 0x04, function_write_address = 0x15;

bool all_are(ByteView data, std::uint8_t byte) {
  return std::all_of(data.begin(), data.end(), [byte](std::uint8_t each) { return each == byte; });
}

void read_clock(ByteView data, Value& value) {
  if (all_are(data, 0)) {
    value.quality = Quality::zero;
  } else if (!bytes::bcd_le(data)) {
    value.quality = Quality::not_bcd;
  } else {
    const std::string digits = bytes::digits_le(data);  // CCYYMMDDhhmmss
    value.text = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2) + "T" +
                 digits.substr(8, 2) + ":" + digits.substr(10, 2) + ":" + digits.substr(12, 2);
  }
}

void read_number(const Field& field, ByteView data, int exponent, Value& value) {
  if (all_are(data, 0xFF)) {
    value.quality = Quality::all_ff;
    return;
  }
  const auto digits = bytes::bcd_le(data);
  if (!digits) {
    value.quality = Quality::not_bcd;
    return;
  }
  value.number = Decimal{static_cast<std::int64_t>(*digits), exponent - field.decimals};
}

Value read_value(const Field& field, ByteView data) {
  Value value;
  value.name = field.name;
  value.kind = field.kind;
  value.filled_with_nines = all_are(data, 0x99);
  switch (field.kind) {
    case Kind::with_unit: {
      const std::uint8_t code = data[field.width];
      const auto unit = find_unit(code);
      value.unit = unit ? std::string(unit->name) : "unknown_" + bytes::to_hex(ByteView(&code, 1));
      value.filled_with_nines = all_are(data.first(field.width), 0x99);
      read_number(field, data.first(field.width), unit ? unit->exponent : 0, value);
      break;
    }
    case Kind::plain:
      value.unit = std::string(field.unit);
      read_number(field, data, 0, value);
      break;
    case Kind::clock: read_clock(data, value); break;
    case Kind::status: value.text = bytes::to_hex(data); break;
  }
  return value;
}

bool is_write(const Frame& frame, std::uint8_t function, std::uint16_t wanted) {
  const auto found = identifier(frame);
  return frame.function() == function && found && found->value == wanted;
}

}  // namespace

std::string_view name_of(Quality quality) {
  switch (quality) {
    case Quality::good: return "good";
    case Quality::all_ff: return "all_FF_invalid";
    case Quality::zero: return "zero";
    case Quality::not_bcd: return "not_bcd";
  }
  return "";
}

std::vector<Value> read_values(const Frame& frame) {
  std::vector<Value> values;
  const auto found = identifier(frame);
  if (!frame.from_meter() || !found) return values;
  bytes::Reader reader(frame.data);
  reader.skip(header);
  for (const Field& field : find_layout(found->value, frame.data.size())) {
    const std::size_t offset = reader.position();
    const std::size_t size = field.width + (field.kind == Kind::with_unit ? 1u : 0u);
    values.push_back(read_value(field, reader.take(size)));
    values.back().offset = offset;
    values.back().size = size;
  }
  return values;
}

std::optional<std::uint8_t> valve_command(const Frame& frame) {
  if (frame.from_meter() || !is_write(frame, function_write, write_valve)) return std::nullopt;
  if (frame.data.size() <= header) return std::nullopt;
  return frame.data[header];
}

std::optional<std::string> new_address(const Frame& frame) {
  constexpr std::size_t width = std::tuple_size_v<decltype(Frame::address)>;
  if (frame.from_meter() || !is_write(frame, function_write_address, write_address)) return std::nullopt;
  if (frame.data.size() != header + width) return std::nullopt;
  return bytes::digits_le(ByteView(frame.data).subspan(header));
}

std::optional<ByteView> answer_status(const Frame& frame) {
  constexpr std::size_t width = 2;
  const ByteView data = frame.data;
  if (!frame.from_meter()) return std::nullopt;
  // Abnormal: SER ST0 ST1.
  if (frame.abnormal()) return data.size() == header ? std::optional(data.last(width)) : std::nullopt;
  if (!is_write(frame, function_write, write_valve) || data.size() != header + width) return std::nullopt;
  return data.last(width);
}

Bytes read_request(const Identifier& identifier, std::uint8_t serial_number) {
  Bytes data;
  write_identifier(data, identifier);
  data.push_back(serial_number);
  return data;
}

Result<Bytes> write_total(const Decimal& number, std::uint8_t unit_code) {
  constexpr int width = 4;
  if (number.exponent != -2) return fail(Fault::bad_input, "a total has two decimals");
  if (number.digits < 0 || number.digits > 99'999'999)
    return fail(Fault::out_of_range, "a total has 8 digits");
  Bytes out;
  std::int64_t rest = number.digits;
  for (int i = 0; i < width; ++i, rest /= 100)
    out.push_back(bytes::to_bcd(static_cast<std::uint8_t>(rest % 100)));
  out.push_back(unit_code);
  return out;
}

}  // namespace tocsin::cjt188
