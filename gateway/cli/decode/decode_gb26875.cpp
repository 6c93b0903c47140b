// `tocsin decode gb26875.3`: packets in a capture; `gb26875.3-appdata`: one application unit alone.

#include <cstdio>

#include <boost/json/array.hpp>

#include "core/bytes/hex.h"
#include "drivers/gb26875/application.h"
#include "drivers/gb26875/names.h"
#include "drivers/gb26875/packet.h"
#include "drivers/gb26875/text.h"
#include "gateway/cli/decode/annotate.h"
#include "gateway/cli/decode/protocols.h"
#include "gateway/cli/decode/stream.h"

namespace tocsin::decode {
namespace {

namespace json = boost::json;
using bytes::to_hex;
using gb26875::Field;

constexpr std::size_t unit_offset = 27, tail_size = 3;

// `value` follows the standard (binary) and is null when that gives no date; some devices send BCD.
json::object time_json(const gb26875::TimeLabel& label) {
  json::object out{{"raw", to_hex(label)}, {"value", nullptr}};
  if (const auto time = gb26875::from_binary(label)) {
    out["value"] = gb26875::to_string(*time);
  } else if (const auto bcd = gb26875::from_bcd(label)) {
    out["value_as_bcd"] = gb26875::to_string(*bcd);
  }
  return out;
}

json::array bits_json(std::uint16_t bits) {
  json::array out;
  for (unsigned bit = 0; bit < 16; ++bit)
    if (bits >> bit & 1) out.push_back(bit);
  return out;
}

json::object object_json(const gb26875::Unit& unit, const gb26875::Object& object) {
  json::object out;
  for (const Field field : unit.fields) {
    switch (field) {
      case Field::system_type: out["system_type"] = object.system_type; break;
      case Field::system_addr: out["system_addr"] = object.system_addr; break;
      case Field::part_type: out["part_type"] = object.part_type; break;
      case Field::part_addr:
        out["part_zone"] = object.zone();
        out["part_point"] = object.point();
        break;
      case Field::status:
      case Field::status_byte:
        out["status"] = object.status;
        out["status_bits"] = bits_json(object.status);
        break;
      case Field::analog_type: out["analog_type"] = object.analog_type; break;
      case Field::analog: out["analog_raw"] = object.analog; break;
      case Field::operation:
        out["operation"] = object.operation;
        out["operation_bits"] = bits_json(object.operation);
        break;
      case Field::operator_id: out["operator"] = object.operator_id; break;
      case Field::major: out["major"] = object.major; break;
      case Field::minor: out["minor"] = object.minor; break;
      case Field::counted_text:
      case Field::text31: out["text"] = gb26875::to_utf8(object.text); break;
      case Field::record_count: out["count"] = object.record_count; break;
      case Field::parameter: out["parameter"] = object.parameter; break;
      case Field::time: out["time"] = time_json(object.time); break;
    }
  }
  return out;
}

json::array objects_json(const gb26875::Unit& unit) {
  json::array objects;
  for (const gb26875::Object& object : unit.objects) objects.push_back(object_json(unit, object));
  return objects;
}

std::string bit_names(std::uint8_t type, std::uint16_t bits) {
  std::string text;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if (!(bits >> bit & 1)) continue;
    const std::string_view name = gb26875::status_bit_name(type, bit);
    text += (text.empty() ? "" : ", ") + (name.empty() ? "bit " + std::to_string(bit) : std::string(name));
  }
  return text.empty() ? "no bit set" : text;
}

std::string numbered(std::string_view what, unsigned number, std::string_view name) {
  return std::string(what) + ' ' + std::to_string(number) +
         (name.empty() ? "" : " (" + std::string(name) + ")");
}

std::string analog_text(const gb26875::Object& object) {
  const gb26875::Analog analog = gb26875::analog_of(object.analog_type);
  if (analog.name.empty())
    return numbered("analog type", object.analog_type, "") + ", " + std::to_string(object.analog);
  char value[32];
  std::snprintf(value, sizeof value, "%g", object.analog * analog.step);
  return std::string(analog.name) + ' ' + value + ' ' + std::string(analog.unit);
}

std::string time_text(const gb26875::TimeLabel& label) {
  const auto time = gb26875::to_time(label);
  return time ? gb26875::to_string(*time) : "no date: " + to_hex(label);
}

std::string field_text(std::uint8_t type, Field field, const gb26875::Object& object) {
  switch (field) {
    case Field::system_type:
      return numbered("system", object.system_type, gb26875::system_type_name(object.system_type));
    case Field::system_addr: return "system address " + std::to_string(object.system_addr);
    case Field::part_type:
      return numbered("part", object.part_type, gb26875::part_type_name(object.part_type));
    case Field::part_addr:
      return "zone " + std::to_string(object.zone()) + ", point " + std::to_string(object.point());
    case Field::status:
    case Field::status_byte: return "status: " + bit_names(type, object.status);
    case Field::analog_type:
      return numbered("analog type", object.analog_type, gb26875::analog_of(object.analog_type).name);
    case Field::analog: return analog_text(object);
    case Field::operation: return "operation: " + bit_names(type, object.operation);
    case Field::operator_id: return "operator " + std::to_string(object.operator_id);
    case Field::major: return "version, major";
    case Field::minor: return "version, minor";
    case Field::counted_text:
    case Field::text31: return '"' + gb26875::to_utf8(object.text) + '"';
    case Field::record_count: return std::to_string(object.record_count) + " records";
    case Field::parameter: return "parameter " + std::to_string(object.parameter);
    case Field::time: return "time " + time_text(object.time);
  }
  return {};
}

void annotate_unit(Annotation& lines, std::size_t at, ByteView unit) {
  if (unit.size() < 2) {
    lines.add(at, unit.size(), "application unit");
    return;
  }
  lines.add(at, 1, numbered("type", unit[0], gb26875::type_name(unit[0])));
  lines.add(at + 1, 1, std::to_string(unit[1]) + " object(s)");
  std::size_t offset = at + 2;
  const Result<gb26875::Unit> parsed = gb26875::parse_unit(unit);
  if (!parsed) {
    lines.add(offset, unit.size() - 2, "not the standard's layout");
    return;
  }
  for (const gb26875::Object& object : parsed->objects) {
    for (const Field field : parsed->fields) {
      const std::size_t size = gb26875::size_of(field, object);
      lines.add(offset, size, field_text(parsed->type, field, object));
      offset += size;
    }
  }
}

json::object packet_json(const gb26875::Packet& packet, ByteView raw, std::size_t offset) {
  json::object out{{"valid", true},
                   {"frame_offset", offset},
                   {"frame_len", raw.size()},
                   {"serial", packet.serial},
                   {"version_main", packet.version_main},
                   {"version_user", packet.version_user},
                   {"time", time_json(packet.time)},
                   {"source", packet.source},
                   {"source_wire", to_hex(raw.subspan(12, 6))},
                   {"destination", packet.destination},
                   {"destination_wire", to_hex(raw.subspan(18, 6))},
                   {"app_len", packet.unit.size()},
                   {"command", static_cast<std::uint8_t>(packet.command)}};
  const Bytes& unit = packet.unit;
  if (unit.empty()) return out;
  if (unit.size() < 2) {
    out["app_hex"] = to_hex(unit);
    return out;
  }
  out["type_flag"] = unit[0];
  out["object_count"] = unit[1];
  if (const Result<gb26875::Unit> parsed = gb26875::parse_unit(unit)) {
    out["objects"] = objects_json(*parsed);
  } else {
    out["objects"] = nullptr;
    out["app_decode"] = "not_standard_layout";
    out["app_hex"] = to_hex(unit);
  }
  return out;
}

std::string packet_text(const gb26875::Packet& packet, ByteView input, std::size_t offset, std::size_t size) {
  Annotation lines(input);
  lines.add(offset, 2, "start");
  lines.add(offset + 2, 2, "serial " + std::to_string(packet.serial));
  lines.add(offset + 4, 2,
            "version " + std::to_string(packet.version_main) + '.' + std::to_string(packet.version_user));
  lines.add(offset + 6, 6, "time " + time_text(packet.time));
  lines.add(offset + 12, 6, "from " + std::to_string(packet.source));
  lines.add(offset + 18, 6, "to " + std::to_string(packet.destination));
  lines.add(offset + 24, 2, "unit of " + std::to_string(packet.unit.size()) + " bytes");
  const auto command = static_cast<std::uint8_t>(packet.command);
  lines.add(offset + 26, 1, numbered("command", command, gb26875::name_of(packet.command)));
  annotate_unit(lines, offset + unit_offset, packet.unit);
  lines.add(offset + size - tail_size, 1, "sum");
  lines.add(offset + size - 2, 2, "end");
  return lines.text();
}

Decoded one_packet(ByteView input, std::size_t offset, std::size_t size) {
  const ByteView raw = input.subspan(offset, size);
  const Result<gb26875::Packet> packet = gb26875::parse_packet(raw);
  if (!packet) return reject("no_frame", to_string(packet.error()));
  return {true, packet_json(*packet, raw, offset), packet_text(*packet, input, offset, size)};
}

}  // namespace

Decoded decode_gb26875(ByteView data, const DecodeOptions&) {
  return decode_stream(data, gb26875::find_packet, one_packet);
}

Decoded decode_gb26875_appdata(ByteView data, const DecodeOptions&) {
  const Result<gb26875::Unit> unit = gb26875::parse_unit(data);
  if (!unit) {
    const bool unknown = unit.error().fault == Fault::unsupported;
    return reject(unknown ? "not_standard_layout" : "truncated_or_wrong_size", to_string(unit.error()));
  }
  Decoded out{true, {{"valid", true}, {"type_flag", unit->type}}, {}};
  out.json["object_count"] = unit->objects.size();
  out.json["objects"] = objects_json(*unit);
  Annotation lines(data);
  annotate_unit(lines, 0, data);
  out.text = lines.text();
  return out;
}

}  // namespace tocsin::decode
