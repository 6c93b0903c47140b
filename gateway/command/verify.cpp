#include "gateway/command/verify.h"

#include <sodium.h>

namespace tocsin::command {
namespace {

constexpr Duration clock_tolerance = 30s;  // between the cloud's clock and ours, both synchronised

struct Envelope {
  wire::SignedOrder order;
  const Key* key = nullptr;
};

std::variant<Refused, Envelope> open_envelope(ByteView signed_bytes, const Keys& keys) {
  auto order = wire::decode_signed(signed_bytes);
  if (!order) return Refused{Refusal::malformed, order.error().detail, {}, false, 0};
  const auto key = keys.find(order->key_id);
  if (key == keys.end())
    return Refused{
        Refusal::unknown_key, "no [key." + order->key_id.substr(0, 48) + "] in gateway.toml", {}, false, 0};
  const bool good = crypto_sign_verify_detached(order->signature.data(), order->payload.data(),
                                                order->payload.size(), key->second.public_key.data()) == 0;
  if (!good) return Refused{Refusal::bad_signature, "not signed by key " + key->second.name, {}, false, 0};
  return Envelope{std::move(*order), &key->second};
}

// An order that is refused unread still says which one it claims to be, so that the answer finds its asker.
Bytes claimed_id(ByteView signed_bytes) {
  const auto envelope = wire::decode_signed(signed_bytes);
  if (!envelope) return {};
  const auto command = wire::decode_command(envelope->payload);
  return command ? command->id : Bytes{};
}

bool synchronised(const Circumstances& at) {
  return at.now.clock != ClockQuality::unsynchronised;
}

}  // namespace

std::variant<Refused, AuthenticCommand> authenticate_command(ByteView signed_bytes,
                                                             const std::string& gateway, const Keys& keys) {
  auto opened = open_envelope(signed_bytes, keys);
  if (auto* refused = std::get_if<Refused>(&opened)) {
    refused->id = claimed_id(signed_bytes);
    return *refused;
  }
  const auto& envelope = std::get<Envelope>(opened);
  auto command = wire::decode_command(envelope.order.payload);
  if (!command) return Refused{Refusal::malformed, command.error().detail, {}, true, 0};
  if (command->gateway != gateway)
    return Refused{Refusal::foreign, "signed for gateway " + command->gateway, command->id, true, 0};
  return AuthenticCommand{std::move(*command), envelope.key};
}

std::variant<Refused, AuthenticDesired> authenticate_desired(ByteView signed_bytes,
                                                             const std::string& gateway, const Keys& keys) {
  auto opened = open_envelope(signed_bytes, keys);
  if (auto* refused = std::get_if<Refused>(&opened)) return *refused;
  const auto& envelope = std::get<Envelope>(opened);
  auto desired = wire::decode_desired(envelope.order.payload);
  if (!desired) return Refused{Refusal::malformed, desired.error().detail, {}, true, 0};
  if (desired->gateway != gateway)
    return Refused{Refusal::foreign, "signed for gateway " + desired->gateway, {}, true, desired->version};
  return AuthenticDesired{std::move(*desired), envelope.key};
}

std::optional<AgeFlaw> age_flaw(const Validity& validity, const Circumstances& at) {
  if (validity.issued < UtcTime{} || validity.not_after < UtcTime{})  // their difference must not overflow
    return AgeFlaw{Refusal::lifetime, "times before 1970"};
  const auto lifetime_ms =
      validity.not_after.time_since_epoch() / 1ms - validity.issued.time_since_epoch() / 1ms;
  if (lifetime_ms <= 0 || lifetime_ms > to_ms(validity.longest))
    return AgeFlaw{Refusal::lifetime, "valid for " + std::to_string(lifetime_ms) + " ms; at most " +
                                          to_string(validity.longest)};
  const bool in_session = validity.session_nonce != 0 && validity.session_nonce == at.session_nonce;
  if ((validity.needs_session || !synchronised(at)) && !in_session)
    return AgeFlaw{Refusal::wrong_session, "not signed for this connection"};
  if (!synchronised(at)) {
    const Duration age = at.now.mono - at.session_since;
    if (to_ms(age) > lifetime_ms)
      return AgeFlaw{Refusal::stale_session,
                     "the clock is unsynchronised and the connection older than the order's lifetime; "
                     "a new session was begun"};
    return std::nullopt;
  }
  if (at.now.utc > validity.not_after)
    return AgeFlaw{Refusal::expired, "valid until " + to_rfc3339(validity.not_after)};
  if (validity.issued > at.now.utc + std::chrono::duration_cast<std::chrono::milliseconds>(clock_tolerance))
    return AgeFlaw{Refusal::from_future, "issued " + to_rfc3339(validity.issued)};
  return std::nullopt;
}

Duration remaining(const Validity& validity, const Circumstances& at) {
  if (synchronised(at)) return validity.not_after - at.now.utc;
  return (validity.not_after - validity.issued) - (at.now.mono - at.session_since);
}

}  // namespace tocsin::command
