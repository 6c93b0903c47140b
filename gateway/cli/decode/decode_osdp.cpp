// `tocsin decode osdp`: one frame, opened when the session keys are given; and one payload alone.

#include <algorithm>
#include <cstdio>

#include <boost/json/serialize.hpp>

#include "core/bytes/hex.h"
#include "drivers/osdp/frame.h"
#include "drivers/osdp/secure_keys.h"
#include "gateway/cli/decode/annotate.h"
#include "gateway/cli/decode/osdp_fields.h"
#include "gateway/cli/decode/protocols.h"

namespace tocsin::decode {
namespace {

namespace json = boost::json;
using bytes::to_hex;

std::string_view reason_of(ByteView data, const Error& error) {
  if (data.empty() || data[0] != osdp::start_of_message) return "bad_som";
  if (error.fault == Fault::crc) return "bad_check";
  if (error.fault == Fault::unsupported) return "reserved_control_bits";
  if (data.size() < osdp::min_frame_size) return "truncated";
  const auto length = static_cast<std::size_t>(data[2] | data[3] << 8);
  if (data.size() < length) return "truncated";
  return data.size() > length ? "length_mismatch" : "bad_layout";
}

std::string type_name(osdp::SecurityType type) {
  char text[8];
  std::snprintf(text, sizeof text, "SCS_%02X", static_cast<unsigned>(type));
  return text;
}

std::string check_text(const osdp::Frame& frame, ByteView data) {
  char text[8];
  bytes::Reader tail(data.last(frame.crc ? 2 : 1));
  std::snprintf(text, sizeof text, frame.crc ? "%04X" : "%02X", frame.crc ? tail.u16_le() : tail.u8());
  return text;
}

json::object frame_json(const osdp::Frame& frame, ByteView data) {
  json::object out{{"valid", true},
                   {"address", frame.address},
                   {"is_reply", frame.reply},
                   {"length", data.size()},
                   {"sequence", frame.sequence},
                   {"integrity", frame.crc ? "crc16" : "checksum8"},
                   {"security_block", nullptr},
                   {"mac", nullptr},
                   {"code", frame.code},
                   {"name", code_name(frame.reply, frame.code)},
                   {"payload_hex", to_hex(frame.payload)},
                   {"check", check_text(frame, data)},
                   {"payload_encrypted", frame.security && frame.security->encrypted()}};
  if (frame.security) {
    out["security_block"] = {{"len", 2 + frame.security->data.size()},
                             {"type", type_name(frame.security->type)},
                             {"data", to_hex(frame.security->data)}};
  }
  if (frame.mac) out["mac"] = to_hex(*frame.mac);
  return out;
}

struct Session {
  osdp::SessionKeys keys;
  osdp::Block previous_mac;
};

bool copy_block(const std::optional<Bytes>& from, osdp::Block& to) {
  if (!from || from->size() != to.size()) return false;
  std::ranges::copy(*from, to.begin());
  return true;
}

std::optional<Session> session_of(const DecodeOptions& options) {
  Session session{};
  const bool complete =
      copy_block(options.s_enc, session.keys.s_enc) && copy_block(options.s_mac1, session.keys.s_mac1) &&
      copy_block(options.s_mac2, session.keys.s_mac2) && copy_block(options.prev_mac, session.previous_mac);
  return complete ? std::optional(session) : std::nullopt;
}

// Checks the MAC and decrypts; the frame's payload is then plain. False: the MAC is wrong, or the padding is.
bool open(osdp::Frame& frame, ByteView data, const Session& session, json::object& out) {
  const osdp::Block mac = osdp::compute_mac(session.keys, session.previous_mac, osdp::part_under_mac(data));
  const bool mac_ok = std::equal(frame.mac->begin(), frame.mac->end(), mac.begin());
  out["mac_ok"] = mac_ok;
  if (!mac_ok || !frame.security->encrypted()) return mac_ok;
  Result<Bytes> plain = osdp::decrypt(session.keys, session.previous_mac, frame.payload);
  if (!plain) return false;
  out["plaintext_hex"] = to_hex(*plain);
  frame.payload = std::move(*plain);
  return true;
}

std::string lines_of(const json::object& fields) {
  std::string text;
  for (const auto& [key, value] : fields)
    text += "      " + std::string(key) + ": " +
            (value.is_string() ? std::string(value.get_string()) : json::serialize(value)) + '\n';
  return text;
}

std::string address_text(const osdp::Frame& frame) {
  if (frame.address == osdp::broadcast_address)
    return frame.reply ? "from the broadcast address" : "to every device";
  return (frame.reply ? "reply from device " : "command to device ") + std::to_string(frame.address);
}

std::string control_text(const osdp::Frame& frame) {
  return "control: sequence " + std::to_string(frame.sequence) + (frame.crc ? ", CRC-16" : ", checksum") +
         (frame.security ? ", security block" : "");
}

// `shift`: how many mark bytes came before the frame.
std::string annotate(const osdp::Frame& frame, ByteView input, std::size_t shift,
                     const json::object& fields) {
  Annotation lines(input);
  if (shift > 0) lines.add(0, shift, "mark");
  std::size_t at = shift;
  const auto field = [&](std::size_t size, std::string_view meaning) {
    lines.add(at, size, meaning);
    at += size;
  };
  field(1, "start of message");
  field(1, address_text(frame));
  field(2, "length " + std::to_string(input.size() - shift));
  field(1, control_text(frame));
  if (frame.security)
    field(2 + frame.security->data.size(), "security block " + type_name(frame.security->type));
  field(1, "code " + std::string(code_name(frame.reply, frame.code)));
  const std::size_t check = frame.crc ? 2 : 1, mac = frame.mac ? osdp::mac_size : 0;
  const std::size_t payload = input.size() - at - check - mac;
  const bool encrypted = frame.security && frame.security->encrypted();
  if (payload > 0) field(payload, encrypted ? "data, encrypted" : "data");
  if (mac > 0) field(mac, "MAC");
  field(check, frame.crc ? "CRC-16" : "checksum");
  return lines.text() + lines_of(fields);
}

}  // namespace

Decoded decode_osdp(ByteView data, const DecodeOptions& options) {
  const std::size_t shift = !data.empty() && data[0] == osdp::mark ? 1 : 0;
  const ByteView bytes = data.subspan(shift);
  Result<osdp::Frame> frame = osdp::parse_frame(bytes);
  if (!frame) return reject(reason_of(bytes, frame.error()), to_string(frame.error()));

  Decoded out{true, frame_json(*frame, bytes), {}};
  bool plain = !frame->security || !frame->security->encrypted();
  if (const auto session = session_of(options); session && frame->mac) {
    if (!open(*frame, bytes, *session, out.json)) {
      Decoded rejected = reject("bad_mac", "the MAC or the padding does not fit these keys");
      rejected.json["mac_ok"] = out.json["mac_ok"];
      return rejected;
    }
    plain = true;
  }
  Payload payload;
  if (plain) {
    payload = payload_fields(frame->reply, frame->code, frame->payload);
    if (!payload.problem.empty()) payload.fields[payload.problem] = true;
    if (!payload.fields.empty()) out.json["fields"] = payload.fields;
  }
  out.text = annotate(*frame, data, shift, payload.fields);
  return out;
}

Decoded decode_osdp_payload(ByteView data, const DecodeOptions& options) {
  if (!options.code || *options.code < 0 || *options.code > 255)
    return reject("code_missing", "say which code: --code N");
  if (options.direction != "acu_to_pd" && options.direction != "pd_to_acu")
    return reject("direction_missing", "say who sent it: --direction acu_to_pd or pd_to_acu");
  const bool reply = options.direction == "pd_to_acu";
  const auto code = static_cast<std::uint8_t>(*options.code);
  Payload payload = payload_fields(reply, code, data);
  if (!payload.problem.empty()) return reject(payload.problem, "the payload does not fit its code");
  Decoded out{true, {{"valid", true}, {"code", code}, {"name", code_name(reply, code)}}, {}};
  Annotation lines(data);
  lines.add(0, data.size(), code_name(reply, code));
  out.text = lines.text() + lines_of(payload.fields);
  out.json["fields"] = std::move(payload.fields);
  return out;
}

}  // namespace tocsin::decode
