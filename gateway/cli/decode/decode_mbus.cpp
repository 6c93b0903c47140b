// `tocsin decode mbus`.

#include <cstdio>
#include <iterator>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "core/bytes/hex.h"
#include "drivers/mbus/application.h"
#include "drivers/mbus/frame.h"
#include "gateway/cli/decode/annotate.h"
#include "gateway/cli/decode/protocols.h"
#include "gateway/cli/decode/stream.h"

namespace tocsin::decode {
namespace {

namespace json = boost::json;

constexpr std::size_t data_at = 7;  // 68 L L 68 C A CI

std::string_view kind_name(mbus::FrameKind kind) {
  switch (kind) {
    case mbus::FrameKind::ack: return "ack";
    case mbus::FrameKind::short_frame: return "short";
    case mbus::FrameKind::control: return "control";
    case mbus::FrameKind::long_frame: return "long";
  }
  return "";
}

std::string_view control_text(std::uint8_t control) {
  switch (control & 0xDF) {  // without FCB
    case 0x40: return "C: reset (SND_NKE)";
    case 0x5B: return "C: request data (REQ_UD2)";
    case 0x5A: return "C: request alarm (REQ_UD1)";
    case 0x53: return "C: send data (SND_UD)";
    default: return (control & 0x4F) == 0x08 ? "C: answer (RSP_UD)" : "C";
  }
}

// Meters write ISO 8859-1, JSON is UTF-8.
std::string utf8(std::string_view latin1) {
  std::string text;
  for (const char character : latin1) {
    const auto code = static_cast<unsigned char>(character);
    if (code < 0x80) {
      text += character;
    } else {
      text += static_cast<char>(0xC0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return text;
}

struct RawJson {
  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(std::int64_t number) const { return number; }
  json::value operator()(double number) const { return number; }
  json::value operator()(const std::string& text) const { return json::value(utf8(text)); }
  json::value operator()(const Bytes& data) const { return json::value(bytes::to_hex(data)); }
};

std::string number_text(const mbus::Scaled& scaled) {
  if (scaled.exact) return to_trimmed_string(*scaled.exact);
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", scaled.real);  // a float has 7 digits
  return text;
}

json::object record_json(const mbus::Record& record) {
  json::object object{{"dif", bytes::to_hex(ByteView(&record.dif, 1))},
                      {"function", static_cast<int>(record.function)},
                      {"storage", record.storage},
                      {"tariff", record.tariff},
                      {"subunit", record.subunit},
                      {"vif", bytes::to_hex(ByteView(&record.vif, 1))},
                      {"type", name_of(record.type)},
                      {"raw", std::visit(RawJson{}, record.raw)}};
  if (const auto scaled = mbus::scaled_value(record)) {
    object["quantity"] = scaled->quantity;
    if (!scaled->unit.empty()) object["unit"] = scaled->unit;
    object["value"] = number_text(*scaled);
  }
  if (const auto date = mbus::date_text(record)) object["time"] = *date;
  if (!record.unit_text.empty()) object["unit_text"] = utf8(record.unit_text);
  if (!record.vife.empty()) object["vife"] = bytes::to_hex(record.vife);
  return object;
}

std::string record_text(const mbus::Record& record) {
  constexpr std::string_view functions[] = {"", "maximum ", "minimum ", "during error "};
  std::string text(functions[static_cast<int>(record.function)]);
  const auto date = mbus::date_text(record);
  if (const auto scaled = mbus::scaled_value(record)) {
    text += std::string(scaled->quantity) + " " + number_text(*scaled) + " " + std::string(scaled->unit);
  } else {
    text += date ? "time " + *date : "value " + json::serialize(std::visit(RawJson{}, record.raw));
  }
  if (!record.unit_text.empty()) text += " " + utf8(record.unit_text);
  if (record.storage != 0) text += ", storage " + std::to_string(record.storage);
  if (record.tariff != 0) text += ", tariff " + std::to_string(record.tariff);
  if (record.subunit != 0) text += ", subunit " + std::to_string(record.subunit);
  return text;
}

void render_header(const mbus::Application& application, std::size_t offset, json::object& out,
                   Annotation& lines) {
  if (application.header) {
    const mbus::Header& header = *application.header;
    out["id"] = header.id;
    out["medium"] = hex_byte(header.medium);
    lines.add(offset, 4, "identification " + header.id);
    if (!application.fixed) {
      out["manufacturer"] = header.manufacturer;
      out["version"] = header.version;
      lines.add(offset + 4, 2, "manufacturer " + header.manufacturer);
      lines.add(offset + 6, 1, "version");
      lines.add(offset + 7, 1, "medium " + std::string(mbus::medium_name(header.medium)));
    }
    offset += application.fixed ? 4 : 8;
  }
  if (application.access_no) {
    out["access_no"] = *application.access_no;
    lines.add(offset, 1, "access number");
  }
  if (application.status) {
    out["status"] = hex_byte(*application.status);
    lines.add(offset + 1, 1, "status");
  }
  if (application.signature) {
    char text[8];
    std::snprintf(text, sizeof text, "%04x", *application.signature);
    out["signature"] = text;
    lines.add(offset + 2, 2, "signature");
  }
}

void render_records(const mbus::Records& records, std::size_t offset, std::size_t size, json::object& out,
                    Annotation& lines) {
  json::array list;
  for (const mbus::Record& record : records.records) {
    list.push_back(record_json(record));
    lines.add(offset + record.offset, record.size, record_text(record));
  }
  if (records.manufacturer_length > 0 || records.more_follow) {
    const std::size_t marked = records.manufacturer_length + 1;
    lines.add(offset + size - marked, marked,
              records.more_follow ? "more records follow" : "data of the manufacturer");
  }
  out["records"] = std::move(list);
  out["manufacturer_specific_len"] = records.manufacturer_length;
  out["more_records_follow"] = records.more_follow;
}

void render_fixed(const mbus::FixedData& fixed, std::size_t offset, json::object& out, Annotation& lines) {
  lines.add(offset + 6, 2, "medium and units");
  for (std::size_t index = 0; index < std::size(fixed.counters); ++index) {
    const mbus::FixedCounter& counter = fixed.counters[index];
    const std::string name = "counter" + std::to_string(index + 1);
    json::object object{{"unit_code", hex_byte(counter.unit_code)}};
    object["raw"] = counter.raw ? json::value(*counter.raw) : json::value(nullptr);
    if (!counter.unit.empty()) object["unit"] = counter.unit;
    if (counter.value) object["value"] = to_trimmed_string(*counter.value);
    lines.add(offset + 8 + 4 * index, 4, name + " " + json::serialize(object));
    out[name] = std::move(object);
  }
}

Decoded render_application(const mbus::Frame& frame, std::size_t offset, Decoded decoded, Annotation& lines) {
  const auto application = mbus::parse_application(frame);
  if (!application && application.error().fault != Fault::unsupported) {
    const bool fixed = frame.information == mbus::ci::fixed;
    return reject(fixed ? "fixed_structure_too_short" : "malformed_data_records", application.error().detail);
  }
  if (!application) {
    decoded.json["data"] = bytes::to_hex(frame.data);
    lines.add(offset, frame.data.size(), "data");
    return decoded;
  }
  render_header(*application, offset, decoded.json, lines);
  if (application->fixed) render_fixed(*application->fixed, offset, decoded.json, lines);
  if (application->records) {
    const std::size_t header = application->header ? 12 : application->access_no ? 4 : 0;
    render_records(*application->records, offset + header, frame.data.size() - header, decoded.json, lines);
  }
  return decoded;
}

Decoded decode_one(ByteView input, std::size_t offset, std::size_t size) {
  const auto frame = mbus::parse_frame(input.subspan(offset, size));
  if (!frame) return reject("no_frame", to_string(frame.error()));
  Decoded decoded{true, {{"valid", true}, {"frame", kind_name(frame->kind)}}, {}};
  Annotation lines(input);
  if (frame->kind == mbus::FrameKind::ack) {
    lines.add(offset, 1, "acknowledged");
    decoded.text = lines.text();
    return decoded;
  }
  const bool is_short = frame->kind == mbus::FrameKind::short_frame;
  const std::size_t control_at = offset + (is_short ? 1 : 4);
  decoded.json["c"] = frame->control;
  decoded.json["a"] = frame->address;
  lines.add(offset, control_at - offset, is_short ? "start" : "start, length twice, start");
  lines.add(control_at, 1, control_text(frame->control));
  lines.add(control_at + 1, 1, "address " + std::to_string(frame->address));
  if (!is_short) {
    decoded.json["ci"] = hex_byte(frame->information);
    lines.add(control_at + 2, 1, "CI");
  }
  if (frame->kind == mbus::FrameKind::long_frame) {
    decoded = render_application(*frame, offset + data_at, std::move(decoded), lines);
    if (!decoded.valid) return decoded;
  }
  lines.add(offset + size - 2, 1, "checksum, good");
  lines.add(offset + size - 1, 1, "end");
  decoded.text = lines.text();
  return decoded;
}

// Whole frames only: a byte in 256 looks like an acknowledgement, so a damaged input cannot be searched
// through.
bool is_whole_frames(ByteView input) {
  while (!input.empty()) {
    const bytes::Found found = mbus::find_frame(input);
    if (found.state != bytes::Found::State::frame) return false;
    input = input.subspan(found.size);
  }
  return true;
}

}  // namespace

Decoded decode_mbus(ByteView data, const DecodeOptions&) {
  const bytes::Found first = mbus::find_frame(data);
  if (first.reason == bytes::Found::Reason::checksum)
    return reject("checksum", "checksum of the first frame");
  if (!is_whole_frames(data))
    return reject("truncated_or_wrong_size", "the input is not made of whole frames");
  return decode_stream(data, mbus::find_frame, decode_one);
}

}  // namespace tocsin::decode
