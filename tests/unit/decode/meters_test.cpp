// What a person or a program is shown of meters' and Modbus frames, beyond what the vector files hold.

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "gateway/cli/decode/decode.h"

namespace tocsin::decode {
namespace {

Decoded shown(std::string_view protocol, std::string_view hex) {
  return decode(protocol, bytes::from_hex(hex).value(), {});
}

std::string json_of(std::string_view protocol, std::string_view hex) {
  return boost::json::serialize(shown(protocol, hex).json);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("noise between frames is shown and the frames are listed") {
  // source: vector dev-042, the same answer twice
  const Decoded decoded =
      shown("dlt645-2007",
            "fefefe681855600600006893064b88933933334116fdbbddfefefe681855600600006893064b889339333"
            "34116");
  CHECK(decoded.valid);
  REQUIRE(decoded.json.at("frames").as_array().size() == 2);
  CHECK(decoded.json.at("frames").as_array()[1].at("frame_offset") == 27);
  CHECK(contains(decoded.text, "0000  fe fe fe                 no frame: preamble or noise\n"));
  CHECK(contains(decoded.text, "0015  fd bb dd fe fe fe        no frame: preamble or noise\n"));
}

TEST_CASE("a frame inside another frame is found") {
  // source: vector dev-076, a concentrator's frame around a meter's answer
  const Decoded decoded =
      shown("dlt645-2007",
            "68ae00ae0068a8000234120410e0000001001f14006861100130121568910833333433ab3933334916"
            "4f00000650232105ae16");
  CHECK(decoded.valid);
  CHECK(decoded.json.at("frame_offset") == 21);
}

TEST_CASE("the error byte of a refusal is a bit field") {
  // source: vector dev-103, an odd byte; vector dev-065
  CHECK(contains(json_of("dlt645-2007", "fefefefe6843100011340068d101316b16"), R"("error_byte":"0xFE")"));
  const Decoded refused = shown("dlt645-2007", "fefefefe6860079204009168d101376716");
  CHECK(contains(boost::json::serialize(refused.json), R"("errors":["wrong password or no right"])"));
  CHECK(contains(refused.text, "answer: read data, refused"));
}

TEST_CASE("a value of nines is marked as not available") {
  const auto json =
      json_of("cjt188", "6810920100100000008116901f01002222002c999999992c000000000000000000 6216");
  CHECK(contains(
      json, R"("settlement_total":{"unit":"m3","value":"999999.99","quality":"good","available":false})"));
}

TEST_CASE("M-Bus input is whole frames and nothing else") {
  CHECK(json_of("mbus", "e5") == R"({"valid":true,"frame":"ack"})");
  CHECK(json_of("mbus", "105b015c16") == R"({"valid":true,"frame":"short","c":91,"a":1})");
  CHECK(json_of("mbus", "680303685301b10516") ==
        R"({"valid":true,"frame":"control","c":83,"a":1,"ci":"0xB1"})");
  CHECK(shown("mbus", "e5105b015c16").json.at("frames").as_array().size() == 2);
  CHECK_FALSE(shown("mbus", "105b015c1600").valid);
  CHECK_FALSE(shown("mbus", "00105b015c16").valid);
  CHECK_FALSE(shown("mbus", "105b015c").valid);
  CHECK_FALSE(shown("mbus", "").valid);
}

TEST_CASE("texts of M-Bus meters become UTF-8") {
  // A record of 21 with the unit "°C" as text.
  CHECK(contains(json_of("mbus", "68090968080178017c0243b0150816"), "\"unit_text\":\"\xC2\xB0\x43\""));
}

TEST_CASE("a Modbus refusal and an unknown function") {
  CHECK(json_of("modbus-rtu", "018302c0f1") ==
        R"({"valid":true,"frame_offset":0,"slave":1,"function":3,"exception":2})");
  CHECK(contains(shown("modbus-rtu", "018302c0f1").text, "refused: illegal data address"));
  CHECK(contains(json_of("modbus-rtu", "0111c02c"), R"("function":17,"data":"")"));
}

TEST_CASE("a guess is marked as one and made only when plausible") {
  // source: vector dev-167
  CHECK(contains(json_of("modbus-rtu", "0104044365e6663455"), R"("values_are_guessed":true)"));
  // The same shape with zeros.
  CHECK_FALSE(contains(json_of("modbus-rtu", "01040400000000fb84"), "values"));
}

TEST_CASE("glitches around a Modbus frame are not part of it") {
  const Decoded decoded = shown("modbus-rtu", "00010300000002c40b00");
  CHECK(decoded.valid);
  CHECK(decoded.json.at("frame_offset") == 1);
}

TEST_CASE("an unknown protocol is rejected") {
  CHECK(json_of("morse", "00") == R"({"valid":false,"reason":"unknown_protocol"})");
}

}  // namespace tocsin::decode
