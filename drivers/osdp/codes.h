#pragma once
// The codes of OSDP v2.2 (IEC 60839-11-5). Commands and replies share one number space per direction: 76 is
// CHLNG towards the device and CCRYPT from it.

#include <cstdint>
#include <string_view>

namespace tocsin::osdp {

enum class CommandCode : std::uint8_t {
  poll = 0x60,
  id = 0x61,
  cap = 0x62,
  lstat = 0x64,
  istat = 0x65,
  ostat = 0x66,
  rstat = 0x67,
  out = 0x68,
  led = 0x69,
  buz = 0x6A,
  text = 0x6B,
  comset = 0x6E,
  bioread = 0x73,
  biomatch = 0x74,
  keyset = 0x75,
  chlng = 0x76,
  scrypt = 0x77,
  acurxsize = 0x7B,
  filetransfer = 0x7C,
  mfg = 0x80,
  xwr = 0xA1,
  abort = 0xA2,
  pivdata = 0xA3,
  genauth = 0xA4,
  crauth = 0xA5,
  keepactive = 0xA7,
};

enum class ReplyCode : std::uint8_t {
  ack = 0x40,
  nak = 0x41,
  pdid = 0x45,
  pdcap = 0x46,
  lstatr = 0x48,
  istatr = 0x49,
  ostatr = 0x4A,
  rstatr = 0x4B,
  raw = 0x50,
  fmt = 0x51,
  keypad = 0x53,
  com = 0x54,
  bioreadr = 0x57,
  biomatchr = 0x58,
  ccrypt = 0x76,
  rmac_i = 0x78,
  busy = 0x79,
  ftstat = 0x7A,
  pivdatar = 0x80,
  genauthr = 0x81,
  crauthr = 0x82,
  mfgrep = 0x90,
  xrd = 0xB1,
};

enum class NakCode : std::uint8_t {
  bad_check = 1,
  command_length = 2,
  unknown_command = 3,
  sequence = 4,
  security_block = 5,
  secure_channel_required = 6,
  biometric_type = 7,
  biometric_format = 8,
  unable_to_process = 9,
};

// Error::code of a payload with bytes left over; one that is too short has 0.
inline constexpr int payload_too_long = 1;

// "POLL", "PDID"; empty for a code the standard does not have.
std::string_view name_of(CommandCode code);
std::string_view name_of(ReplyCode code);
std::string_view name_of(NakCode code);

}  // namespace tocsin::osdp
