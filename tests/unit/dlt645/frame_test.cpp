#include "drivers/dlt645/frame.h"

#include "tests/support/frame_laws.h"

namespace tocsin::dlt645 {
namespace {

using bytes::Found;
using laws::hex;

// source: public log of a meter with phases (vector dev-102, without its preamble)
const Bytes current_block = hex("6894410326121868910d33323535bb3433333333333333b916");
// source: johngai19/dlt645Driver test/dltdriver_test.js (vector dev-061, without its preamble)
const Bytes voltage_request = hex("68431000113400681104333434354d16");

bool accepts(ByteView whole) {
  return parse_frame(whole).has_value();
}

}  // namespace

TEST_CASE("a captured answer is taken apart") {
  const auto frame = parse_frame(current_block);
  REQUIRE(frame.has_value());
  CHECK(bytes::to_hex(frame->address) == "944103261218");
  CHECK(frame->control == 0x91);
  CHECK(frame->from_meter());
  CHECK_FALSE(frame->abnormal());
  CHECK_FALSE(frame->more_frames());
  CHECK(frame->function() == 0x11);
  CHECK(bytes::to_hex(frame->data) == "00ff0202880100000000000000");
  CHECK(identifier(*frame, Edition::v2007) == 0x0202FF00u);
  CHECK(bytes::to_hex(answer_data(*frame, Edition::v2007)) == "880100000000000000");
}

TEST_CASE("building a parsed frame gives the captured bytes back") {
  for (const Bytes& captured : {current_block, voltage_request}) {
    CHECK(build_frame(parse_frame(captured).value()).value() == captured);
  }
}

TEST_CASE("frames hold the laws of every serial protocol") {
  for (const Bytes& frame : {current_block, voltage_request}) {
    laws::check_byte_by_byte(frame, find_frame);
    laws::check_every_bit_flip_is_refused(frame, accepts);
    laws::check_every_truncation_is_refused(frame, accepts);
    // FE preamble; a prefix of a DTU; starts and ends inside the noise.
    for (const char* noise : {"fefefefe", "d8b04cbdd147fefefefe", "68 68", "68aaaaaaaaaaaa16", "16fe"}) {
      laws::check_behind_noise(hex(noise), frame, find_frame);
    }
  }
}

TEST_CASE("why bytes are skipped is told") {
  // source: vector dev-052, a checksum that was never right
  CHECK(find_frame(hex("6811111111111168110433333333ff16")) == Found::skip(1, Found::Reason::checksum));
  // source: vector dev-075, the length byte is too small
  CHECK(find_frame(hex("6832000000000068910a333235353333333232323232323416")) ==
        Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_frame(hex("fefe68")) == Found::skip(2, Found::Reason::noise));
  CHECK(find_frame(hex("680000000000006991")) == Found::skip(1, Found::Reason::noise));
  CHECK(find_frame({}) == Found::need_more(overhead));
}

TEST_CASE("a length above 200 is never waited for and never built") {
  Bytes start = hex("6894410326121868 91 c9");
  CHECK(find_frame(start) == Found::skip(1, Found::Reason::length_or_end));
  start.back() = 0xC8;
  CHECK(find_frame(start) == Found::need_more(max_frame));
  Frame frame;
  frame.data.resize(max_data);
  const auto longest = build_frame(frame);
  REQUIRE(longest.has_value());
  CHECK(longest->size() == max_frame);
  CHECK(parse_frame(*longest).value() == frame);
  frame.data.push_back(0);
  CHECK(build_frame(frame).error().fault == Fault::bad_input);
}

TEST_CASE("the offset of 33H wraps and covers the data only") {
  Frame frame;
  frame.address.fill(0xFF);
  frame.control = 0xD1;
  frame.data = {0xFE, 0xCC, 0xCD};
  const auto wire = build_frame(frame);
  REQUIRE(wire.has_value());
  CHECK(bytes::to_hex(ByteView(*wire).subspan(10, 3)) == "31ff00");
  CHECK(parse_frame(*wire).value() == frame);
}

TEST_CASE("identifiers are read where the function has one") {
  Frame frame;
  frame.data = {0x10, 0x90, 0x01, 0x02};
  frame.control = 0x81;
  CHECK(identifier(frame, Edition::v1997) == 0x9010u);
  CHECK(bytes::to_hex(answer_data(frame, Edition::v1997)) == "0102");
  CHECK_FALSE(identifier(frame, Edition::v2007));
  frame.control = 0x91;
  CHECK(identifier(frame, Edition::v2007) == 0x02019010u);
  frame.control = 0xD1;  // abnormal: the data is the error byte
  CHECK_FALSE(identifier(frame, Edition::v2007));
  frame.control = 0x93;
  CHECK_FALSE(identifier(frame, Edition::v2007));
  frame.control = 0x91;
  frame.data.pop_back();
  CHECK_FALSE(identifier(frame, Edition::v2007));
}

TEST_CASE("a request carries its identifier lowest byte first") {
  Frame request = parse_frame(voltage_request).value();
  request.data = write_identifier(0x02010100, Edition::v2007);
  CHECK(build_frame(request).value() == voltage_request);
  CHECK(bytes::to_hex(write_identifier(0x9010, Edition::v1997)) == "1090");
}

TEST_CASE("the sequence number of a following answer is no value") {
  Frame frame;
  frame.control = 0x92;
  frame.data = {0x00, 0x00, 0x01, 0x00, 0x11, 0x22, 0x01};
  CHECK(bytes::to_hex(answer_data(frame, Edition::v2007)) == "1122");
}

}  // namespace tocsin::dlt645
