#include "drivers/osdp/replies.h"

#include <algorithm>
#include <string>

#include "drivers/osdp/frame.h"

namespace tocsin::osdp {
namespace {

using bytes::Reader;
using bytes::Writer;

Bytes copy(ByteView data) {
  return Bytes(data.begin(), data.end());
}
Bytes rest(Reader& in) {
  return copy(in.take(in.remaining()));
}

template <std::size_t size>
std::array<std::uint8_t, size> read_array(Reader& in) {
  std::array<std::uint8_t, size> out{};
  std::ranges::copy(in.take(size), out.begin());
  return out;
}

Pdcap read_pdcap(Reader& in) {
  Pdcap caps;
  while (in.ok() && in.remaining() > 0) caps.capabilities.push_back({in.u8(), in.u8(), in.u8()});
  return caps;
}

std::size_t bytes_for(std::uint16_t bits) {
  return (bits + 7u) / 8;
}

Raw read_raw(Reader& in) {
  Raw raw{in.u8(), in.u8(), in.u16_le(), {}};
  raw.data = copy(in.take(bytes_for(raw.bit_count)));
  return raw;
}

Fmt read_fmt(Reader& in) {
  Fmt fmt{in.u8(), in.u8(), {}};
  fmt.characters = copy(in.take(in.u8()));
  return fmt;
}

Keypad read_keypad(Reader& in) {
  Keypad keypad{in.u8(), {}};
  keypad.digits = copy(in.take(in.u8()));
  return keypad;
}

Bioreadr read_bioreadr(Reader& in) {
  Bioreadr bio{in.u8(), in.u8(), in.u8(), in.u8(), {}};
  bio.data = copy(in.take(in.u16_le()));
  return bio;
}

Ftstat read_ftstat(Reader& in) {
  return {in.u8(), in.u16_le(), static_cast<std::int16_t>(in.u16_le()), in.u16_le()};
}

// Braced initialisers are evaluated left to right, so the fields are read in wire order.
Reply read(ReplyCode code, Reader& in) {
  switch (code) {
    case ReplyCode::ack: return Ack{};
    case ReplyCode::busy: return Busy{};
    case ReplyCode::nak: return Nak{static_cast<NakCode>(in.u8()), rest(in)};
    case ReplyCode::pdid:
      return Pdid{read_array<3>(in), in.u8(), in.u8(), read_array<4>(in), in.u8(), in.u8(), in.u8()};
    case ReplyCode::pdcap: return read_pdcap(in);
    case ReplyCode::lstatr: return Lstatr{in.u8(), in.u8()};
    case ReplyCode::istatr: return Istatr{rest(in)};
    case ReplyCode::ostatr: return Ostatr{rest(in)};
    case ReplyCode::rstatr: return Rstatr{rest(in)};
    case ReplyCode::raw: return read_raw(in);
    case ReplyCode::fmt: return read_fmt(in);
    case ReplyCode::keypad: return read_keypad(in);
    case ReplyCode::com: return Com{in.u8(), in.u32_le()};
    case ReplyCode::bioreadr: return read_bioreadr(in);
    case ReplyCode::biomatchr: return Biomatchr{in.u8(), in.u8(), in.u8()};
    case ReplyCode::ccrypt: return Ccrypt{read_array<8>(in), read_array<8>(in), read_array<16>(in)};
    case ReplyCode::rmac_i: return RmacI{read_array<16>(in)};
    case ReplyCode::ftstat: return read_ftstat(in);
    case ReplyCode::pivdatar: return Pivdatar{read_multipart(in)};
    case ReplyCode::genauthr: return Genauthr{read_multipart(in)};
    case ReplyCode::crauthr: return Crauthr{read_multipart(in)};
    case ReplyCode::mfgrep: return Mfgrep{read_array<3>(in), rest(in)};
    case ReplyCode::xrd: return Xrd{in.u8(), in.u8(), rest(in)};
  }
  return Ack{};
}

struct Write {
  Writer out;

  template <class... Byte>
  void u8s(Byte... byte) {
    (out.u8(static_cast<std::uint8_t>(byte)), ...);
  }

  void operator()(const Ack&) {}
  void operator()(const Busy&) {}
  void operator()(const Nak& r) {
    u8s(r.reason);
    out.raw(r.extra);
  }
  void operator()(const Pdid& r) {
    out.raw(r.vendor_oui);
    u8s(r.model, r.version);
    out.raw(r.serial);
    u8s(r.firmware_major, r.firmware_minor, r.firmware_build);
  }
  void operator()(const Pdcap& r) {
    for (const Capability& one : r.capabilities) u8s(one.function, one.compliance, one.number);
  }
  void operator()(const Lstatr& r) { u8s(r.tamper, r.power_fail); }
  void operator()(const Istatr& r) { out.raw(r.status); }
  void operator()(const Ostatr& r) { out.raw(r.status); }
  void operator()(const Rstatr& r) { out.raw(r.status); }
  void operator()(const Raw& r) {
    u8s(r.reader, r.format);
    out.u16_le(r.bit_count);
    out.raw(r.data);
  }
  void operator()(const Fmt& r) {
    u8s(r.reader, r.direction, r.characters.size());
    out.raw(r.characters);
  }
  void operator()(const Keypad& r) {
    u8s(r.reader, r.digits.size());
    out.raw(r.digits);
  }
  void operator()(const Com& r) {
    out.u8(r.address);
    out.u32_le(r.baud);
  }
  void operator()(const Bioreadr& r) {
    u8s(r.reader, r.status, r.type, r.quality);
    out.u16_le(static_cast<std::uint16_t>(r.data.size()));
    out.raw(r.data);
  }
  void operator()(const Biomatchr& r) { u8s(r.reader, r.status, r.score); }
  void operator()(const Ccrypt& r) {
    out.raw(r.cuid);
    out.raw(r.rnd_b);
    out.raw(r.client_cryptogram);
  }
  void operator()(const RmacI& r) { out.raw(r.initial_rmac); }
  void operator()(const Ftstat& r) {
    out.u8(r.action);
    out.u16_le(r.delay_ms);
    out.u16_le(static_cast<std::uint16_t>(r.status));
    out.u16_le(r.max_message);
  }
  void operator()(const Pivdatar& r) { write_multipart(out, r.part); }
  void operator()(const Genauthr& r) { write_multipart(out, r.part); }
  void operator()(const Crauthr& r) { write_multipart(out, r.part); }
  void operator()(const Mfgrep& r) {
    out.raw(r.vendor_oui);
    out.raw(r.data);
  }
  void operator()(const Xrd& r) {
    u8s(r.mode, r.reply);
    out.raw(r.data);
  }
};

// What the counts on the wire cannot say.
bool fits(const Reply& reply) {
  if (const auto* raw = std::get_if<Raw>(&reply)) return raw->data.size() == bytes_for(raw->bit_count);
  if (const auto* fmt = std::get_if<Fmt>(&reply)) return fmt->characters.size() <= 255;
  if (const auto* keypad = std::get_if<Keypad>(&reply)) return keypad->digits.size() <= 255;
  return true;
}

}  // namespace

ReplyCode code_of(const Reply& reply) {
  return std::visit([](const auto& one) { return one.code; }, reply);
}

Result<Reply> parse_reply(std::uint8_t code, ByteView payload) {
  const auto known = static_cast<ReplyCode>(code);
  if (name_of(known).empty()) return fail(Fault::unsupported, "unknown reply", code);
  Reader in(payload);
  Reply reply = read(known, in);
  if (!in.ok()) return fail(Fault::framing, "payload too short for " + std::string(name_of(known)));
  if (in.remaining() > 0)
    return fail(Fault::framing, "payload too long for " + std::string(name_of(known)), payload_too_long);
  return reply;
}

Result<Bytes> build_payload(const Reply& reply) {
  if (!fits(reply)) return fail(Fault::bad_input, "bytes do not fit their count");
  Bytes out;
  std::visit(Write{Writer(out)}, reply);
  if (out.size() > max_frame_size) return fail(Fault::bad_input, "payload longer than a frame");
  return out;
}

}  // namespace tocsin::osdp
