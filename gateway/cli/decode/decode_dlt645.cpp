// `tocsin decode dlt645-2007` and `dlt645-1997`.

#include <iterator>

#include <boost/json/array.hpp>

#include "core/bytes/bcd.h"
#include "core/bytes/hex.h"
#include "drivers/dlt645/frame.h"
#include "drivers/dlt645/values.h"
#include "gateway/cli/decode/annotate.h"
#include "gateway/cli/decode/protocols.h"
#include "gateway/cli/decode/stream.h"

namespace tocsin::decode {
namespace {

namespace json = boost::json;
using dlt645::Edition;

constexpr std::size_t data_at = 10;

struct FunctionName {
  std::uint8_t code;
  std::string_view name;
};
constexpr FunctionName functions_2007[] = {
    {0x03, "security authentication"},
    {0x08, "broadcast time"},
    {0x11, "read data"},
    {0x12, "read following data"},
    {0x13, "read address"},
    {0x14, "write data"},
    {0x15, "write address"},
    {0x16, "freeze"},
    {0x17, "change baud rate"},
    {0x18, "change password"},
    {0x19, "clear demand"},
    {0x1A, "clear meter"},
    {0x1B, "clear events"},
    {0x1C, "trip or close"},
    {0x1D, "multi-function output"},
};
constexpr FunctionName functions_1997[] = {
    {0x01, "read data"},        {0x02, "read following data"}, {0x03, "read again"},
    {0x04, "write data"},       {0x08, "broadcast time"},      {0x0A, "write address"},
    {0x0C, "change baud rate"}, {0x0F, "change password"},     {0x10, "clear demand"},
};

// Bits of the error byte; several may be set.
constexpr std::string_view errors_2007[] = {"other",     "no such data", "wrong password or no right",
                                            "baud rate", "year zones",   "day slots",
                                            "tariffs",   "reserved"};
constexpr std::string_view errors_1997[] = {"illegal data", "no such data", "wrong password", "reserved",
                                            "year zones",   "day slots",    "tariffs",        "reserved"};

std::string_view function_name(std::uint8_t code, Edition edition) {
  if (edition == Edition::v2007) {
    for (const FunctionName& each : functions_2007) {
      if (each.code == code) return each.name;
    }
  } else {
    for (const FunctionName& each : functions_1997) {
      if (each.code == code) return each.name;
    }
  }
  return "unknown function";
}

std::string identifier_text(std::uint32_t identifier, Edition edition) {
  return bytes::digits_le(dlt645::write_identifier(identifier, edition));
}

json::object value_json(const dlt645::Value& value, dlt645::Format format) {
  json::object object{{"name", value.name}};
  if (format == dlt645::Format::number || format == dlt645::Format::number_time) object["unit"] = value.unit;
  const bool good = value.quality == dlt645::Quality::good;
  object["value"] = good ? json::value(value.text) : json::value(nullptr);
  if (value.weekday) object["weekday"] = *value.weekday;
  if (!value.time.empty()) object["time"] = value.time;
  object["quality"] = name_of(value.quality);
  if (!good) object["raw"] = bytes::to_hex(value.raw);
  return object;
}

std::string value_text(const dlt645::Value& value) {
  if (value.quality != dlt645::Quality::good)
    return value.name + ": no value, " + std::string(name_of(value.quality));
  std::string text = value.name + " " + value.text;
  if (!value.unit.empty()) text += " " + std::string(value.unit);
  if (!value.time.empty()) text += " at " + value.time;
  return text;
}

struct Rendering {
  const dlt645::Frame& frame;
  Edition edition;
  std::size_t offset;  // of the frame in the input
  json::object& out;
  Annotation& lines;

  std::size_t data_offset() const { return offset + data_at; }
};

void render_error(const Rendering& to) {
  const std::uint8_t bits = to.frame.data[0];
  json::array errors;
  std::string text = "error " + hex_byte(bits) + ":";
  for (std::size_t bit = 0; bit < std::size(errors_2007); ++bit) {
    if ((bits >> bit & 1) == 0) continue;
    const std::string_view error = to.edition == Edition::v2007 ? errors_2007[bit] : errors_1997[bit];
    errors.push_back(json::value(error));
    text += (errors.size() > 1 ? ", " : " ") + std::string(error);
  }
  to.out["error_byte"] = hex_byte(bits);
  to.out["errors"] = std::move(errors);
  to.lines.add(to.data_offset(), 1, text);
  to.lines.add(to.data_offset() + 1, to.frame.data.size() - 1, "data");
}

void render_values(const Rendering& to, std::uint32_t identifier) {
  const ByteView data = dlt645::answer_data(to.frame, to.edition);
  std::size_t position = to.data_offset() + dlt645::identifier_size(to.edition);
  json::array values;
  const auto item = dlt645::find_item(identifier, to.edition);
  if (!item) {
    values.push_back(json::object{{"name", "unknown_di"}, {"raw", bytes::to_hex(data)}});
    to.lines.add(position, data.size(), "data of an identifier that is not in the tables");
  } else {
    for (const dlt645::Value& value : dlt645::read_values(*item, data)) {
      values.push_back(value_json(value, item->format));
      to.lines.add(position, value.raw.size(), value_text(value));
      position += value.raw.size();
    }
  }
  to.out["values"] = std::move(values);
}

void render_data(const Rendering& to) {
  const dlt645::Frame& frame = to.frame;
  if (frame.data.empty()) return;
  if (frame.abnormal()) return render_error(to);
  if (const auto identifier = dlt645::identifier(frame, to.edition)) {
    const std::size_t size = dlt645::identifier_size(to.edition);
    to.out["di"] = identifier_text(*identifier, to.edition);
    to.lines.add(to.data_offset(), size, "identifier " + identifier_text(*identifier, to.edition));
    const bool read = function_name(frame.function(), to.edition).starts_with("read");
    if (frame.from_meter() && read) return render_values(to, *identifier);
    to.lines.add(to.data_offset() + size, frame.data.size() - size, "data");
    return;
  }
  const bool read_address =
      to.edition == Edition::v2007 && frame.function() == 0x13 && frame.data.size() == 6;
  if (frame.from_meter() && read_address) to.out["read_address"] = bytes::digits_le(frame.data);
  to.lines.add(to.data_offset(), frame.data.size(), read_address ? "address" : "data");
}

std::string control_text(const dlt645::Frame& frame, Edition edition) {
  std::string text(frame.from_meter() ? "answer: " : "request: ");
  text += function_name(frame.function(), edition);
  if (frame.abnormal()) text += ", refused";
  if (frame.more_frames()) text += ", more frames follow";
  return text;
}

Decoded decode_one(ByteView input, std::size_t offset, std::size_t size, Edition edition) {
  const auto frame = dlt645::parse_frame(input.subspan(offset, size));
  if (!frame) return reject("no_frame", to_string(frame.error()));
  Decoded decoded{true, {{"valid", true}, {"frame_offset", offset}, {"frame_len", size}}, {}};
  json::object& out = decoded.json;
  out["address"] = bytes::digits_le(frame->address);
  out["control"] = hex_byte(frame->control);
  out["from_meter"] = frame->from_meter();
  out["abnormal"] = frame->abnormal();
  out["more_frames"] = frame->more_frames();
  out["function"] = hex_byte(frame->function());
  out["data_len"] = frame->data.size();
  out["data_plain"] = bytes::to_hex(frame->data);
  out["version"] = edition == Edition::v2007 ? "2007" : "1997";
  Annotation lines(input);
  lines.add(offset, 1, "start");
  lines.add(offset + 1, frame->address.size(), "meter " + bytes::digits_le(frame->address));
  lines.add(offset + 7, 1, "second start");
  lines.add(offset + 8, 1, control_text(*frame, edition));
  lines.add(offset + 9, 1, "length; 33H is added to every byte that follows");
  render_data({*frame, edition, offset, out, lines});
  lines.add(offset + size - 2, 1, "checksum, good");
  lines.add(offset + size - 1, 1, "end");
  decoded.text = lines.text();
  return decoded;
}

Decoded decode_edition(ByteView data, Edition edition) {
  return decode_stream(data, dlt645::find_frame,
                       [edition](ByteView input, std::size_t offset, std::size_t size) {
                         return decode_one(input, offset, size, edition);
                       });
}

}  // namespace

Decoded decode_dlt645_2007(ByteView data, const DecodeOptions&) {
  return decode_edition(data, Edition::v2007);
}
Decoded decode_dlt645_1997(ByteView data, const DecodeOptions&) {
  return decode_edition(data, Edition::v1997);
}

}  // namespace tocsin::decode
