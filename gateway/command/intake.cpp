#include "gateway/command/intake.h"

namespace tocsin::command {
namespace {

constexpr int key_burst = 20;  // orders of one key at once, then one a second
constexpr Duration key_every = 1s;
constexpr int record_burst = 2000;
constexpr Duration record_every = 100ms;

Refused refuse(const wire::CommandOrder& order, Refusal why, std::string detail) {
  return {why, std::move(detail), order.id, true, 0};
}

}  // namespace

Intake::Intake(std::string gateway, Keys keys, Journal journal)
    : gateway_(std::move(gateway)),
      keys_(std::move(keys)),
      journal_(std::move(journal)),
      records_(record_burst, record_every) {}

std::variant<Refused, AuthenticCommand> Intake::receive(ByteView signed_bytes, const Circumstances& at,
                                                        Journal::Puts& puts) {
  auto opened = authenticate_command(signed_bytes, gateway_, keys_);
  const auto* command = std::get_if<AuthenticCommand>(&opened);
  if (command == nullptr) return opened;
  const wire::CommandOrder& order = command->order;
  if (order.term < at.term)
    return refuse(order, Refusal::old_term,
                  "of term " + std::to_string(order.term) + ", the owner's is " + std::to_string(at.term));
  if (journal_.replayed(command->key->name, order))
    return refuse(order, Refusal::replayed, "this order, or a later one of its key, was judged before");
  journal_.judged(command->key->name, order, puts);
  return opened;
}

std::optional<Refused> Intake::admit(const AuthenticCommand& command, const Intent& intent,
                                     const Circumstances& at) {
  const auto& [order, key] = command;
  const Validity validity{order.issued, order.not_after, order.session_nonce, needs_session(intent),
                          longest_command};
  if (const auto flaw = age_flaw(validity, at)) return refuse(order, flaw->why, flaw->detail);
  const Permission permission = permission_for(intent);
  const std::string effect = intent.effect == nullptr ? std::string() : intent.effect->name;
  if (!covers(*key, permission, intent.zone, effect))
    return refuse(
        order, Refusal::out_of_scope,
        "key " + key->name + " may not: " + std::string(name_of(permission)) + " on " + order.point);
  auto& rate = rates_.try_emplace(key->name, key_burst, key_every).first->second;
  if (!rate.take(at.now.mono))
    return refuse(order, Refusal::too_fast, "more than 20 at once or one a second by key " + key->name);
  return std::nullopt;
}

std::variant<Refused, AuthenticDesired> Intake::receive_desired(ByteView signed_bytes,
                                                                const Circumstances& at) const {
  auto opened = authenticate_desired(signed_bytes, gateway_, keys_);
  const auto* order = std::get_if<AuthenticDesired>(&opened);
  if (order == nullptr) return opened;
  const wire::DesiredOutputs& desired = order->desired;
  const auto refuse_it = [&](Refusal why, std::string detail) {
    return Refused{why, std::move(detail), {}, true, desired.version};
  };
  if (desired.term < at.term) return refuse_it(Refusal::old_term, "of an earlier owner");
  const Validity validity{desired.issued, desired.not_after, desired.session_nonce, false, longest_desired};
  if (const auto flaw = age_flaw(validity, at)) return refuse_it(flaw->why, flaw->detail);
  return opened;
}

std::optional<std::string> Intake::record_of(const Refused& refused, MonoTime now) {
  ++counts_.at(static_cast<std::size_t>(refused.why));
  if (!refused.authentic && !records_.take(now)) {
    ++unrecorded_;
    return std::nullopt;
  }
  std::string text = refused.detail;
  if (unrecorded_ != 0) text += " (and " + std::to_string(unrecorded_) + " more refused unrecorded)";
  unrecorded_ = 0;
  return text;
}

}  // namespace tocsin::command
