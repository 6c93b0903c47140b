#include "drivers/gb26875/packet.h"

#include "tests/support/frame_laws.h"

namespace tocsin::gb26875 {
namespace {

using bytes::Found;
using laws::hex;

// source: the standard's worked example, as in the public vectors dev-118, dev-119 and dev-109
const Bytes duty_check_answered =
    hex("404001000101203a091a090c790300000000385b010000000a000218012001023a091a090c5f2323");
const Bytes confirmed = hex("404001000101233a091a090c385b01000000790300000000000003ab2323");
const Bytes initialise = hex("404001000101203a091a090c385b01000000790300000000030001590100032323");
// source: public capture, dev-114
const Bytes keep_alive = hex("4040090001022a380a080716000000000000640000000000000002032323");
const Bytes* const golden[] = {&duty_check_answered, &confirmed, &initialise, &keep_alive};

bool accepts(ByteView data) {
  return parse_packet(data).has_value();
}

}  // namespace

TEST_CASE("the standard's example is taken apart") {
  const Packet packet = parse_packet(duty_check_answered).value();
  CHECK(packet.serial == 1);
  CHECK(packet.version_main == 1);
  CHECK(packet.version_user == 1);
  CHECK(to_string(from_binary(packet.time).value()) == "2012-09-26T09:58:32");
  CHECK(packet.source == 889);
  CHECK(packet.destination == 88888);
  CHECK(packet.command == Command::send_data);
  CHECK(packet.unit == hex("18012001023a091a090c"));
}

TEST_CASE("building a parsed packet gives the captured bytes back") {
  for (const Bytes* packet : golden) CHECK(build_packet(parse_packet(*packet).value()).value() == *packet);
}

TEST_CASE("packets hold the laws of every protocol") {
  for (const Bytes* packet : golden) {
    laws::check_byte_by_byte(*packet, find_packet);
    laws::check_every_bit_flip_is_refused(*packet, accepts);
    laws::check_every_truncation_is_refused(*packet, accepts);
    for (const char* noise : {"00", "232323", "ff4000ff", "4041"})
      laws::check_behind_noise(hex(noise), *packet, find_packet);
  }
}

TEST_CASE("a confirmation echoes the serial, swaps the addresses and is empty") {
  Packet request = parse_packet(initialise).value();
  request.serial = 0xBEEF;
  const TimeLabel now{1, 2, 3, 4, 5, 6};
  const Packet yes = confirm(request, now);
  CHECK(yes.serial == 0xBEEF);
  CHECK(yes.source == request.destination);
  CHECK(yes.destination == request.source);
  CHECK(yes.command == Command::confirm);
  CHECK(yes.time == now);
  CHECK(yes.unit.empty());
  Packet expected = yes;
  expected.command = Command::deny;
  CHECK(deny(request, now) == expected);
}

TEST_CASE("marks inside a packet do not split it") {
  Packet packet = parse_packet(keep_alive).value();
  packet.unit = hex("4040232340402323");
  const Bytes data = build_packet(packet).value();
  laws::check_byte_by_byte(data, find_packet);
  CHECK(parse_packet(data).value() == packet);
}

TEST_CASE("two packets in one segment") {
  Bytes both = confirmed;
  both.insert(both.end(), keep_alive.begin(), keep_alive.end());
  CHECK(find_packet(both) == Found::frame(confirmed.size()));
  CHECK(find_packet(ByteView(both).subspan(confirmed.size())) == Found::frame(keep_alive.size()));
}

TEST_CASE("why bytes are skipped is told") {
  Bytes wrong_sum = confirmed, wrong_end = confirmed, too_long = confirmed;
  wrong_sum[27] ^= 1;
  wrong_end[29] ^= 1;
  too_long[25] = 0x05;  // 1280 bytes of unit
  CHECK(find_packet(wrong_sum) == Found::skip(1, Found::Reason::checksum));
  CHECK(find_packet(wrong_end) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_packet(too_long) == Found::skip(1, Found::Reason::length_or_end));
  CHECK(find_packet(hex("0102")) == Found::skip(2, Found::Reason::noise));
  CHECK(find_packet(hex("0140")) == Found::skip(1, Found::Reason::noise));  // half a start mark is kept
  CHECK(find_packet({}).state == Found::State::need_more);
}

TEST_CASE("the largest packet travels, a larger one is not built") {
  Packet packet;
  packet.command = Command::send_data;
  packet.unit.assign(max_unit_size, 0x40);
  const Bytes data = build_packet(packet).value();
  CHECK(data.size() == max_packet_size);
  CHECK(find_packet(ByteView(data).first(100)) == Found::need_more(max_packet_size));
  CHECK(parse_packet(data).value() == packet);
  packet.unit.push_back(0);
  CHECK_FALSE(build_packet(packet).has_value());
  packet.unit.clear();
  packet.source = 1ull << 48;
  CHECK_FALSE(build_packet(packet).has_value());
}

TEST_CASE("commands have names, reserved ones have none") {
  for (int command = 1; command <= 6; ++command) CHECK_FALSE(name_of(static_cast<Command>(command)).empty());
  CHECK(name_of(static_cast<Command>(7)).empty());
}

}  // namespace tocsin::gb26875
