// What a person or a program is shown of OSDP, Wiegand and GB/T 26875.3, beyond what the vector files hold.

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "gateway/cli/decode/decode.h"

namespace tocsin::decode {
namespace {

Bytes hex(std::string_view text) {
  return bytes::from_hex(text).value();
}

Decoded shown(std::string_view protocol, std::string_view text, const DecodeOptions& options = {}) {
  return decode(protocol, hex(text), options);
}

std::string reason(const Decoded& decoded) {
  CHECK_FALSE(decoded.valid);
  CHECK(decoded.json.at("valid") == false);
  return std::string(decoded.json.at("reason").as_string());
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// source: Z-bit-Systems-LLC/OSDP-Embedded sc-monitor-current.osdpcap, line 26: ACURXSIZE 2048
constexpr std::string_view sealed = "53001e000e02177b75cbfe2a3951c61660541538e34a8fdd47f6e197b8df";
DecodeOptions session() {
  DecodeOptions options;
  options.s_enc = hex("4ec7f4ae57ee3b43fa53f66b1b761383");
  options.s_mac1 = hex("54bd40c7e6633a8b44f89c35d3cdd360");
  options.s_mac2 = hex("518d3075a5da4cc0e0857debc219bff0");
  options.prev_mac = hex("f70b4c768127656c4f962e2d31f67e73");
  return options;
}

}  // namespace

TEST_CASE("an OSDP frame is shown byte by byte, its mark too") {
  // source: PDID of a live reader, osdp-dev/libosdp issue 274
  const Decoded decoded = shown("osdp", "ff5381140004451868cb0000684496b7020100f40c");
  CHECK(decoded.valid);
  CHECK(contains(decoded.text, "0000  ff                       mark\n"));
  CHECK(contains(decoded.text, "0002  81                       reply from device 1\n"));
  CHECK(contains(decoded.text, "0006  45                       code PDID\n"));
  CHECK(contains(decoded.text, "fw: 2.1.0\n"));
  CHECK(decoded.json.at("length") == 20);
}

TEST_CASE("a sealed OSDP frame shows its fields only to who has the keys") {
  const Decoded closed = shown("osdp", sealed);
  CHECK(closed.valid);
  CHECK_FALSE(closed.json.contains("fields"));
  CHECK_FALSE(closed.json.contains("mac_ok"));

  const Decoded opened = shown("osdp", sealed, session());
  CHECK(opened.json.at("mac_ok") == true);
  CHECK(opened.json.at("plaintext_hex") == "0008");
  CHECK(opened.json.at("fields").at("size") == 2048);

  DecodeOptions incomplete = session();
  incomplete.prev_mac.reset();
  CHECK_FALSE(shown("osdp", sealed, incomplete).json.contains("mac_ok"));
}

TEST_CASE("a wrong MAC is rejected") {
  DecodeOptions other = session();
  other.prev_mac->at(0) ^= 1;
  const Decoded decoded = shown("osdp", sealed, other);
  CHECK(reason(decoded) == "bad_mac");
  CHECK(decoded.json.at("mac_ok") == false);
}

TEST_CASE("an OSDP frame with a payload that does not fit its code is still a frame") {
  // source: POLL frame of Z-bit-Systems-LLC/OSDP.Net, its code changed and the checksum adapted
  const Decoded too_short = shown("osdp", "53000700026143");
  CHECK(too_short.json.at("fields").at("short_payload") == true);
  const Decoded unknown = shown("osdp", "5300070002718f");
  CHECK(reason(unknown) == "bad_check");
  CHECK(shown("osdp", "53000700027133").json.at("fields").at("unknown_code") == true);
}

TEST_CASE("an OSDP payload alone needs its code and direction") {
  DecodeOptions options;
  CHECK(reason(shown("osdp-payload", "00", options)) == "code_missing");
  options.code = 0x76;
  CHECK(reason(shown("osdp-payload", "00", options)) == "direction_missing");
  options.direction = "acu_to_pd";
  CHECK(shown("osdp-payload", "0102030405060708", options).json.at("name") == "CHLNG");
  options.direction = "pd_to_acu";
  CHECK(reason(shown("osdp-payload", "0102030405060708", options)) == "short_payload");
  options.code = 0x54;
  CHECK(reason(shown("osdp-payload", "018025000000", options)) == "long_payload");
  options.code = 0x10;
  CHECK(reason(shown("osdp-payload", "", options)) == "unknown_code");
}

TEST_CASE("a Wiegand capture shows each format that fits") {
  DecodeOptions options;
  CHECK(reason(shown("wiegand", "01d2ed05")) == "bits_missing");
  options.bits = 26;
  const Decoded card = shown("wiegand", "03fc66d9", options);  // source: vector dev-112
  CHECK(card.json.at("format") == "H10301");
  CHECK(card.json.at("card_number_24") == 16659308);
  CHECK(contains(card.text, "or 26-bit raw: card 16659308\n"));
  options.bits = 36;
  CHECK(reason(shown("wiegand", "0000000000", options)) == "unknown_format");
  options.bits = 65;
  CHECK(reason(shown("wiegand", "000000000000000000", options)) == "bit_count");
  options.bits = 8;
  CHECK(shown("wiegand", "e1", options).json.at("key") == "1");
  CHECK(reason(shown("wiegand", "11", options)) == "keypad");
}

TEST_CASE("GB/T 26875.3: noise, two packets, and every field with its bytes") {
  // source: vectors dev-119 (confirm) and dev-118 (operation record)
  const Decoded decoded =
      shown("gb26875.3",
            "00ff404001000101233a091a090c385b01000000790300000000000003ab2323"
            "404001000101203a091a090c790300000000385b010000000a000218012001023a091a090c5f2323");
  CHECK(decoded.valid);
  REQUIRE(decoded.json.at("frames").as_array().size() == 2);
  CHECK(decoded.json.at("frames").as_array()[0].at("frame_offset") == 2);
  CHECK(contains(decoded.text, "operation: duty check answered\n"));
  CHECK(contains(decoded.text, "time 2012-09-26T09:58:02\n"));
}

TEST_CASE("a time in BCD is shown as such, its value by the standard is none") {
  const Decoded decoded = shown("gb26875.3-appdata", "1c01325809260912");
  const auto& time = decoded.json.at("objects").as_array()[0].at("time");
  CHECK(time.at("value").is_null());
  CHECK(time.at("value_as_bcd") == "2012-09-26T09:58:32");
}

TEST_CASE("a vendor's unit alone is rejected, inside a packet it is kept raw") {
  CHECK(reason(shown("gb26875.3-appdata", "960100")) == "not_standard_layout");
  CHECK(reason(shown("gb26875.3-appdata", "0401")) == "truncated_or_wrong_size");
}

}  // namespace tocsin::decode
