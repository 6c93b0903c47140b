// `tocsin decode cjt188`.

#include "core/bytes/bcd.h"
#include "core/bytes/hex.h"
#include "drivers/cjt188/frame.h"
#include "drivers/cjt188/payload.h"
#include "gateway/cli/decode/annotate.h"
#include "gateway/cli/decode/protocols.h"
#include "gateway/cli/decode/stream.h"

namespace tocsin::decode {
namespace {

namespace json = boost::json;

constexpr std::size_t address_at = 2, control_at = 9, length_at = 10, data_at = 11;
constexpr std::size_t header = 3;  // identifier, serial number

std::string type_text(const cjt188::Frame& frame) {
  const auto family = frame.family();
  if (!family) return "type, not in the table";
  switch (*family) {
    case cjt188::Family::water: return "water meter";
    case cjt188::Family::heat: return "heat or cooling meter";
    case cjt188::Family::gas: return "gas meter";
    case cjt188::Family::electricity: return "other meter";
  }
  return "";
}

std::string control_text(const cjt188::Frame& frame) {
  std::string text(frame.from_meter() ? "answer: " : "request: ");
  switch (frame.function()) {
    case 0x01: text += "read data"; break;
    case 0x03: text += "read address"; break;
    case 0x04: text += "write data"; break;
    case 0x09: text += "read key version"; break;
    case 0x15: text += "write address"; break;
    case 0x16: text += "write base reading"; break;
    default: text += "function of the vendor";
  }
  return text + (frame.abnormal() ? ", refused" : "");
}

json::value value_json(const cjt188::Value& value) {
  if (value.kind == cjt188::Kind::status) return json::value(value.text);
  json::object object;
  if (value.kind != cjt188::Kind::clock) object["unit"] = value.unit;
  const std::string text = value.number ? to_string(*value.number) : value.text;
  object["value"] = value.quality == cjt188::Quality::good ? json::value(text) : json::value(nullptr);
  object["quality"] = name_of(value.quality);
  if (value.filled_with_nines) object["available"] = false;
  return object;
}

std::string value_text(const cjt188::Value& value) {
  std::string text(value.name);
  if (value.quality != cjt188::Quality::good)
    return text + ": no value, " + std::string(name_of(value.quality));
  text += " " + (value.number ? to_string(*value.number) : value.text);
  if (!value.unit.empty()) text += " " + value.unit;
  return text + (value.filled_with_nines ? " (all nines: not available)" : "");
}

// Everything after identifier and serial number.
void render_rest(const cjt188::Frame& frame, std::size_t data_offset, json::object& out, Annotation& lines) {
  const auto values = cjt188::read_values(frame);
  json::object rendered;
  for (const cjt188::Value& value : values) {
    rendered[value.name] = value_json(value);
    lines.add(data_offset + value.offset, value.size, value_text(value));
  }
  if (!values.empty()) {
    out["values"] = std::move(rendered);
    return;
  }
  std::string meaning = "data";
  if (const auto command = cjt188::valve_command(frame)) {
    out["valve_command"] = hex_byte(*command);
    meaning = *command == 0x55   ? "open the valve"
              : *command == 0x99 ? "close the valve"
                                 : "valve, code of the vendor";
  } else if (const auto address = cjt188::new_address(frame)) {
    out["new_address"] = *address;
    meaning = "new address " + *address;
  } else if (const auto status = cjt188::answer_status(frame)) {
    out["status"] = bytes::to_hex(*status);
    meaning = "status";
  }
  lines.add(data_offset + header, frame.data.size() - header, meaning);
}

void render_data(const cjt188::Frame& frame, std::size_t data_offset, json::object& out, Annotation& lines) {
  const auto serial = cjt188::serial(frame);
  if (serial) out["ser"] = hex_byte(*serial);
  const auto identifier = cjt188::identifier(frame);
  if (!identifier) {
    if (const auto status = cjt188::answer_status(frame)) out["status"] = bytes::to_hex(*status);
    lines.add(data_offset, frame.data.size(), frame.abnormal() ? "serial number, status" : "data");
    return;
  }
  const bool low_first = identifier->order == cjt188::Order::low_first;
  Bytes high_first;
  cjt188::write_identifier(high_first, {identifier->value, cjt188::Order::high_first});
  out["di_wire"] = bytes::to_hex(ByteView(frame.data).first(2));
  out["di"] = bytes::to_hex(high_first);
  out["di_order"] = low_first ? "low_first" : "high_first";
  lines.add(data_offset, 2,
            "identifier " + bytes::to_hex(high_first) + (low_first ? ", low byte first" : ""));
  lines.add(data_offset + 2, 1, "serial number");
  render_rest(frame, data_offset, out, lines);
}

Decoded decode_one(ByteView input, std::size_t offset, std::size_t size) {
  const auto frame = cjt188::parse_frame(input.subspan(offset, size));
  if (!frame) return reject("no_frame", to_string(frame.error()));
  Decoded decoded{true, {{"valid", true}, {"frame_offset", offset}, {"frame_len", size}}, {}};
  json::object& out = decoded.json;
  out["meter_type"] = hex_byte(frame->type);
  out["address"] = bytes::digits_le(frame->address);
  out["control"] = hex_byte(frame->control);
  out["from_meter"] = frame->from_meter();
  out["abnormal"] = frame->abnormal();
  out["function"] = hex_byte(frame->function());
  out["data_len"] = frame->data.size();
  out["data"] = bytes::to_hex(frame->data);
  Annotation lines(input);
  lines.add(offset, 1, "start");
  lines.add(offset + 1, 1, type_text(*frame));
  lines.add(offset + address_at, frame->address.size(), "meter " + bytes::digits_le(frame->address));
  lines.add(offset + control_at, 1, control_text(*frame));
  lines.add(offset + length_at, 1, "length");
  render_data(*frame, offset + data_at, out, lines);
  lines.add(offset + size - 2, 1, "checksum, good");
  lines.add(offset + size - 1, 1, "end");
  decoded.text = lines.text();
  return decoded;
}

}  // namespace

Decoded decode_cjt188(ByteView data, const DecodeOptions&) {
  return decode_stream(data, cjt188::find_frame, decode_one);
}

}  // namespace tocsin::decode
