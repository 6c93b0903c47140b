#include "gateway/cli/decode/osdp_fields.h"

#include <algorithm>

#include <boost/json/array.hpp>

#include "core/bytes/hex.h"

namespace tocsin::decode {
namespace {

using boost::json::array;
using boost::json::object;
using bytes::to_hex;

object multipart(const osdp::Multipart& part) {
  return {{"total", part.total},
          {"offset", part.offset},
          {"fragment_len", part.fragment.size()},
          {"data_hex", to_hex(part.fragment)}};
}

template <class Enum>
std::uint8_t number(Enum value) {
  return static_cast<std::uint8_t>(value);
}

object led(const osdp::LedControl& one) {
  return {{"reader", one.reader},
          {"led", one.led},
          {"temp_control", one.temporary_control},
          {"temp_on_100ms", one.temporary_on_100ms},
          {"temp_off_100ms", one.temporary_off_100ms},
          {"temp_on_color", number(one.temporary_on_colour)},
          {"temp_off_color", number(one.temporary_off_colour)},
          {"temp_timer_100ms", one.temporary_timer_100ms},
          {"perm_control", one.permanent_control},
          {"perm_on_100ms", one.permanent_on_100ms},
          {"perm_off_100ms", one.permanent_off_100ms},
          {"perm_on_color", number(one.permanent_on_colour)},
          {"perm_off_color", number(one.permanent_off_colour)}};
}

object biometric(std::uint8_t reader, std::uint8_t type, std::uint8_t format, std::uint8_t quality) {
  return {{"reader", reader}, {"type", type}, {"format", format}, {"quality", quality}};
}

struct CommandFields {
  object operator()(const osdp::Plain&) const { return {}; }
  object operator()(const osdp::Id& c) const { return {{"type", c.type}}; }
  object operator()(const osdp::Cap& c) const { return {{"type", c.type}}; }
  object operator()(const osdp::Out& c) const {
    array outputs;
    for (const osdp::OutputControl& one : c.outputs)
      outputs.push_back({{"output", one.output}, {"control", one.control}, {"timer_100ms", one.timer_100ms}});
    return {{"outputs", std::move(outputs)}};
  }
  object operator()(const osdp::Led& c) const {
    array leds;
    for (const osdp::LedControl& one : c.leds) leds.push_back(led(one));
    return {{"leds", std::move(leds)}};
  }
  object operator()(const osdp::Buz& c) const {
    return {{"reader", c.reader},
            {"tone", c.tone},
            {"on_100ms", c.on_100ms},
            {"off_100ms", c.off_100ms},
            {"count", c.count}};
  }
  object operator()(const osdp::Text& c) const {
    return {{"reader", c.reader}, {"command", c.command}, {"temp_time_s", c.temporary_s},
            {"row", c.row},       {"col", c.column},      {"length", c.text.size()},
            {"text", c.text}};
  }
  object operator()(const osdp::Comset& c) const { return {{"address", c.address}, {"baud", c.baud}}; }
  object operator()(const osdp::Bioread& c) const { return biometric(c.reader, c.type, c.format, c.quality); }
  object operator()(const osdp::Biomatch& c) const {
    object fields = biometric(c.reader, c.type, c.format, c.quality);
    fields["data_hex"] = to_hex(c.data);
    return fields;
  }
  object operator()(const osdp::Keyset& c) const {
    return {{"key_type", c.type}, {"key_len", c.key.size()}, {"key_hex", to_hex(c.key)}};
  }
  object operator()(const osdp::Chlng& c) const { return {{"rnd_a", to_hex(c.rnd_a)}}; }
  object operator()(const osdp::Scrypt& c) const {
    return {{"server_cryptogram", to_hex(c.server_cryptogram)}};
  }
  object operator()(const osdp::Acurxsize& c) const { return {{"size", c.size}}; }
  object operator()(const osdp::Filetransfer& c) const {
    return {{"type", c.type},
            {"total", c.total},
            {"offset", c.offset},
            {"fragment_len", c.fragment.size()},
            {"data_hex", to_hex(c.fragment)}};
  }
  object operator()(const osdp::Mfg& c) const {
    return {{"vendor_oui", to_hex(c.vendor_oui)}, {"data_hex", to_hex(c.data)}};
  }
  object operator()(const osdp::Xwr& c) const {
    return {{"mode", c.mode}, {"command", c.command}, {"data_hex", to_hex(c.data)}};
  }
  object operator()(const osdp::Pivdata& c) const {
    return {{"object_id", to_hex(c.object_id)}, {"element_id", c.element_id}, {"offset", c.offset}};
  }
  object operator()(const osdp::Genauth& c) const { return multipart(c.part); }
  object operator()(const osdp::Crauth& c) const { return multipart(c.part); }
  object operator()(const osdp::Keepactive& c) const { return {{"time_ms", c.time_ms}}; }
};

object status(const Bytes& each) {
  return {{"status", array(each.begin(), each.end())}};
}

// Key presses as a person reads them; nothing when a byte is no key of the ASCII set.
std::string key_text(const Bytes& digits) {
  std::string text;
  for (const std::uint8_t byte : digits) {
    if (byte == 0x7F) {
      text += '*';
    } else if (byte == 0x0D) {
      text += '#';
    } else if (byte >= ' ' && byte < 0x7F) {
      text += static_cast<char>(byte);
    } else {
      return {};
    }
  }
  return text;
}

struct ReplyFields {
  object operator()(const osdp::Ack&) const { return {}; }
  object operator()(const osdp::Busy&) const { return {}; }
  object operator()(const osdp::Nak& r) const {
    return {
        {"error_code", number(r.reason)}, {"error", osdp::name_of(r.reason)}, {"extra_hex", to_hex(r.extra)}};
  }
  object operator()(const osdp::Pdid& r) const {
    return {{"vendor_oui", to_hex(r.vendor_oui)},
            {"model", r.model},
            {"version", r.version},
            {"serial_le", bytes::Reader(r.serial).u32_le()},
            {"serial_hex_wire", to_hex(r.serial)},
            {"fw", std::to_string(r.firmware_major) + '.' + std::to_string(r.firmware_minor) + '.' +
                       std::to_string(r.firmware_build)}};
  }
  object operator()(const osdp::Pdcap& r) const {
    array caps;
    for (const osdp::Capability& one : r.capabilities)
      caps.push_back({{"function", one.function}, {"compliance", one.compliance}, {"number", one.number}});
    return {{"caps", std::move(caps)}};
  }
  object operator()(const osdp::Lstatr& r) const {
    return {{"tamper", r.tamper}, {"power_fail", r.power_fail}};
  }
  object operator()(const osdp::Istatr& r) const { return status(r.status); }
  object operator()(const osdp::Ostatr& r) const { return status(r.status); }
  object operator()(const osdp::Rstatr& r) const { return status(r.status); }
  object operator()(const osdp::Raw& r) const {
    return {
        {"reader", r.reader}, {"format", r.format}, {"bit_count", r.bit_count}, {"data_hex", to_hex(r.data)}};
  }
  object operator()(const osdp::Fmt& r) const {
    return {{"reader", r.reader},
            {"direction", r.direction},
            {"digit_count", r.characters.size()},
            {"data_hex", to_hex(r.characters)}};
  }
  object operator()(const osdp::Keypad& r) const {
    object fields{{"reader", r.reader}, {"digit_count", r.digits.size()}, {"digits_hex", to_hex(r.digits)}};
    if (const std::string text = key_text(r.digits); !text.empty()) fields["digits"] = text;
    return fields;
  }
  object operator()(const osdp::Com& r) const { return {{"address", r.address}, {"baud", r.baud}}; }
  object operator()(const osdp::Bioreadr& r) const {
    return {{"reader", r.reader},
            {"status", r.status},
            {"type", r.type},
            {"quality", r.quality},
            {"data_hex", to_hex(r.data)}};
  }
  object operator()(const osdp::Biomatchr& r) const {
    return {{"reader", r.reader}, {"status", r.status}, {"score", r.score}};
  }
  object operator()(const osdp::Ccrypt& r) const {
    return {{"cuid", to_hex(r.cuid)},
            {"rnd_b", to_hex(r.rnd_b)},
            {"client_cryptogram", to_hex(r.client_cryptogram)}};
  }
  object operator()(const osdp::RmacI& r) const { return {{"initial_rmac", to_hex(r.initial_rmac)}}; }
  object operator()(const osdp::Ftstat& r) const {
    return {
        {"action", r.action}, {"delay_ms", r.delay_ms}, {"status", r.status}, {"max_message", r.max_message}};
  }
  object operator()(const osdp::Pivdatar& r) const { return multipart(r.part); }
  object operator()(const osdp::Genauthr& r) const { return multipart(r.part); }
  object operator()(const osdp::Crauthr& r) const { return multipart(r.part); }
  object operator()(const osdp::Mfgrep& r) const {
    return {{"vendor_oui", to_hex(r.vendor_oui)}, {"data_hex", to_hex(r.data)}};
  }
  object operator()(const osdp::Xrd& r) const {
    return {{"mode", r.mode}, {"reply", r.reply}, {"data_hex", to_hex(r.data)}};
  }
};

template <class Message>
Payload shown(const Result<Message>& message) {
  if (message) return {fields_of(*message), {}};
  if (message.error().fault == Fault::unsupported) return {{}, "unknown_code"};
  return {{}, message.error().code == osdp::payload_too_long ? "long_payload" : "short_payload"};
}

}  // namespace

object fields_of(const osdp::Command& command) {
  return std::visit(CommandFields{}, command);
}
object fields_of(const osdp::Reply& reply) {
  return std::visit(ReplyFields{}, reply);
}

Payload payload_fields(bool reply, std::uint8_t code, ByteView payload) {
  return reply ? shown(osdp::parse_reply(code, payload)) : shown(osdp::parse_command(code, payload));
}

std::string_view code_name(bool reply, std::uint8_t code) {
  return reply ? osdp::name_of(static_cast<osdp::ReplyCode>(code))
               : osdp::name_of(static_cast<osdp::CommandCode>(code));
}

}  // namespace tocsin::decode
