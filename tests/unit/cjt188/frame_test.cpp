#include "drivers/cjt188/frame.h"

#include "core/bytes/bcd.h"
#include "tests/support/frame_laws.h"

namespace tocsin::cjt188 {
namespace {

using bytes::Found;
using laws::hex;

// source: public sample of a water meter (vector dev-009)
const Bytes water = hex("6810920100100000008116901f01002222002c000000002c000000000000000000fe16");
// source: aixiwang/python_cjt188 (vector dev-027)
const Bytes request = hex("6810120000000000000103901f003d16");

bool accepts(ByteView whole) {
  return parse_frame(whole).has_value();
}

}  // namespace

TEST_CASE("a captured answer is taken apart") {
  const auto frame = parse_frame(water);
  REQUIRE(frame.has_value());
  CHECK(frame->type == 0x10);
  CHECK(frame->family() == Family::water);
  CHECK(bytes::digits_le(frame->address) == "00000010000192");
  CHECK(frame->from_meter());
  CHECK_FALSE(frame->abnormal());
  CHECK(frame->function() == 0x01);
  CHECK(frame->data.size() == 22);
  CHECK(identifier(*frame) == Identifier{0x901F, Order::high_first});
  CHECK(serial(*frame) == 0x01);
}

TEST_CASE("building a parsed frame gives the captured bytes back") {
  for (const Bytes& captured : {water, request}) {
    CHECK(build_frame(parse_frame(captured).value()).value() == captured);
  }
}

TEST_CASE("frames hold the laws of every serial protocol") {
  for (const Bytes& frame : {water, request}) {
    laws::check_byte_by_byte(frame, find_frame);
    laws::check_every_bit_flip_is_refused(frame, accepts);
    laws::check_every_truncation_is_refused(frame, accepts);
    for (const char* noise : {"fefefefefefefefefefefefefe", "00000000fefefe", "1602"}) {
      laws::check_behind_noise(hex(noise), frame, find_frame);
    }
  }
}

TEST_CASE("why bytes are skipped is told") {
  // source: outlookhazy/SyntropicOS tests/unit/test_cjt188.c (vector dev-007)
  CHECK(find_frame(hex("68104433221100337801031f90008116")) == Found::skip(1, Found::Reason::checksum));
  CHECK(find_frame(hex("68104433221100337801031f90008115")) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_frame(hex("aa68")) == Found::skip(1, Found::Reason::noise));
}

TEST_CASE("the longest frame is one byte of length") {
  Frame frame;
  frame.data.resize(max_data);
  const auto longest = build_frame(frame);
  REQUIRE(longest.has_value());
  CHECK(longest->size() == max_frame);
  CHECK(parse_frame(*longest).value() == frame);
  frame.data.push_back(0);
  CHECK(build_frame(frame).error().fault == Fault::bad_input);
}

TEST_CASE("both byte orders of an identifier are understood and kept") {
  for (const std::uint16_t value : {0x901F, 0x911F, 0x810A, 0xA017, 0xA018, 0xD120, 0xD301}) {
    for (const Order order : {Order::high_first, Order::low_first}) {
      Bytes wire;
      write_identifier(wire, {value, order});
      CHECK(read_identifier(wire[0], wire[1]) == Identifier{value, order});
    }
  }
  CHECK(read_identifier(0x90, 0x81) == Identifier{0x9081, Order::high_first});  // both name a class
  CHECK(read_identifier(0x12, 0x34) == Identifier{0x1234, Order::high_first});
}

TEST_CASE("families come from the high half of the type") {
  Frame frame;
  for (const auto& [type, family] : {std::pair{0x13, Family::water},
                                     {0x25, Family::heat},
                                     {0x30, Family::gas},
                                     {0x40, Family::electricity}}) {
    frame.type = static_cast<std::uint8_t>(type);
    CHECK(frame.family() == family);
  }
  for (const std::uint8_t type : {0xAA, 0x00, 0x50}) {
    frame.type = type;
    CHECK_FALSE(frame.family());
  }
}

TEST_CASE("an abnormal answer has a serial number and no identifier") {
  Frame frame;
  frame.control = 0xC1;
  frame.data = {0x07, 0x04, 0x00};
  CHECK_FALSE(identifier(frame));
  CHECK(serial(frame) == 0x07);
  frame.data.pop_back();
  CHECK_FALSE(serial(frame));
}

}  // namespace tocsin::cjt188
