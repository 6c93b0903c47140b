// What the cloud orders: signed commands and desired outputs (design section 9, docs/protocols/commands.md).
// A command is accepted (committed), acts, is read back, is done (committed) and answered on lane event.

#include <algorithm>

#include "gateway/flow/building.h"

namespace tocsin::flow {

using command::AuthenticCommand;
using command::AuthenticDesired;
using command::Intent;
using command::Operation;
using command::Refusal;
using command::Refused;
using linkage::Override;
using linkage::Owner;

namespace {

constexpr std::size_t most_under_way = 64;

void append(Step& to, Step from) {
  const auto move_all = [](auto& target, auto& source) {
    target.insert(target.end(), std::make_move_iterator(source.begin()),
                  std::make_move_iterator(source.end()));
  };
  move_all(to.writes, from.writes);
  move_all(to.change.records, from.change.records);
  move_all(to.change.state, from.change.state);
  move_all(to.urgent, from.urgent);
  move_all(to.raised, from.raised);
  move_all(to.closed, from.closed);
  move_all(to.pulses_started, from.pulses_started);
}

std::string who_of(const AuthenticCommand& command) {
  return command.order.issuer.empty() ? "key " + command.key->name
                                      : command.order.issuer + " by key " + command.key->name;
}

Override override_of(const Intent& intent) {
  Override wanted{intent.level, Owner::command};
  if (intent.operation == Operation::pulse) {
    wanted.pulse = linkage::Cell{linkage::first_command_pulse, intent.effect->name};
    wanted.width = intent.width;
  }
  return wanted;
}

std::string name_of(Owner owner) {
  switch (owner) {
    case Owner::escape: return "a fire";
    case Owner::manual: return "a person on site";
    case Owner::matrix: return "the local matrix";
    default: return "nothing";
  }
}

}  // namespace

Step Building::on_flawed_order(Refusal why, const Stamp& now) {
  Step step;
  refuse({why, "not even read", {}, false, 0}, now, step);
  return step;
}

Step Building::on_command(ByteView signed_bytes, const command::Circumstances& at) {
  Step step;
  const auto received = intake_.receive(signed_bytes, at, step.change.state);
  if (const auto* refused = std::get_if<Refused>(&received)) {
    refuse(*refused, at.now, step);
    return step;
  }
  const auto& command = std::get<AuthenticCommand>(received);
  std::set<std::string> zones;
  for (const auto& [name, zone] : config_.zones) zones.insert(name);
  auto read = command::read_intent(command.order, config_.matrix, zones);
  if (auto* intent = std::get_if<Intent>(&read)) {
    const auto* alarm = intent->alarm_id.empty() ? nullptr : machine_.find_id(intent->alarm_id);
    if (alarm != nullptr) intent->zone = alarm->zone;
    auto refused = intake_.admit(command, *intent, at);
    if (!refused) refused = objection(command, *intent, at.now.mono);
    if (refused) read = std::move(*refused);
  }
  if (const auto* refused = std::get_if<Refused>(&read)) {
    refuse(*refused, at.now, step);
    return step;
  }
  const auto& order = command.order;
  const Duration left = command::remaining({order.issued, order.not_after, 0, false, {}}, at);
  under_way_[order.id] = {std::get<Intent>(read), who_of(command), at.now.mono + left, std::nullopt};
  intake_.journal().accepted(order.id, signed_bytes, step.change.state);
  recorder_.event(wire::AnswerReport{order.id, "accepted", order.operation + " " + order.point, "", 0},
                  at.now, step);
  step.accepted.push_back(order.id);
  return step;
}

void Building::refuse(const Refused& refused, const Stamp& now, Step& step) {
  if (refused.why == Refusal::stale_session) step.renew_session = true;
  const auto text = intake_.record_of(refused, now.mono);
  if (!text) return;
  recorder_.event(wire::AnswerReport{refused.id, "refused", *text, std::string(command::name_of(refused.why)),
                                     refused.version},
                  now, step);
}

// What the building itself forbids, whoever signed.
std::optional<Refused> Building::objection(const AuthenticCommand& command, const Intent& intent,
                                           MonoTime now) const {
  const auto refuse_it = [&](Refusal why, std::string detail) {
    return Refused{why, std::move(detail), command.order.id, true, 0};
  };
  if (under_way_.size() >= most_under_way)
    return refuse_it(Refusal::too_fast, std::to_string(most_under_way) + " commands are under way");
  if (!intent.alarm_id.empty() && machine_.find_id(intent.alarm_id) == nullptr)
    return refuse_it(Refusal::unknown_point, "no open alarm " + intent.alarm_id);
  const bool drives = intent.operation == Operation::hold || intent.operation == Operation::pulse;
  if (!drives) return std::nullopt;
  const Override wanted = override_of(intent);
  const std::string detail = obstacle(*intent.effect, wanted, now);
  if (detail.empty()) return std::nullopt;
  const bool locks = intent.effect->escape && !wanted.pulse && wanted.level != intent.effect->safe;
  const bool fire = locks && outcome_of(*intent.effect, wanted, now).owner != Owner::manual &&
                    std::any_of(memory_.causes.begin(), memory_.causes.end(), [](const auto& cause) {
                      return cause.first.kind == linkage::CauseKind::confirmed_fire;
                    });
  return refuse_it(fire ? Refusal::fire_latched : Refusal::overruled, detail);
}

linkage::Desired Building::outcome_of(const linkage::Effect& effect, const Override& wanted,
                                      MonoTime now) const {
  auto overrides = standing_.overrides();
  const auto standing = overrides.find(effect.name);
  const bool by_hand = standing != overrides.end() && standing->second.owner == Owner::manual;
  if (!by_hand || wanted.owner == Owner::manual) overrides[effect.name] = wanted;
  for (auto& one : linkage::evaluate(config_.matrix, memory_.causes, memory_.pulses_done, overrides, now))
    if (one.effect == effect.name) return one;
  return {};
}

std::string Building::obstacle(const linkage::Effect& effect, const Override& wanted, MonoTime now) const {
  const bool level = wanted.pulse ? effect.active : wanted.level;
  const linkage::Desired got = outcome_of(effect, wanted, now);
  const bool leaves_safe = level != effect.safe;
  if (got.owner != wanted.owner || got.level != level || got.pulse != wanted.pulse) {
    if (got.owner < wanted.owner && got.owner <= Owner::matrix)
      return effect.name + " is held " + (got.level ? effect.word_on : effect.word_off) + " by " +
             name_of(got.owner);
    if (effect.escape && leaves_safe)
      return "a fire is latched: the escape door " + effect.name + " stays as it is until the reset";
    if (effect.valve && leaves_safe) return "the gas valve " + effect.name + " is not opened in gas";
    return "gas A2 is latched around " + effect.name + ", which is not ex_rated";
  }
  if (leaves_safe && wanted.owner != Owner::manual && runner_.find(effect.name)->waits_for_reset())
    return effect.name + " waits for a reset";
  return {};
}

Step Building::on_command_stored(const Bytes& id, const Stamp& now) {
  Step step;
  const auto command = under_way_.find(id);
  if (command == under_way_.end()) return step;
  if (now.mono > command->second.act_by)
    conclude(id, "failed", "not done: it expired before the disk had stored it", now, step);
  else
    act(id, now, step);
  finish(now, step);
  return step;
}

void Building::act(const Bytes& id, const Stamp& now, Step& step) {
  const UnderWay command = under_way_.at(id);  // a copy: it ends below, or while its effect is driven
  const Intent& intent = command.intent;
  if (intent.effect == nullptr) return act_on_alarms(id, command, now, step);
  const linkage::Effect& effect = *intent.effect;
  overtake(effect.name, id, now, step);
  under_way_.at(id).acted = now.mono;
  std::string what = "given back";
  if (intent.operation == Operation::pulse) {
    what = "pulsed " + std::string(effect.active ? effect.word_on : effect.word_off) + " for " +
           to_string(intent.width);
    standing_.ask_pulse(effect.name, intent.width);
  } else {
    const bool holds = intent.operation == Operation::hold;
    if (holds) what = "held " + (intent.level ? effect.word_on : effect.word_off);
    standing_.hold(Owner::command, effect.name, holds ? std::optional(intent.level) : std::nullopt,
                   step.change.state);
  }
  recorder_.event(wire::DeviceReport{"effect/" + effect.name, what, command.who}, now, step);
  if (intent.operation == Operation::release) conclude(id, "done", what, now, step);
  link(now, step);
  // Once more when the pulse is taken: what the output goes back to must know of a fire that is latched.
  if (intent.operation == Operation::pulse) link(now, step);
}

// What a person may do at the gateway too. The act, the answer and the end of the command are one commit.
void Building::act_on_alarms(const Bytes& id, const UnderWay& command, const Stamp& now, Step& step) {
  const auto& [intent, who, act_by, acted] = command;
  Result<Step> done = Step{};
  if (intent.operation == Operation::silence)
    done = silence(who, now);
  else if (intent.operation == Operation::acknowledge)
    done = acknowledge(intent.alarm_id, who, now);
  else if (intent.alarm_id.empty())
    done = reset_zone(intent.zone, who, now, ResetFrom::remote);
  else
    done = reset_alarm(intent.alarm_id, who, now, ResetFrom::remote);
  if (!done) return conclude(id, "failed", done.error().detail, now, step);
  append(step, std::move(*done));
  conclude(id, "done", "", now, step);
}

void Building::overtake(const std::string& effect, const Bytes& by, const Stamp& now, Step& step) {
  std::vector<Bytes> overtaken;
  for (const auto& [id, command] : under_way_)
    if (id != by && command.acted && command.intent.effect != nullptr &&
        command.intent.effect->name == effect)
      overtaken.push_back(id);
  for (const Bytes& id : overtaken) conclude(id, "failed", "overtaken by a later command", now, step);
}

void Building::conclude(const Bytes& id, const std::string& outcome, const std::string& detail,
                        const Stamp& now, Step& step) {
  under_way_.erase(id);
  intake_.journal().done(id, step.change.state);
  recorder_.event(wire::AnswerReport{id, outcome, detail, "", 0}, now, step);
}

void Building::on_effect_outcome(const EffectOutcome& outcome, const Stamp& now, Step& step) {
  const auto found = std::find_if(under_way_.begin(), under_way_.end(), [&](const auto& one) {
    const auto& [intent, who, act_by, acted] = one.second;
    return acted && intent.effect != nullptr && intent.effect->name == outcome.effect &&
           (intent.operation == Operation::pulse || intent.level == outcome.level);
  });
  if (found == under_way_.end()) return;
  const Bytes id = found->first;
  const bool unconfirmed = outcome.outcome == Outcome::unknown;
  if (outcome.outcome == Outcome::failed || (unconfirmed && outcome.detail.starts_with("overtaken")))
    conclude(id, "failed", outcome.detail, now, step);
  else
    conclude(id, "done", outcome.word + (unconfirmed ? ", not confirmed: " + outcome.detail : ", confirmed"),
             now, step);
}

// Commands that were accepted and not done when the last run ended. A level is driven again, as often as
// needed; whether a pulse was given nobody knows, and it is never given again.
void Building::resume_commands(const Stamp& now, Step& step) {
  std::set<std::string> zones;
  for (const auto& [name, zone] : config_.zones) zones.insert(name);
  const auto open = intake_.journal().open();
  for (const auto& [id, bytes] : open) {
    const auto envelope = wire::decode_signed(bytes);
    const auto order =
        envelope ? wire::decode_command(envelope->payload) : Result<wire::CommandOrder>(envelope.error());
    auto read = order ? command::read_intent(*order, config_.matrix, zones)
                      : std::variant<Refused, Intent>(Refused{});
    const auto* intent = std::get_if<Intent>(&read);
    if (intent != nullptr && intent->operation == Operation::pulse) {
      conclude(id, "indeterminate", "the gateway restarted: the pulse was given once or not at all", now,
               step);
    } else if (intent != nullptr && intent->effect != nullptr) {
      under_way_[id] = {*intent, order->issuer + " by key " + envelope->key_id, now.mono, std::nullopt};
      act(id, now, step);
    } else {
      conclude(id, "failed", "the gateway restarted before it was done; order it again", now, step);
    }
  }
}

std::optional<Refused> Building::objection(const AuthenticDesired& order) const {
  const auto& [desired, key] = order;
  const auto refuse_it = [&, version = desired.version](Refusal why, std::string detail) {
    return Refused{why, std::move(detail), {}, true, version};
  };
  if (desired.version < desired_version())
    return refuse_it(Refusal::old_version, "version " + std::to_string(desired_version()) + " is applied");
  for (const auto& [name, word] : desired.outputs) {
    const linkage::Effect* effect = command::find_effect(config_.matrix, "effect/" + name);
    if (effect == nullptr) return refuse_it(Refusal::unknown_point, "no effect has the name '" + name + "'");
    const auto level = command::level_of(*effect, word);
    if (!level)
      return refuse_it(Refusal::bad_argument, "the words of " + name + " are " + command::words_of(*effect));
    if (!covers(*key, command::Permission::desired, effect->zone, name))
      return refuse_it(Refusal::out_of_scope, "key " + key->name + " may not: desired on " + name);
    if (effect->valve && *level != effect->safe)
      return refuse_it(Refusal::valve, "nobody opens the gas valve " + name + " remotely");
  }
  return std::nullopt;
}

// Levels only: they are driven at once, and again after a crash when the cloud says so again.
Step Building::on_desired(ByteView signed_bytes, const command::Circumstances& at) {
  Step step;
  const auto received = intake_.receive_desired(signed_bytes, at);
  const auto* order = std::get_if<AuthenticDesired>(&received);
  auto refused = order != nullptr ? objection(*order) : std::get<Refused>(received);
  if (refused) {
    refuse(*refused, at.now, step);
    return step;
  }
  const wire::DesiredOutputs& desired = order->desired;
  if (desired.version == desired_version()) return step;  // sent again; hello and its event have told
  const Duration left = command::remaining({desired.issued, desired.not_after, 0, false, {}}, at);
  standing_.desire(desired, signed_bytes, at.now.mono + left, at.now, step.change.state);
  recorder_.event(wire::DesiredReport{desired.version}, at.now, step);
  link(at.now, step);
  finish(at.now, step);
  return step;
}

void Building::tick_orders(const Stamp& now, Step& step) {
  if (standing_.on_tick(now, step.change.state)) {
    const auto& desired = standing_.desired();
    const std::string where = desired.on_expiry == wire::OnExpiry::hold ? "held" : "safe";
    recorder_.event(wire::DeviceReport{"desired", "expired",
                                       "version " + std::to_string(desired.version) + ", now " + where},
                    now, step);
    link(now, step);
  }
  std::vector<Bytes> late;
  for (const auto& [id, command] : under_way_)
    if (command.acted && now.mono >= *command.acted + longest_act) late.push_back(id);
  for (const Bytes& id : late) conclude(id, "failed", "no outcome within 30 s", now, step);
}

}  // namespace tocsin::flow
