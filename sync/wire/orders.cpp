#include "sync/wire/orders.h"

#include "sync/wire/message.h"
#include "sync/wire/topics.h"

namespace tocsin::wire {
namespace {

constexpr std::size_t id_size = 16;         // bytes
constexpr std::size_t signature_size = 64;  // bytes, Ed25519

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace

Bytes encode_signed(const SignedOrder& order) {
  Signed out;
  out.set_payload(order.payload.data(), order.payload.size());
  out.set_key_id(order.key_id);
  out.set_signature(order.signature.data(), order.signature.size());
  return to_bytes(out);
}

Result<SignedOrder> decode_signed(ByteView data) {
  Signed in;
  if (!parse(data, in)) return fail(Fault::bad_input, "no Signed message");
  if (in.payload().empty() || in.key_id().empty() || in.signature().size() != signature_size)
    return fail(Fault::bad_input, "a signed message without payload, key or 64-byte signature");
  return SignedOrder{bytes_of(in.payload()), in.key_id(), bytes_of(in.signature())};
}

Bytes encode_command(const CommandOrder& command) {
  Command out;
  out.set_id(command.id.data(), command.id.size());
  out.set_gateway(command.gateway);
  out.set_point(command.point);
  out.set_operation(command.operation);
  for (const auto& [name, value] : command.arguments) (*out.mutable_arguments())[name] = value;
  out.set_issued_ms(utc_ms(command.issued));
  out.set_not_after_ms(utc_ms(command.not_after));
  out.set_term(command.term);
  out.set_issuer(command.issuer);
  out.set_counter(command.counter);
  out.set_session_nonce(command.session_nonce);
  return to_bytes(out);
}

Result<CommandOrder> decode_command(ByteView payload) {
  Command in;
  if (!parse(payload, in)) return fail(Fault::bad_input, "no Command");
  if (in.id().size() != id_size) return fail(Fault::bad_input, "a command's id has 16 bytes");
  if (!is_gateway_id(in.gateway()) || in.point().empty() || in.operation().empty())
    return fail(Fault::bad_input, "a command without gateway, point or operation");
  CommandOrder command{bytes_of(in.id()),
                       in.gateway(),
                       in.point(),
                       in.operation(),
                       {},
                       utc_of(in.issued_ms()),
                       utc_of(in.not_after_ms()),
                       in.term(),
                       in.issuer(),
                       in.counter(),
                       in.session_nonce()};
  command.arguments.insert(in.arguments().begin(), in.arguments().end());
  return command;
}

Bytes encode_desired(const DesiredOutputs& desired) {
  DesiredState out;
  out.set_gateway(desired.gateway);
  out.set_version(desired.version);
  out.set_not_after_ms(utc_ms(desired.not_after));
  out.set_on_expiry(desired.on_expiry == OnExpiry::hold ? "hold" : "safe");
  for (const OutputWord& output : desired.outputs) {
    DesiredOutput& one = *out.add_outputs();
    one.set_effect(output.effect);
    one.set_word(output.word);
  }
  out.set_issued_ms(utc_ms(desired.issued));
  out.set_session_nonce(desired.session_nonce);
  out.set_term(desired.term);
  return to_bytes(out);
}

Result<DesiredOutputs> decode_desired(ByteView payload) {
  DesiredState in;
  if (!parse(payload, in)) return fail(Fault::bad_input, "no DesiredState");
  if (!is_gateway_id(in.gateway()) || in.version() == 0)
    return fail(Fault::bad_input, "desired outputs without gateway or version");
  if (in.on_expiry() != "hold" && in.on_expiry() != "safe")
    return fail(Fault::bad_input, "on_expiry is neither hold nor safe");
  DesiredOutputs desired{in.gateway(),
                         in.version(),
                         utc_of(in.not_after_ms()),
                         in.on_expiry() == "hold" ? OnExpiry::hold : OnExpiry::safe,
                         {},
                         utc_of(in.issued_ms()),
                         in.session_nonce(),
                         in.term()};
  for (const DesiredOutput& output : in.outputs()) {
    if (output.effect().empty() || output.word().empty())
      return fail(Fault::bad_input, "an output without a word");
    desired.outputs.push_back({output.effect(), output.word()});
  }
  return desired;
}

}  // namespace tocsin::wire
