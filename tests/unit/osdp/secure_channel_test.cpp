#include "drivers/osdp/secure_channel.h"

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/osdp/codes.h"
#include "drivers/osdp/secure_handshake.h"

namespace tocsin::osdp {
namespace {

constexpr Random rnd_a{0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7};
constexpr Random rnd_b{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7};
constexpr std::array<std::uint8_t, 8> cuid{0x5a, 0x42, 0x43, 1, 0, 1, 0, 0};
constexpr BaseKey own_key{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, false};

// As it comes out at the other end of the line.
Frame travelled(const Frame& frame) {
  return parse_frame(build_frame(frame).value()).value();
}

struct Ends {
  SecureChannel panel, device;
};

Ends open_channel(const BaseKey& key = {}) {
  PanelHandshake panel(key, rnd_a);
  DeviceHandshake device(key, cuid, rnd_b);
  Frame challenge = panel.challenge();
  challenge.address = 5;
  const Frame ccrypt = device.on_challenge(travelled(challenge)).value();
  Frame scrypt = panel.on_ccrypt(travelled(ccrypt)).value();
  scrypt.address = 5;
  scrypt.sequence = 1;
  const Frame rmac_i = device.on_scrypt(travelled(scrypt)).value();
  return {panel.on_rmac_i(travelled(rmac_i)).value(), device.channel().value()};
}

Frame command(std::uint8_t sequence, CommandCode code, Bytes payload = {}) {
  Frame frame;
  frame.address = 5;
  frame.sequence = sequence;
  frame.code = static_cast<std::uint8_t>(code);
  frame.payload = std::move(payload);
  return frame;
}

Frame reply(std::uint8_t sequence, ReplyCode code, Bytes payload = {}) {
  Frame frame = command(sequence, CommandCode::poll, std::move(payload));
  frame.reply = true;
  frame.code = static_cast<std::uint8_t>(code);
  return frame;
}

// One exchange in both directions; what arrives must be what was sent.
void exchange(Ends& ends, const Frame& question, const Frame& answer) {
  const auto asked = ends.device.open(ends.panel.seal(question).value()).value();
  CHECK(asked.frame == question);
  CHECK_FALSE(asked.repeat);
  const auto answered = ends.panel.open(ends.device.seal(answer).value()).value();
  CHECK(answered.frame == answer);
  CHECK_FALSE(answered.repeat);
}

}  // namespace

TEST_CASE("the handshake with SCBK-D gives the messages of SIA annex E") {
  // source: SIA OSDP v2.1.7 annex E
  PanelHandshake panel({}, rnd_a);
  DeviceHandshake device({}, cuid, rnd_b);
  const Frame challenge = panel.challenge();
  CHECK(challenge.security == SecurityBlock{SecurityType::scs_11, {0}});
  CHECK(bytes::to_hex(challenge.payload) == "b0b1b2b3b4b5b6b7");
  const Frame ccrypt = device.on_challenge(challenge).value();
  CHECK(ccrypt.security == SecurityBlock{SecurityType::scs_12, {0}});
  CHECK(bytes::to_hex(ccrypt.payload) == "5a42430100010000a0a1a2a3a4a5a6a7fde5d2f428ec16312471ea3c02bd7796");
  const Frame scrypt = panel.on_ccrypt(ccrypt).value();
  CHECK(scrypt.security == SecurityBlock{SecurityType::scs_13, {0}});
  CHECK(bytes::to_hex(scrypt.payload) == "26d3356e07762d262801fc8e6665a891");
  const Frame rmac_i = device.on_scrypt(scrypt).value();
  CHECK(rmac_i.security == SecurityBlock{SecurityType::scs_14, {1}});
  CHECK(bytes::to_hex(rmac_i.payload) == "b2a30057eb98ba2229ec1f875662b524");
  CHECK(panel.on_rmac_i(rmac_i).has_value());
}

TEST_CASE("a repeated handshake message gets the same answer") {
  PanelHandshake panel({}, rnd_a);
  DeviceHandshake device({}, cuid, rnd_b);
  CHECK(panel.challenge() == panel.challenge());
  const Frame ccrypt = device.on_challenge(panel.challenge()).value();
  CHECK(device.on_challenge(panel.challenge()).value() == ccrypt);
  const Frame scrypt = panel.on_ccrypt(ccrypt).value();
  CHECK(panel.on_ccrypt(ccrypt).value() == scrypt);
  const Frame rmac_i = device.on_scrypt(scrypt).value();
  CHECK(device.on_scrypt(scrypt).value() == rmac_i);
}

TEST_CASE("frames travel in both directions, empty and with data, through all sequence numbers") {
  for (const BaseKey& key : {BaseKey{}, own_key}) {
    Ends ends = open_channel(key);
    std::uint8_t sequence = 2;
    for (int round = 0; round < 20; ++round) {
      const Bytes data(static_cast<std::size_t>(round), 0xA5);
      exchange(ends, command(sequence, CommandCode::poll), reply(sequence, ReplyCode::ack));
      sequence = sequence == 3 ? 1 : sequence + 1;
      exchange(ends, command(sequence, CommandCode::mfg, data), reply(sequence, ReplyCode::mfgrep, data));
      sequence = sequence == 3 ? 1 : sequence + 1;
    }
  }
}

TEST_CASE("an empty payload is not encrypted, data is") {
  Ends ends = open_channel();
  CHECK(parse_frame(ends.panel.seal(command(2, CommandCode::poll)).value())->security->type ==
        SecurityType::scs_15);
  const Frame sealed = parse_frame(ends.panel.seal(command(2, CommandCode::id, {0})).value()).value();
  CHECK(sealed.security->type == SecurityType::scs_17);
  CHECK(sealed.payload.size() == block_size);
  CHECK(parse_frame(ends.device.seal(reply(2, ReplyCode::ack)).value())->security->type ==
        SecurityType::scs_16);
  CHECK(parse_frame(ends.device.seal(reply(2, ReplyCode::lstatr, {0, 1})).value())->security->type ==
        SecurityType::scs_18);
}

TEST_CASE("a retransmitted command is told from its bytes and does not advance the chain") {
  Ends ends = open_channel();
  const Bytes question = ends.panel.seal(command(2, CommandCode::poll)).value();
  CHECK_FALSE(ends.device.open(question)->repeat);
  const Bytes answer = ends.device.seal(reply(2, ReplyCode::ack)).value();
  for (int i = 0; i < 72; ++i) {  // as often as in the public capture
    const auto again = ends.device.open(question).value();
    CHECK(again.repeat);
    CHECK(again.frame == command(2, CommandCode::poll));
  }
  CHECK_FALSE(ends.panel.open(answer)->repeat);
  CHECK(ends.panel.open(answer)->repeat);  // the answer to a repeat that was on its way
  exchange(ends, command(3, CommandCode::poll), reply(3, ReplyCode::ack));
}

TEST_CASE("another frame with the same sequence number is a repeat for the device and executes nothing") {
  Ends ends = open_channel();
  CHECK_FALSE(ends.device.open(ends.panel.seal(command(2, CommandCode::poll)).value())->repeat);
  const auto again =
      ends.device.open(ends.panel.seal(command(2, CommandCode::out, {0, 2, 0, 0})).value()).value();
  CHECK(again.repeat);
  CHECK(again.frame == command(2, CommandCode::poll));
}

TEST_CASE("every changed bit under the MAC is refused and leaves the chain as it was") {
  Ends ends = open_channel();
  const Bytes data = ends.panel.seal(command(2, CommandCode::out, {0, 2, 0, 0})).value();
  Frame sealed = parse_frame(data).value();
  for (std::size_t bit = 0; bit < sealed.payload.size() * 8; ++bit) {
    Frame changed = sealed;
    changed.payload[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK(ends.device.open(build_frame(changed).value()).error().fault == Fault::crc);
  }
  for (std::size_t bit = 0; bit < mac_size * 8; ++bit) {
    Frame changed = sealed;
    (*changed.mac)[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK(ends.device.open(build_frame(changed).value()).error().fault == Fault::crc);
  }
  Frame other = sealed;
  other.address = 6;
  CHECK(ends.device.open(build_frame(other).value()).error().fault == Fault::crc);
  CHECK(ends.device.open(data).value().frame == command(2, CommandCode::out, {0, 2, 0, 0}));
}

TEST_CASE("a frame of an older round is not accepted again") {
  Ends ends = open_channel();
  const Bytes old = ends.panel.seal(command(2, CommandCode::out, {0, 2, 0, 0})).value();
  CHECK(ends.device.open(old).has_value());
  CHECK(ends.panel.open(ends.device.seal(reply(2, ReplyCode::ack)).value()).has_value());
  exchange(ends, command(3, CommandCode::poll), reply(3, ReplyCode::ack));
  CHECK(ends.device.open(old).error().fault == Fault::crc);
}

TEST_CASE("a frame without MAC, or from our own side, is refused on a secure channel") {
  Ends ends = open_channel();
  CHECK(ends.device.open(build_frame(command(2, CommandCode::poll)).value()).error().fault == Fault::refused);
  CHECK(ends.panel.open(ends.panel.seal(command(2, CommandCode::poll)).value()).error().fault ==
        Fault::refused);
  CHECK(ends.panel.seal(reply(2, ReplyCode::ack)).error().fault == Fault::bad_input);
  Frame handshake = command(2, CommandCode::chlng, Bytes(8));
  handshake.security = SecurityBlock{SecurityType::scs_11, {0}};
  CHECK(ends.device.open(build_frame(handshake).value()).error().fault == Fault::refused);
}

TEST_CASE("different keys do not meet") {
  BaseKey other = own_key;
  other.value[15] ^= 1;
  PanelHandshake panel(own_key, rnd_a);
  DeviceHandshake device(other, cuid, rnd_b);
  const Frame ccrypt = device.on_challenge(panel.challenge()).value();
  CHECK(panel.on_ccrypt(ccrypt).error().fault == Fault::refused);

  DeviceHandshake installed(own_key, cuid, rnd_b);  // never falls back to the default key
  CHECK(installed.on_challenge(PanelHandshake({}, rnd_a).challenge()).error().fault == Fault::refused);
}

TEST_CASE("a device refuses a panel that does not know its key") {
  PanelHandshake panel(own_key, rnd_a);
  DeviceHandshake device(own_key, cuid, rnd_b);
  Frame scrypt = panel.on_ccrypt(device.on_challenge(panel.challenge()).value()).value();
  scrypt.payload[0] ^= 1;
  CHECK(device.on_scrypt(scrypt).error().fault == Fault::refused);
  CHECK_FALSE(device.channel().has_value());
}

TEST_CASE("handshake messages out of order or of the wrong kind are refused") {
  PanelHandshake panel({}, rnd_a);
  DeviceHandshake device({}, cuid, rnd_b);
  const Frame challenge = panel.challenge();
  CHECK(device.on_scrypt(challenge).error().fault == Fault::wrong_answer);
  const Frame ccrypt = device.on_challenge(challenge).value();
  CHECK(panel.on_rmac_i(ccrypt).error().fault == Fault::wrong_answer);
  Frame without_block = ccrypt;
  without_block.security.reset();
  CHECK(panel.on_ccrypt(without_block).error().fault == Fault::wrong_answer);
  Frame short_payload = ccrypt;
  short_payload.payload.pop_back();
  CHECK(panel.on_ccrypt(short_payload).error().fault == Fault::framing);
  Frame rmac_i = device.on_scrypt(panel.on_ccrypt(ccrypt).value()).value();
  rmac_i.security->data[0] = 0xFF;  // the device did not accept our cryptogram
  CHECK(panel.on_rmac_i(rmac_i).error().fault == Fault::refused);
  rmac_i.security->data[0] = 1;
  rmac_i.payload[0] ^= 1;
  CHECK(panel.on_rmac_i(rmac_i).error().fault == Fault::refused);
}

}  // namespace tocsin::osdp
