#include "drivers/osdp/secure_handshake.h"

#include <utility>

#include "drivers/osdp/commands.h"
#include "drivers/osdp/replies.h"

namespace tocsin::osdp {
namespace {

constexpr std::uint8_t default_key = 0, own_key = 1, cryptogram_good = 1;

std::uint8_t selector(const BaseKey& key) {
  return key.is_default ? default_key : own_key;
}

// Is this the message we wait for, under this security block?
Status expect(const Frame& frame, bool reply, std::uint8_t code, SecurityType type, std::uint8_t data) {
  if (frame.reply != reply || frame.code != code)
    return fail(Fault::wrong_answer, "not the message of this step", frame.code);
  if (!frame.security || frame.security->type != type || frame.security->data.size() != 1)
    return fail(Fault::wrong_answer, "wrong security block");
  if (frame.security->data[0] != data) return fail(Fault::refused, "the other side uses another key");
  return {};
}

template <class Message>
Frame frame_of(const Message& message, SecurityType type, std::uint8_t data) {
  Frame frame;
  frame.code = static_cast<std::uint8_t>(Message::code);
  frame.security = SecurityBlock{type, {data}};
  frame.payload = build_payload(message).value();  // fixed size: cannot fail
  return frame;
}

template <class Message>
Frame answer(const Frame& command, const Message& message, SecurityType type, std::uint8_t data) {
  Frame frame = frame_of(message, type, data);
  frame.reply = true;
  frame.address = command.address;
  frame.sequence = command.sequence;
  frame.crc = command.crc;
  return frame;
}

}  // namespace

PanelHandshake::PanelHandshake(const BaseKey& key, const Random& rnd_a)
    : key_(key), rnd_a_(rnd_a), keys_(derive_keys(key.value, rnd_a)) {}

Frame PanelHandshake::challenge() const {
  return frame_of(Chlng{rnd_a_}, SecurityType::scs_11, selector(key_));
}

Result<Frame> PanelHandshake::on_ccrypt(const Frame& reply) {
  const auto code = static_cast<std::uint8_t>(ReplyCode::ccrypt);
  if (const Status ok = expect(reply, true, code, SecurityType::scs_12, selector(key_)); !ok)
    return ok.error();
  const Result<Reply> parsed = parse_reply(code, reply.payload);
  if (!parsed) return parsed.error();
  const auto& ccrypt = std::get<Ccrypt>(*parsed);
  if (!equal_in_constant_time(ccrypt.client_cryptogram, client_cryptogram(keys_, rnd_a_, ccrypt.rnd_b)))
    return fail(Fault::refused, "the device does not know our key");
  const Block server = server_cryptogram(keys_, rnd_a_, ccrypt.rnd_b);
  rmac_ = initial_rmac(keys_, server);
  return frame_of(Scrypt{server}, SecurityType::scs_13, selector(key_));
}

Result<SecureChannel> PanelHandshake::on_rmac_i(const Frame& reply) const {
  const auto code = static_cast<std::uint8_t>(ReplyCode::rmac_i);
  if (!rmac_) return fail(Fault::wrong_answer, "RMAC_I before CCRYPT");
  if (const Status ok = expect(reply, true, code, SecurityType::scs_14, cryptogram_good); !ok)
    return ok.error();
  const Result<Reply> parsed = parse_reply(code, reply.payload);
  if (!parsed) return parsed.error();
  if (!equal_in_constant_time(std::get<RmacI>(*parsed).initial_rmac, *rmac_))
    return fail(Fault::refused, "wrong R-MAC");
  return SecureChannel(Role::panel, keys_, *rmac_);
}

DeviceHandshake::DeviceHandshake(const BaseKey& key, const std::array<std::uint8_t, 8>& cuid,
                                 const Random& rnd_b)
    : key_(key), cuid_(cuid), rnd_b_(rnd_b) {}

Result<Frame> DeviceHandshake::on_challenge(const Frame& command) {
  const auto code = static_cast<std::uint8_t>(CommandCode::chlng);
  if (const Status ok = expect(command, false, code, SecurityType::scs_11, selector(key_)); !ok)
    return ok.error();
  const Result<Command> parsed = parse_command(code, command.payload);
  if (!parsed) return parsed.error();
  rnd_a_ = std::get<Chlng>(*parsed).rnd_a;
  keys_ = derive_keys(key_.value, *rnd_a_);
  channel_.reset();
  return answer(command, Ccrypt{cuid_, rnd_b_, client_cryptogram(keys_, *rnd_a_, rnd_b_)},
                SecurityType::scs_12, selector(key_));
}

Result<Frame> DeviceHandshake::on_scrypt(const Frame& command) {
  const auto code = static_cast<std::uint8_t>(CommandCode::scrypt);
  if (!rnd_a_) return fail(Fault::wrong_answer, "SCRYPT before CHLNG");
  if (const Status ok = expect(command, false, code, SecurityType::scs_13, selector(key_)); !ok)
    return ok.error();
  const Result<Command> parsed = parse_command(code, command.payload);
  if (!parsed) return parsed.error();
  const Block server = server_cryptogram(keys_, *rnd_a_, rnd_b_);
  if (!equal_in_constant_time(std::get<Scrypt>(*parsed).server_cryptogram, server))
    return fail(Fault::refused, "the panel does not know our key");
  const Block rmac = initial_rmac(keys_, server);
  channel_.emplace(Role::device, keys_, rmac);
  return answer(command, RmacI{rmac}, SecurityType::scs_14, cryptogram_good);
}

}  // namespace tocsin::osdp
