#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/osdp/commands.h"
#include "drivers/osdp/replies.h"

namespace tocsin::osdp {
namespace {

struct Sample {
  std::uint8_t code;
  std::string_view payload;
};

// source: payloads named "captured" are in the public vectors; the others are composed after IEC 60839-11-5,
// each field with a value of its own so that an exchanged pair is seen.
constexpr Sample commands[] = {
    {0x60, ""},
    {0x61, "00"},  // captured
    {0x62, "00"},  // captured
    {0x64, ""},
    {0x65, ""},
    {0x66, ""},
    {0x67, ""},
    {0x68, "0003640001067800"},  // captured, OSDP.Net
    {0x69, "0001020304010205000106070304"},
    {0x69, "00010203040102050001060703040102020304010205000106070304"},
    {0x6A, "0002050201"},  // captured, OSDP.Net
    {0x6B, "000105020304746f6f74"},
    {0x6E, "0080250000"},  // captured, annex E
    {0x73, "01020304"},
    {0x74, "010203040300aabbcc"},
    {0x75, "011000010203040506070001020304050607"},  // captured
    {0x76, "cdcd921212d3ee6a"},                      // captured
    {0x77, "a230f5d33b25f43434929ab208de90a7"},      // captured
    {0x7B, "0008"},                                  // captured
    {0x7C, "03e80300000a00000005000102030405"},      // captured
    {0x80, "0102030a0b0c"},                          // captured
    {0xA1, "0102aabb"},
    {0xA2, ""},
    {0xA3, "5fc102000000"},  // captured
    {0xA4, "200004000300aabbcc"},
    {0xA5, "200004000300aabbcc"},
    {0xA7, "e803"},
};
constexpr Sample replies[] = {
    {0x40, ""},
    {0x41, "05"},  // captured
    {0x41, "09aabb"},
    {0x45, "000ee3101000007497230606"},                    // captured
    {0x46, "010101020101030101040101050101060101090104"},  // captured
    {0x48, "0001"},                                        // captured
    {0x49, "00010001"},
    {0x4A, "0100"},
    {0x4B, "01"},  // captured
    {0x50, "00011a0074bb4140"},
    {0x51, "00010431323334"},
    {0x53, "00057f0d313233"},  // captured, OSDP.Net
    {0x54, "0180250000"},
    {0x57, "010203040300aabbcc"},
    {0x58, "0102ff"},
    {0x76, "00000015cd5b0700d66d5a91e600806a53fa00e5e6e152abd57a7e10000b4a5f"},  // captured
    {0x78, "d8f543e207ac5d2e30be9fac3aa04bea"},                                  // captured
    {0x79, ""},
    {0x7A, "016400ffff0004"},
    {0x80, "200004000300aabbcc"},
    {0x81, "200004000300aabbcc"},
    {0x82, "200004000300aabbcc"},
    {0x90, "02000a01000000"},  // captured
    {0xB1, "0102aabb"},
};

// Codes whose payload has no fixed end, so that a cut one may still be whole.
bool open_ended(bool reply, std::uint8_t code) {
  if (reply)
    return code == 0x41 || code == 0x46 || code == 0x49 || code == 0x4A || code == 0x4B || code == 0x90 ||
           code == 0xB1;
  return code == 0x68 || code == 0x69 || code == 0x80 || code == 0xA1;
}

}  // namespace

TEST_CASE("every command is parsed and built back") {
  for (const Sample& sample : commands) {
    CAPTURE(int{sample.code});
    const Bytes payload = bytes::from_hex(sample.payload).value();
    const Command command = parse_command(sample.code, payload).value();
    CHECK(static_cast<std::uint8_t>(code_of(command)) == sample.code);
    CHECK(build_payload(command).value() == payload);
    CHECK_FALSE(name_of(code_of(command)).empty());
  }
}

TEST_CASE("every reply is parsed and built back") {
  for (const Sample& sample : replies) {
    CAPTURE(int{sample.code});
    const Bytes payload = bytes::from_hex(sample.payload).value();
    const Reply reply = parse_reply(sample.code, payload).value();
    CHECK(static_cast<std::uint8_t>(code_of(reply)) == sample.code);
    CHECK(build_payload(reply).value() == payload);
    CHECK_FALSE(name_of(code_of(reply)).empty());
  }
}

TEST_CASE("payloads that are cut or have bytes left over are refused") {
  for (const bool reply : {false, true}) {
    for (const Sample& sample :
         reply ? std::span<const Sample>(replies) : std::span<const Sample>(commands)) {
      if (open_ended(reply, sample.code)) continue;
      CAPTURE(int{sample.code});
      Bytes payload = bytes::from_hex(sample.payload).value();
      const auto accepted = [&](ByteView data) {
        return reply ? parse_reply(sample.code, data).has_value()
                     : parse_command(sample.code, data).has_value();
      };
      for (std::size_t size = 0; size < payload.size(); ++size)
        CHECK_FALSE(accepted(ByteView(payload).first(size)));
      payload.push_back(0);
      CHECK_FALSE(accepted(payload));
    }
  }
}

TEST_CASE("lists end with a whole record") {
  CHECK_FALSE(parse_command(0x68, {}).has_value());
  CHECK_FALSE(parse_command(0x68, Bytes(7)).has_value());
  CHECK_FALSE(parse_command(0x69, Bytes(13)).has_value());
  CHECK_FALSE(parse_reply(0x46, Bytes(4)).has_value());
  CHECK(std::get<Pdcap>(parse_reply(0x46, {}).value()).capabilities.empty());
}

TEST_CASE("codes the standard does not have are unsupported") {
  CHECK(parse_command(0x40, {}).error().fault == Fault::unsupported);
  CHECK(parse_reply(0x60, {}).error().fault == Fault::unsupported);
}

TEST_CASE("fields of a light command") {
  const auto led =
      std::get<Led>(parse_command(0x69, bytes::from_hex("0001020304010205000106070304").value()).value());
  REQUIRE(led.leds.size() == 1);
  const LedControl& one = led.leds[0];
  CHECK(one.led == 1);
  CHECK(one.temporary_control == 2);
  CHECK(one.temporary_on_100ms == 3);
  CHECK(one.temporary_off_100ms == 4);
  CHECK(one.temporary_on_colour == Colour::red);
  CHECK(one.temporary_off_colour == Colour::green);
  CHECK(one.temporary_timer_100ms == 5);
  CHECK(one.permanent_control == 1);
  CHECK(one.permanent_on_100ms == 6);
  CHECK(one.permanent_off_100ms == 7);
  CHECK(one.permanent_on_colour == Colour::amber);
  CHECK(one.permanent_off_colour == Colour::blue);
}

TEST_CASE("fields of replies") {
  // source: PDID of a live reader, osdp-dev/libosdp issue 274
  const auto id =
      std::get<Pdid>(parse_reply(0x45, bytes::from_hex("1868cb0000684496b7020100").value()).value());
  CHECK(bytes::to_hex(id.vendor_oui) == "1868cb");
  CHECK(bytes::to_hex(id.serial) == "684496b7");
  CHECK(id.firmware_major == 2);
  CHECK(id.firmware_minor == 1);
  CHECK(id.firmware_build == 0);

  const auto file = std::get<Ftstat>(parse_reply(0x7A, bytes::from_hex("016400ffff0004").value()).value());
  CHECK(file.delay_ms == 100);
  CHECK(file.status == -1);
  CHECK(file.max_message == 1024);

  const auto raw = std::get<Raw>(parse_reply(0x50, bytes::from_hex("00011a0074bb4140").value()).value());
  CHECK(raw.bit_count == 26);
  CHECK(raw.data.size() == 4);
}

TEST_CASE("what a count cannot say is not built") {
  CHECK_FALSE(build_payload(Command{Out{}}).has_value());
  CHECK_FALSE(build_payload(Command{Led{}}).has_value());
  Text text;
  text.text.assign(256, 'x');
  CHECK_FALSE(build_payload(Command{text}).has_value());
  CHECK_FALSE(build_payload(Command{Keyset{1, Bytes(256)}}).has_value());
  CHECK_FALSE(build_payload(Command{Filetransfer{1, 70000, 0, Bytes(65537)}}).has_value());
  CHECK_FALSE(build_payload(Reply{Raw{0, 1, 26, Bytes(3)}}).has_value());
  CHECK_FALSE(build_payload(Reply{Keypad{0, Bytes(256)}}).has_value());
}

TEST_CASE("refusals have names") {
  for (int code = 1; code <= 9; ++code) CHECK_FALSE(name_of(static_cast<NakCode>(code)).empty());
  CHECK(name_of(static_cast<NakCode>(10)).empty());
}

}  // namespace tocsin::osdp
