#pragma once
// Payloads of the OSDP commands, panel (ACU) to device (PD). Field names are the standard's; multi-byte
// numbers travel low byte first; times are in the unit of their name. One struct per command, both
// directions.

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "drivers/osdp/codes.h"
#include "drivers/osdp/multipart.h"

namespace tocsin::osdp {

// POLL, LSTAT, ISTAT, OSTAT, RSTAT and ABORT carry no data.
struct Plain {
  CommandCode code = CommandCode::poll;
};
struct Id {
  static constexpr auto code = CommandCode::id;
  std::uint8_t type = 0;  // 0: standard identification block
};
struct Cap {
  static constexpr auto code = CommandCode::cap;
  std::uint8_t type = 0;
};
// control: 0 no change, 1 permanent off, 2 permanent on (both abort a timer), 3 / 4 the same after the timer
// ends, 5 timed on, 6 timed off
struct OutputControl {
  std::uint8_t output = 0, control = 0;
  std::uint16_t timer_100ms = 0;
};
struct Out {
  static constexpr auto code = CommandCode::out;
  std::vector<OutputControl> outputs;
};
enum class Colour : std::uint8_t { black, red, green, amber, blue, magenta, cyan, white };
struct LedControl {
  std::uint8_t reader = 0, led = 0;
  std::uint8_t temporary_control = 0;  // 0 no change, 1 cancel, 2 set for temporary_timer_100ms
  std::uint8_t temporary_on_100ms = 0, temporary_off_100ms = 0;
  Colour temporary_on_colour{}, temporary_off_colour{};
  std::uint16_t temporary_timer_100ms = 0;
  std::uint8_t permanent_control = 0;  // 0 no change, 1 set
  std::uint8_t permanent_on_100ms = 0, permanent_off_100ms = 0;
  Colour permanent_on_colour{}, permanent_off_colour{};
};
struct Led {
  static constexpr auto code = CommandCode::led;
  std::vector<LedControl> leds;
};
struct Buz {
  static constexpr auto code = CommandCode::buz;
  std::uint8_t reader = 0;
  std::uint8_t tone = 0;  // 1 off, 2 default
  std::uint8_t on_100ms = 0, off_100ms = 0;
  std::uint8_t count = 0;  // 0: until the next command
};
struct Text {
  static constexpr auto code = CommandCode::text;
  std::uint8_t reader = 0;
  std::uint8_t command = 0;  // 1 / 2 permanent without / with wrap, 3 / 4 temporary without / with wrap
  std::uint8_t temporary_s = 0;
  std::uint8_t row = 1, column = 1;
  std::string text;  // at most 255 bytes
};
struct Comset {
  static constexpr auto code = CommandCode::comset;
  std::uint8_t address = 0;
  std::uint32_t baud = 9600;
};
struct Bioread {
  static constexpr auto code = CommandCode::bioread;
  std::uint8_t reader = 0, type = 0, format = 0, quality = 0;
};
struct Biomatch {
  static constexpr auto code = CommandCode::biomatch;
  std::uint8_t reader = 0, type = 0, format = 0, quality = 0;
  Bytes data;
};
struct Keyset {
  static constexpr auto code = CommandCode::keyset;
  std::uint8_t type = 1;  // 1: SCBK
  Bytes key;              // 16 bytes for type 1
};
struct Chlng {
  static constexpr auto code = CommandCode::chlng;
  std::array<std::uint8_t, 8> rnd_a{};
};
struct Scrypt {
  static constexpr auto code = CommandCode::scrypt;
  std::array<std::uint8_t, 16> server_cryptogram{};
};
struct Acurxsize {
  static constexpr auto code = CommandCode::acurxsize;
  std::uint16_t size = 0;  // the panel's receive buffer, bytes
};
struct Filetransfer {
  static constexpr auto code = CommandCode::filetransfer;
  std::uint8_t type = 0;
  std::uint32_t total = 0, offset = 0;
  Bytes fragment;
};
struct Mfg {
  static constexpr auto code = CommandCode::mfg;
  std::array<std::uint8_t, 3> vendor_oui{};
  Bytes data;
};
struct Xwr {
  static constexpr auto code = CommandCode::xwr;
  std::uint8_t mode = 0, command = 0;
  Bytes data;
};
struct Pivdata {
  static constexpr auto code = CommandCode::pivdata;
  std::array<std::uint8_t, 3> object_id{};
  std::uint8_t element_id = 0;
  std::uint16_t offset = 0;
};
struct Genauth {
  static constexpr auto code = CommandCode::genauth;
  Multipart part;
};
struct Crauth {
  static constexpr auto code = CommandCode::crauth;
  Multipart part;
};
struct Keepactive {
  static constexpr auto code = CommandCode::keepactive;
  std::uint16_t time_ms = 0;
};

using Command = std::variant<Plain, Id, Cap, Out, Led, Buz, Text, Comset, Bioread, Biomatch, Keyset, Chlng,
                             Scrypt, Acurxsize, Filetransfer, Mfg, Xwr, Pivdata, Genauth, Crauth, Keepactive>;

CommandCode code_of(const Command& command);
// unsupported: a code the standard does not have; framing: the payload does not fit the code.
Result<Command> parse_command(std::uint8_t code, ByteView payload);
// bad_input: a list or text too long for its count byte.
Result<Bytes> build_payload(const Command& command);

}  // namespace tocsin::osdp
