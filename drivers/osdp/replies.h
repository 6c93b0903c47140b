#pragma once
// Payloads of the OSDP replies, device (PD) to panel (ACU). Field names are the standard's; multi-byte
// numbers travel low byte first; times are in the unit of their name. One struct per reply, both directions.

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "drivers/osdp/codes.h"
#include "drivers/osdp/multipart.h"

namespace tocsin::osdp {

struct Ack {
  static constexpr auto code = ReplyCode::ack;
};
struct Busy {  // always with sequence 0; the panel repeats its command later
  static constexpr auto code = ReplyCode::busy;
};
struct Nak {
  static constexpr auto code = ReplyCode::nak;
  NakCode reason{};
  Bytes extra;
};
struct Pdid {
  static constexpr auto code = ReplyCode::pdid;
  std::array<std::uint8_t, 3> vendor_oui{};
  std::uint8_t model = 0, version = 0;
  std::array<std::uint8_t, 4> serial{};  // as on the wire; low byte first when it is a number
  std::uint8_t firmware_major = 0, firmware_minor = 0, firmware_build = 0;
};
struct Capability {
  std::uint8_t function = 0, compliance = 0, number = 0;
};
struct Pdcap {
  static constexpr auto code = ReplyCode::pdcap;
  std::vector<Capability> capabilities;
};
struct Lstatr {
  static constexpr auto code = ReplyCode::lstatr;
  std::uint8_t tamper = 0, power_fail = 0;  // 0 normal, 1 tamper or failure
};
struct Istatr {  // one byte per input, 1 active
  static constexpr auto code = ReplyCode::istatr;
  Bytes status;
};
struct Ostatr {  // one byte per output, 1 active
  static constexpr auto code = ReplyCode::ostatr;
  Bytes status;
};
struct Rstatr {  // one byte per reader: 0 normal, 1 not connected, 2 tamper
  static constexpr auto code = ReplyCode::rstatr;
  Bytes status;
};
struct Raw {
  static constexpr auto code = ReplyCode::raw;
  std::uint8_t reader = 0;
  std::uint8_t format = 0;  // 0 raw, 1 parity / data / parity (Wiegand)
  std::uint16_t bit_count = 0;
  Bytes data;  // bits packed most significant first, left-aligned
};
struct Fmt {
  static constexpr auto code = ReplyCode::fmt;
  std::uint8_t reader = 0;
  std::uint8_t direction = 0;  // 0 forward, 1 reverse
  Bytes characters;
};
struct Keypad {
  static constexpr auto code = ReplyCode::keypad;
  std::uint8_t reader = 0;
  Bytes digits;  // ASCII; 7F is *, 0D is #
};
struct Com {
  static constexpr auto code = ReplyCode::com;
  std::uint8_t address = 0;
  std::uint32_t baud = 9600;
};
struct Bioreadr {
  static constexpr auto code = ReplyCode::bioreadr;
  std::uint8_t reader = 0, status = 0, type = 0, quality = 0;
  Bytes data;
};
struct Biomatchr {
  static constexpr auto code = ReplyCode::biomatchr;
  std::uint8_t reader = 0, status = 0, score = 0;
};
struct Ccrypt {
  static constexpr auto code = ReplyCode::ccrypt;
  std::array<std::uint8_t, 8> cuid{}, rnd_b{};
  std::array<std::uint8_t, 16> client_cryptogram{};
};
struct RmacI {
  static constexpr auto code = ReplyCode::rmac_i;
  std::array<std::uint8_t, 16> initial_rmac{};
};
struct Ftstat {
  static constexpr auto code = ReplyCode::ftstat;
  std::uint8_t action = 0;  // bit 0 interleave, bit 1 leave the secure channel, bit 2 poll response available
  std::uint16_t delay_ms = 0;
  std::int16_t status = 0;        // 0 go on, 1 processed, 2 rebooting, 3 finishing; negative: aborted
  std::uint16_t max_message = 0;  // bytes; 0: no change
};
struct Pivdatar {
  static constexpr auto code = ReplyCode::pivdatar;
  Multipart part;
};
struct Genauthr {
  static constexpr auto code = ReplyCode::genauthr;
  Multipart part;
};
struct Crauthr {
  static constexpr auto code = ReplyCode::crauthr;
  Multipart part;
};
struct Mfgrep {
  static constexpr auto code = ReplyCode::mfgrep;
  std::array<std::uint8_t, 3> vendor_oui{};
  Bytes data;
};
struct Xrd {
  static constexpr auto code = ReplyCode::xrd;
  std::uint8_t mode = 0, reply = 0;
  Bytes data;
};

using Reply =
    std::variant<Ack, Busy, Nak, Pdid, Pdcap, Lstatr, Istatr, Ostatr, Rstatr, Raw, Fmt, Keypad, Com, Bioreadr,
                 Biomatchr, Ccrypt, RmacI, Ftstat, Pivdatar, Genauthr, Crauthr, Mfgrep, Xrd>;

ReplyCode code_of(const Reply& reply);
// unsupported: a code the standard does not have; framing: the payload does not fit the code.
Result<Reply> parse_reply(std::uint8_t code, ByteView payload);
// bad_input: a list too long for its count byte, or RAW bits that do not fit their count.
Result<Bytes> build_payload(const Reply& reply);

}  // namespace tocsin::osdp
