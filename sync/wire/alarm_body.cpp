#include <array>
#include <cstdio>

#include "sync/wire/codec.h"
#include "sync/wire/message.h"
#include "sync/wire/text.h"

namespace tocsin::wire {
namespace {

using alarm::Change;
using alarm::Transition;

constexpr std::array<std::string_view, 6> change_names{"raised",      "stage_rose", "returned",
                                                       "reactivated", "closed",     "marked"};

std::optional<Change> change_of(std::string_view name) {
  for (std::size_t i = 0; i < change_names.size(); ++i)
    if (change_names[i] == name) return static_cast<Change>(i);
  return std::nullopt;
}

void put_state(AlarmChange& out, const Transition& from) {
  out.set_alarm_class(std::string(name_of(from.cls)));
  out.set_stage(std::string(name_of(from.stage)));
  out.set_change(std::string(change_names[static_cast<std::size_t>(from.change)]));
  out.set_active(from.bits.active);
  out.set_latched(from.bits.latched);
  out.set_disabled(from.bits.disabled);
  out.set_test(from.bits.test);
  out.set_out_of_service(from.bits.out_of_service);
  out.set_count(from.count);
}

Result<Transition> transition_of(const AlarmChange& body) {
  const auto cls = alarm_class(body.alarm_class());
  const auto stage = stage_of(body.stage());
  const auto change = change_of(body.change());
  if (!cls || !stage || !change) return fail(Fault::bad_input, "unknown class, stage or change of an alarm");
  if (body.device().empty() || body.point().empty() || body.rule().empty())
    return fail(Fault::bad_input, "an alarm without its key");

  Transition out;
  out.key = {body.device(), body.point(), body.rule()};
  out.alarm_id = body.alarm_id();
  out.cls = *cls;
  out.stage = *stage;
  out.change = *change;
  out.bits = {body.active(), body.latched(), body.disabled(), body.test(), body.out_of_service()};
  out.count = body.count();
  out.zone = body.zone();
  out.value = value_of(body.value());
  out.unit = body.unit();
  if (body.has_threshold()) out.threshold = body.threshold();
  out.cause.assign(body.cause().begin(), body.cause().end());
  if (body.has_source_ms()) out.t_source = utc_of(body.source_ms());
  out.t_detected = stamp_of(body.detected());
  out.inferred = body.inferred();
  out.reason = body.reason();
  return out;
}

}  // namespace

std::string alarm_id(const std::string& gateway, std::uint64_t epoch, std::uint64_t seq) {
  std::array<char, 48> tail{};
  std::snprintf(tail.data(), tail.size(), "-%016llx-%llu", static_cast<unsigned long long>(epoch),
                static_cast<unsigned long long>(seq));
  return gateway + tail.data();
}

Bytes encode_change(const Transition& transition, const std::string& floor) {
  AlarmBody body;
  AlarmChange& out = *body.mutable_change();
  out.set_device(transition.key.device);
  out.set_point(transition.key.point);
  out.set_rule(transition.key.rule);
  out.set_alarm_id(transition.alarm_id);
  put_state(out, transition);
  out.set_zone(transition.zone);
  out.set_floor(clean_text(floor));
  put(*out.mutable_value(), transition.value);
  out.set_unit(clean_text(transition.unit));
  if (transition.threshold) out.set_threshold(*transition.threshold);
  for (const std::string& cause : transition.cause) out.add_cause(clean_text(cause));
  if (transition.t_source) out.set_source_ms(utc_ms(*transition.t_source));
  put(*out.mutable_detected(), transition.t_detected);
  out.set_inferred(transition.inferred);
  out.set_reason(clean_text(transition.reason));
  return to_bytes(body);
}

Bytes encode_effect(const EffectReport& report) {
  AlarmBody body;
  EffectOutcome& out = *body.mutable_effect();
  out.set_alarm_id(report.alarm_id);
  out.set_effect(report.effect);
  out.set_desired(clean_text(report.desired));
  out.set_outcome(report.outcome);
  put(*out.mutable_at(), report.at);
  return to_bytes(body);
}

Result<DecodedAlarmBody> decode_alarm_body(ByteView data) {
  AlarmBody body;
  if (!parse(data, body)) return fail(Fault::bad_input, "no AlarmBody");
  DecodedAlarmBody decoded;
  if (body.has_change()) {
    const auto transition = transition_of(body.change());
    if (!transition) return transition.error();
    decoded.change = *transition;
    decoded.floor = body.change().floor();
    return decoded;
  }
  if (!body.has_effect()) return fail(Fault::bad_input, "an alarm record of unknown kind");
  const EffectOutcome& effect = body.effect();
  if (effect.effect().empty()) return fail(Fault::bad_input, "an outcome without its effect");
  decoded.effect = {effect.alarm_id(), effect.effect(), effect.desired(), effect.outcome(),
                    stamp_of(effect.at())};
  return decoded;
}

}  // namespace tocsin::wire
