#include "drivers/mbus/frame.h"

#include "tests/support/frame_laws.h"

namespace tocsin::mbus {
namespace {

using bytes::Found;
using laws::hex;

// source: rscada/libmbus test/test-frames/oms_frame1 (vector dev-150)
const Bytes gas_answer = hex("6820206808fd7278563412931533032a0000000c1427048502046d32371f1502fd1700008916");
// source: EN 13757-2 clause 5.5.2, REQ_UD2 to address 1
const Bytes request = hex("105b015c16");

bool accepts(ByteView whole) {
  return parse_frame(whole).has_value();
}

}  // namespace

TEST_CASE("a captured answer is taken apart") {
  const auto frame = parse_frame(gas_answer);
  REQUIRE(frame.has_value());
  CHECK(frame->kind == FrameKind::long_frame);
  CHECK(frame->control == 0x08);
  CHECK(frame->address == 0xFD);
  CHECK(frame->information == 0x72);
  CHECK(frame->data.size() == 0x20 - 3);
}

TEST_CASE("the four kinds of frames are built as they are parsed") {
  const Bytes reset = hex("1040014116"), control = hex("680303685301b10516"), ack = hex("e5");
  CHECK(parse_frame(reset).value().kind == FrameKind::short_frame);
  CHECK(parse_frame(control).value().kind == FrameKind::control);
  CHECK(parse_frame(ack).value().kind == FrameKind::ack);
  for (const Bytes& captured : {gas_answer, request, reset, control, ack}) {
    CHECK(build_frame(parse_frame(captured).value()).value() == captured);
  }
}

TEST_CASE("frames hold the laws of every serial protocol") {
  for (const Bytes& frame : {gas_answer, request}) {
    laws::check_byte_by_byte(frame, find_frame);
    laws::check_every_bit_flip_is_refused(frame, accepts);
    laws::check_every_truncation_is_refused(frame, accepts);
    for (const char* noise : {"ffff00", "68ff68", "6802026801", "1616"}) {
      laws::check_behind_noise(hex(noise), frame, find_frame);
    }
  }
}

TEST_CASE("why bytes are skipped is told") {
  CHECK(find_frame(hex("105b015d16")) == Found::skip(1, Found::Reason::checksum));
  CHECK(find_frame(hex("105b015c17")) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_frame(hex("68202168")) == Found::skip(1, Found::Reason::length_or_end));  // the lengths differ
  CHECK(find_frame(hex("68020268")) == Found::skip(1, Found::Reason::length_or_end));  // shorter than C A CI
  CHECK(find_frame(hex("00e5")) == Found::skip(1, Found::Reason::noise));
  CHECK(find_frame(hex("e5e5")) == Found::frame(1));
}

TEST_CASE("the longest frame is one byte of length") {
  Frame frame{FrameKind::long_frame, 0x08, 0x01, 0x72, Bytes(max_data)};
  const auto longest = build_frame(frame);
  REQUIRE(longest.has_value());
  CHECK(longest->size() == max_frame);
  CHECK(parse_frame(*longest).value() == frame);
  frame.data.push_back(0);
  CHECK(build_frame(frame).error().fault == Fault::bad_input);
}

}  // namespace tocsin::mbus
