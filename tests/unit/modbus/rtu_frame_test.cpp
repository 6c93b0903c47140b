#include "drivers/modbus/rtu_frame.h"

#include "tests/support/frame_laws.h"

namespace tocsin::modbus {
namespace {

using bytes::Found;
using laws::hex;

struct Captured {
  const char* frame;
  Direction direction;
};
const Captured captured[] = {
    {"0103001e0001e40c", Direction::request},     // source: sqzhaozhao/Test gas_sensor.c (vector dev-160)
    {"ff02000000086c12", Direction::request},     // source: manual of a DI module (vector dev-162)
    {"ff02010151a0", Direction::response},        // source: the same (vector dev-161)
    {"fe03001f0001a1c3", Direction::request},     // source: esphome senseair (vector dev-165)
    {"0104044365e6663455", Direction::response},  // source: public SDM example (vector dev-167)
    {"0103040292ff9b5a3d", Direction::response},  // source: public transmitter manual (vector dev-168)
};

Pdu request(std::uint8_t function, std::uint16_t address, std::uint16_t count, Bytes data = {}) {
  Pdu pdu;
  pdu.function = function;
  pdu.address = address;
  pdu.count = count;
  pdu.data = std::move(data);
  return pdu;
}

Pdu response(std::uint8_t function, Bytes data) {
  Pdu pdu = request(function, 0, 0, std::move(data));
  pdu.direction = Direction::response;
  return pdu;
}

bool is_framing_error(std::string_view pdu, Direction direction) {
  const auto parsed = parse_pdu(hex(pdu), direction);
  return !parsed && parsed.error().fault == Fault::framing;
}

}  // namespace

TEST_CASE("captured frames are taken apart and built again") {
  for (const Captured& each : captured) {
    CAPTURE(each.frame);
    const auto frame = parse_rtu_frame(hex(each.frame), each.direction);
    REQUIRE(frame.has_value());
    CHECK(bytes::to_hex(build_rtu_frame(*frame).value()) == each.frame);
  }
  const RtuFrame read = parse_rtu_frame(hex(captured[0].frame), Direction::request).value();
  CHECK(read.unit == 1);
  CHECK(read.pdu == request(0x03, 30, 1));
  const RtuFrame answer = parse_rtu_frame(hex(captured[4].frame), Direction::response).value();
  CHECK(answer.pdu == response(0x04, hex("4365e666")));
}

TEST_CASE("frames hold the laws of every serial protocol") {
  for (const Captured& each : captured) {
    CAPTURE(each.frame);
    const Direction direction = each.direction;
    const auto find = [direction](ByteView input) { return find_rtu_frame(input, direction); };
    const auto accepts = [direction](ByteView whole) {
      return parse_rtu_frame(whole, direction).has_value();
    };
    laws::check_byte_by_byte(hex(each.frame), find);
    laws::check_every_bit_flip_is_refused(hex(each.frame), accepts);
    laws::check_every_truncation_is_refused(hex(each.frame), accepts);
    laws::check_behind_noise(hex("0000"), hex(each.frame), find);  // glitches of an undriven pair
  }
}

TEST_CASE("every shape of the table is parsed as it is built") {
  Pdu coil = request(0x05, 7, 0), refusal = response(0x03, {});
  coil.value = 0xFF00;
  Pdu coil_answer = coil, written = request(0x10, 16, 2);
  coil_answer.direction = written.direction = Direction::response;
  refusal.exception = 2;
  for (const Pdu& pdu :
       {request(0x01, 0, 2000), request(0x04, 0xFFFF, 125), coil, coil_answer, written, refusal,
        request(0x0F, 3, 10, hex("ff03")), request(0x10, 16, 2, hex("00010002")), response(0x02, hex("01")),
        response(0x03, Bytes(250)), request(0x2B, 0, 0, hex("0e0100"))}) {
    CAPTURE(pdu.function);
    const auto built = build_pdu(pdu);
    REQUIRE(built.has_value());
    CHECK(parse_pdu(*built, pdu.direction).value() == pdu);
  }
}

TEST_CASE("lengths and counts that do not fit are refused") {
  for (const char* pdu : {"", "03000000", "0300000000", "030000007e", "01000007d1", "03000000010a", "050001",
                          "050001ff", "0f0003000a01ff", "10001000020300010002", "100010000204000100"}) {
    CAPTURE(pdu);
    CHECK(is_framing_error(pdu, Direction::request));
  }
  for (const char* pdu :
       {"8302ff", "83", "8300", "0300", "0303aabbcc", "0302aa", "0302aabbcc", "1000100000"}) {
    CAPTURE(pdu);
    CHECK(is_framing_error(pdu, Direction::response));
  }
  CHECK(is_framing_error("8302", Direction::request));
}

TEST_CASE("what the standard does not allow is not built") {
  for (const Pdu& pdu : {request(0x03, 0, 0), request(0x03, 0, 126), request(0x03, 0, 1, hex("00")),
                         request(0x10, 0, 2, hex("0001")), response(0x03, hex("000102")), response(0x01, {}),
                         response(0x03, Bytes(252))}) {
    CAPTURE(pdu.function);
    CHECK(build_pdu(pdu).error().fault == Fault::bad_input);
  }
}

TEST_CASE("why bytes are skipped is told") {
  CHECK(find_rtu_frame(hex("0103001e0001e40d"), Direction::request) ==
        Found::skip(1, Found::Reason::checksum));
  CHECK(find_rtu_frame(hex("0142"), Direction::request) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_rtu_frame(hex("0103ff"), Direction::response) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_rtu_frame(hex("01"), Direction::response) == Found::need_more(4));
  CHECK(find_rtu_frame(hex("0183"), Direction::response) == Found::need_more(5));
}

TEST_CASE("TCP carries the same PDU behind its own header") {
  // source: Modbus Messaging on TCP/IP V1.0b, clause 4.4.2.1 example, one register at 4
  const Bytes wire = hex("150100000006ff0300040001");
  CHECK(find_tcp_adu(wire) == Found::frame(wire.size()));
  const auto adu = parse_tcp_adu(wire, Direction::request);
  REQUIRE(adu.has_value());
  CHECK(*adu == TcpAdu{0x1501, 0xFF, request(0x03, 4, 1)});
  CHECK(build_tcp_adu(*adu).value() == wire);
  laws::check_byte_by_byte(wire, find_tcp_adu);
  laws::check_every_truncation_is_refused(
      wire, [](ByteView whole) { return parse_tcp_adu(whole, Direction::request).has_value(); });
  CHECK(find_tcp_adu(hex("150100010006ff")) == Found::skip(1, Found::Reason::length_or_end));  // not Modbus
  CHECK(find_tcp_adu(hex("1501000000ffff")) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_tcp_adu(hex("15010000000101")) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_tcp_adu(hex("1501000000fe01")) == Found::need_more(max_tcp_adu));
}

}  // namespace tocsin::modbus
