#include "drivers/osdp/frame.h"

#include "drivers/osdp/sequence.h"
#include "tests/support/frame_laws.h"

namespace tocsin::osdp {
namespace {

using bytes::Found;
using laws::hex;

// source: SIA OSDP v2.1.7 annex E, as in goToMain/libosdp test-sc-sia-vectors.c
const Bytes comset_to_all = hex("537f0c00006e00802500000f");
// source: Z-bit-Systems-LLC/OSDP-Embedded acuconsole-poll-id-cap.osdpcap
const Bytes pdid = hex("5380140007455a4243010001000000000100f076");
// source: Z-bit-Systems-LLC/OSDP-Embedded test_capture_replay.c
const Bytes challenge = hex("530013000d03110076cdcd921212d3ee6a8c8b");
// source: Z-bit-Systems-LLC/OSDP-Embedded acuconsole-out-empty-reply-failure.osdpcap
const Bytes poll_with_mac = hex("53000e000d02156004ea1481d0ea");
const Bytes* const golden[] = {&comset_to_all, &pdid, &challenge, &poll_with_mac};

bool accepts(ByteView data) {
  return parse_frame(data).has_value();
}

}  // namespace

TEST_CASE("a frame with checksum, to every device") {
  const Frame frame = parse_frame(comset_to_all).value();
  CHECK(frame.address == broadcast_address);
  CHECK_FALSE(frame.reply);
  CHECK_FALSE(frame.crc);
  CHECK(frame.sequence == 0);
  CHECK(frame.code == 0x6E);
  CHECK(frame.payload == hex("0080250000"));
}

TEST_CASE("a reply with CRC") {
  const Frame frame = parse_frame(pdid).value();
  CHECK(frame.address == 0);
  CHECK(frame.reply);
  CHECK(frame.crc);
  CHECK(frame.sequence == 3);
  CHECK_FALSE(frame.security.has_value());
  CHECK_FALSE(frame.mac.has_value());
}

TEST_CASE("security blocks with and without MAC") {
  const Frame plain = parse_frame(challenge).value();
  CHECK(plain.security == SecurityBlock{SecurityType::scs_11, {0}});
  CHECK(plain.payload == hex("cdcd921212d3ee6a"));
  CHECK_FALSE(plain.mac.has_value());

  const Frame with_mac = parse_frame(poll_with_mac).value();
  CHECK(with_mac.security == SecurityBlock{SecurityType::scs_15, {}});
  CHECK(with_mac.payload.empty());
  CHECK(with_mac.mac == Mac{0x04, 0xea, 0x14, 0x81});
  CHECK(bytes::to_hex(part_under_mac(poll_with_mac)) == "53000e000d021560");
}

TEST_CASE("building a parsed frame gives the captured bytes back") {
  for (const Bytes* frame : golden) CHECK(build_frame(parse_frame(*frame).value()).value() == *frame);
}

TEST_CASE("frames hold the laws of every serial protocol") {
  for (const Bytes* frame : golden) {
    laws::check_byte_by_byte(*frame, find_frame);
    laws::check_every_bit_flip_is_refused(*frame, accepts);
    laws::check_every_truncation_is_refused(*frame, accepts);
    for (const char* noise : {"ff", "00ff00ffff", "0a0d7f80"})
      laws::check_behind_noise(hex(noise), *frame, find_frame);
  }
}

TEST_CASE("why bytes are skipped is told") {
  CHECK(find_frame(hex("ff53")) == Found::skip(1, Found::Reason::noise));
  CHECK(find_frame(hex("53000600006047")) ==
        Found::skip(1, Found::Reason::length_or_end));  // below the least
  CHECK(find_frame(hex("5300a105006047")) ==
        Found::skip(1, Found::Reason::length_or_end));  // 1441, above the most
  CHECK(find_frame(hex("53000700006047")) == Found::skip(1, Found::Reason::checksum));
  CHECK(find_frame({}).state == Found::State::need_more);
}

TEST_CASE("the receiver never asks for more than a frame can have") {
  CHECK(find_frame(hex("5300a005")).size <= max_frame_size);
  CHECK(find_frame(hex("5300a00500")) == Found::need_more(max_frame_size));
}

TEST_CASE("layouts that cannot be are refused though their check bytes are good") {
  const auto with_checksum = [](std::string_view text) {
    Bytes data = hex(text);
    unsigned sum = 0;
    for (const std::uint8_t byte : data) sum += byte;
    data.push_back(static_cast<std::uint8_t>(0x100 - (sum & 0xFF)));
    return data;
  };
  CHECK(accepts(with_checksum("530007000060")));
  CHECK_FALSE(accepts(with_checksum("530007001060")));      // reserved control bit
  CHECK_FALSE(accepts(with_checksum("53000800080160")));    // security block of 1 byte
  CHECK_FALSE(accepts(with_checksum("53000900080315")));    // wrong LEN
  CHECK_FALSE(accepts(with_checksum("5300090008091560")));  // security block beyond the end
  CHECK_FALSE(accepts(with_checksum("53000700006000")));    // longer than LEN
  CHECK_FALSE(accepts(with_checksum("5300090008021560")));  // no room for the MAC
}

TEST_CASE("frames that cannot travel are not built") {
  Frame frame;
  frame.code = 0x60;
  CHECK(build_frame(frame).has_value());
  frame.address = 128;
  CHECK_FALSE(build_frame(frame).has_value());
  frame.address = 0;
  frame.sequence = 4;
  CHECK_FALSE(build_frame(frame).has_value());
  frame.sequence = 1;
  frame.mac = Mac{};
  CHECK_FALSE(build_frame(frame).has_value());  // a MAC without security block
  frame.mac.reset();
  frame.payload.resize(max_frame_size);
  CHECK_FALSE(build_frame(frame).has_value());
}

TEST_CASE("sequence numbers go 0 1 2 3 1, and a device tells a repeat from a new command") {
  CHECK(next_sequence(0) == 1);
  CHECK(next_sequence(1) == 2);
  CHECK(next_sequence(3) == 1);
  CHECK(classify(std::nullopt, 0) == Arrival::restart);
  CHECK(classify(std::nullopt, 1) == Arrival::out_of_order);
  CHECK(classify(0, 1) == Arrival::fresh);
  CHECK(classify(3, 1) == Arrival::fresh);
  CHECK(classify(2, 2) == Arrival::repeat);
  CHECK(classify(1, 3) == Arrival::out_of_order);
  CHECK(classify(2, 0) == Arrival::restart);
}

}  // namespace tocsin::osdp
