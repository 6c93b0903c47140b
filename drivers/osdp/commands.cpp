#include "drivers/osdp/commands.h"

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

template <std::size_t size>
std::array<std::uint8_t, size> read_array(Reader& in) {
  std::array<std::uint8_t, size> out{};
  std::ranges::copy(in.take(size), out.begin());
  return out;
}

// Braced initialisers are evaluated left to right, so the fields are read in wire order.
OutputControl read_output(Reader& in) {
  return {in.u8(), in.u8(), in.u16_le()};
}

Colour read_colour(Reader& in) {
  return static_cast<Colour>(in.u8());
}

LedControl read_led(Reader& in) {
  return {in.u8(),     in.u8(), in.u8(), in.u8(), in.u8(),         read_colour(in), read_colour(in),
          in.u16_le(), in.u8(), in.u8(), in.u8(), read_colour(in), read_colour(in)};
}

Text read_text(Reader& in) {
  Text text{in.u8(), in.u8(), in.u8(), in.u8(), in.u8(), {}};
  const ByteView data = in.take(in.u8());
  text.text.assign(data.begin(), data.end());
  return text;
}

Biomatch read_biomatch(Reader& in) {
  Biomatch match{in.u8(), in.u8(), in.u8(), in.u8(), {}};
  match.data = copy(in.take(in.u16_le()));
  return match;
}

Keyset read_keyset(Reader& in) {
  Keyset keyset{in.u8(), {}};
  keyset.key = copy(in.take(in.u8()));
  return keyset;
}

Filetransfer read_filetransfer(Reader& in) {
  Filetransfer file{in.u8(), in.u32_le(), in.u32_le(), {}};
  file.fragment = copy(in.take(in.u16_le()));
  return file;
}

// A list without a count fills the payload; one record at least.
template <class Record, class Read>
std::vector<Record> read_list(Reader& in, Read read) {
  std::vector<Record> records;
  do {
    records.push_back(read(in));
  } while (in.ok() && in.remaining() > 0);
  return records;
}

Command read(CommandCode code, Reader& in) {
  switch (code) {
    case CommandCode::poll:
    case CommandCode::lstat:
    case CommandCode::istat:
    case CommandCode::ostat:
    case CommandCode::rstat:
    case CommandCode::abort: return Plain{code};
    case CommandCode::id: return Id{in.u8()};
    case CommandCode::cap: return Cap{in.u8()};
    case CommandCode::out: return Out{read_list<OutputControl>(in, read_output)};
    case CommandCode::led: return Led{read_list<LedControl>(in, read_led)};
    case CommandCode::buz: return Buz{in.u8(), in.u8(), in.u8(), in.u8(), in.u8()};
    case CommandCode::text: return read_text(in);
    case CommandCode::comset: return Comset{in.u8(), in.u32_le()};
    case CommandCode::bioread: return Bioread{in.u8(), in.u8(), in.u8(), in.u8()};
    case CommandCode::biomatch: return read_biomatch(in);
    case CommandCode::keyset: return read_keyset(in);
    case CommandCode::chlng: return Chlng{read_array<8>(in)};
    case CommandCode::scrypt: return Scrypt{read_array<16>(in)};
    case CommandCode::acurxsize: return Acurxsize{in.u16_le()};
    case CommandCode::filetransfer: return read_filetransfer(in);
    case CommandCode::mfg: return Mfg{read_array<3>(in), copy(in.take(in.remaining()))};
    case CommandCode::xwr: return Xwr{in.u8(), in.u8(), copy(in.take(in.remaining()))};
    case CommandCode::pivdata: return Pivdata{read_array<3>(in), in.u8(), in.u16_le()};
    case CommandCode::genauth: return Genauth{read_multipart(in)};
    case CommandCode::crauth: return Crauth{read_multipart(in)};
    case CommandCode::keepactive: return Keepactive{in.u16_le()};
  }
  return Plain{code};
}

struct Write {
  Writer out;

  template <class... Byte>
  void u8s(Byte... byte) {
    (out.u8(static_cast<std::uint8_t>(byte)), ...);
  }

  void operator()(const Plain&) {}
  void operator()(const Id& c) { out.u8(c.type); }
  void operator()(const Cap& c) { out.u8(c.type); }
  void operator()(const Out& c) {
    for (const OutputControl& one : c.outputs) {
      u8s(one.output, one.control);
      out.u16_le(one.timer_100ms);
    }
  }
  void operator()(const Led& c) {
    for (const LedControl& one : c.leds) {
      u8s(one.reader, one.led, one.temporary_control, one.temporary_on_100ms, one.temporary_off_100ms,
          one.temporary_on_colour, one.temporary_off_colour);
      out.u16_le(one.temporary_timer_100ms);
      u8s(one.permanent_control, one.permanent_on_100ms, one.permanent_off_100ms, one.permanent_on_colour,
          one.permanent_off_colour);
    }
  }
  void operator()(const Buz& c) { u8s(c.reader, c.tone, c.on_100ms, c.off_100ms, c.count); }
  void operator()(const Text& c) {
    u8s(c.reader, c.command, c.temporary_s, c.row, c.column, c.text.size());
    for (const char byte : c.text) u8s(byte);
  }
  void operator()(const Comset& c) {
    out.u8(c.address);
    out.u32_le(c.baud);
  }
  void operator()(const Bioread& c) { u8s(c.reader, c.type, c.format, c.quality); }
  void operator()(const Biomatch& c) {
    u8s(c.reader, c.type, c.format, c.quality);
    out.u16_le(static_cast<std::uint16_t>(c.data.size()));
    out.raw(c.data);
  }
  void operator()(const Keyset& c) {
    u8s(c.type, c.key.size());
    out.raw(c.key);
  }
  void operator()(const Chlng& c) { out.raw(c.rnd_a); }
  void operator()(const Scrypt& c) { out.raw(c.server_cryptogram); }
  void operator()(const Acurxsize& c) { out.u16_le(c.size); }
  void operator()(const Filetransfer& c) {
    out.u8(c.type);
    out.u32_le(c.total);
    out.u32_le(c.offset);
    out.u16_le(static_cast<std::uint16_t>(c.fragment.size()));
    out.raw(c.fragment);
  }
  void operator()(const Mfg& c) {
    out.raw(c.vendor_oui);
    out.raw(c.data);
  }
  void operator()(const Xwr& c) {
    u8s(c.mode, c.command);
    out.raw(c.data);
  }
  void operator()(const Pivdata& c) {
    out.raw(c.object_id);
    out.u8(c.element_id);
    out.u16_le(c.offset);
  }
  void operator()(const Genauth& c) { write_multipart(out, c.part); }
  void operator()(const Crauth& c) { write_multipart(out, c.part); }
  void operator()(const Keepactive& c) { out.u16_le(c.time_ms); }
};

// What a count byte on the wire cannot say.
bool fits(const Command& command) {
  if (const auto* out = std::get_if<Out>(&command)) return !out->outputs.empty();
  if (const auto* led = std::get_if<Led>(&command)) return !led->leds.empty();
  if (const auto* text = std::get_if<Text>(&command)) return text->text.size() <= 255;
  if (const auto* keyset = std::get_if<Keyset>(&command)) return keyset->key.size() <= 255;
  return true;
}

}  // namespace

CommandCode code_of(const Command& command) {
  return std::visit([](const auto& one) { return one.code; }, command);
}

Result<Command> parse_command(std::uint8_t code, ByteView payload) {
  const auto known = static_cast<CommandCode>(code);
  if (name_of(known).empty()) return fail(Fault::unsupported, "unknown command", code);
  Reader in(payload);
  Command command = read(known, in);
  if (!in.ok()) return fail(Fault::framing, "payload too short for " + std::string(name_of(known)));
  if (in.remaining() > 0)
    return fail(Fault::framing, "payload too long for " + std::string(name_of(known)), payload_too_long);
  return command;
}

Result<Bytes> build_payload(const Command& command) {
  if (!fits(command)) return fail(Fault::bad_input, "empty list, or longer than its count byte can say");
  Bytes out;
  std::visit(Write{Writer(out)}, command);
  if (out.size() > max_frame_size) return fail(Fault::bad_input, "payload longer than a frame");
  return out;
}

}  // namespace tocsin::osdp
