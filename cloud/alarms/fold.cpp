#include "cloud/alarms/fold.h"

#include <algorithm>

namespace tocsin::cloud {
namespace {

constexpr std::size_t max_effects = 64;  // of one alarm; more are dropped, the oldest stay

// A condition that comes back, or gets worse, wants a person again (ISA-18.2: re-alarm is unacknowledged).
bool calls_again(alarm::Change change) {
  return change == alarm::Change::raised || change == alarm::Change::stage_rose ||
         change == alarm::Change::reactivated;
}

// Back to normal, nothing latched, and a person knows: ISA-18.2 calls this normal.
bool is_settled(const Alarm& a) {
  return !a.bits.active && !a.bits.latched && a.acked;
}

Folded fold_change(const std::optional<Alarm>& before, const wire::DecodedAlarmBody& body,
                   const Arrival& arrival) {
  const alarm::Transition& news = *body.change;
  const bool same_epoch = before && before->epoch == arrival.epoch;
  if (same_epoch && arrival.seq < before->seq) return {};

  Alarm after = before.value_or(Alarm{});
  after.times.source = news.t_source;
  after.times.detected = news.t_detected.utc;
  after.times.stored = arrival.stored;
  after.times.sent = arrival.sent;
  if (same_epoch && arrival.seq == before->seq) return {std::move(after), Effectiveness::filled};

  after.times.cloud = arrival.cloud;
  after.times.feed = arrival.cloud;
  after.id = subject_of(body, arrival);
  after.gateway = arrival.gateway;
  after.site = arrival.site;
  after.floor = body.floor;
  after.zone = news.zone;
  after.key = news.key;
  after.cls = news.cls;
  after.stage = news.stage;
  after.bits = news.bits;
  after.count = news.count;
  after.value = news.value;
  after.unit = news.unit;
  after.threshold = news.threshold;
  after.cause = news.cause;
  if (calls_again(news.change)) after.acked = false;
  after.closed = news.change == alarm::Change::closed || is_settled(after);
  after.epoch = arrival.epoch;
  after.seq = arrival.seq;
  return {std::move(after), Effectiveness::changed, calls_again(news.change)};
}

Folded fold_effect(const std::optional<Alarm>& before, const wire::EffectReport& report,
                   const Arrival& arrival) {
  if (!before) return {};
  Alarm after = *before;
  Effect effect{report.effect, report.desired, report.outcome, report.at.utc};
  const auto known = std::find_if(after.effects.begin(), after.effects.end(), [&](const Effect& e) {
    return e.effect == effect.effect && e.desired == effect.desired;
  });
  if (known != after.effects.end()) {
    *known = std::move(effect);
  } else if (after.effects.size() < max_effects) {
    after.effects.push_back(std::move(effect));
  }
  after.times = {std::nullopt, report.at.utc, arrival.stored, arrival.sent, arrival.cloud, arrival.cloud};
  return {std::move(after), Effectiveness::changed};
}

}  // namespace

Stage told_stage(const Alarm& alarm) {
  return alarm.confirmed ? Stage::confirmed : alarm.stage;
}

std::string_view state_of(const Alarm& alarm) {
  if (alarm.closed) return "closed";
  if (alarm.bits.out_of_service) return "out-of-service";
  if (alarm.bits.disabled) return "disabled";
  if (alarm.shelved_until) return "shelved";
  if (alarm.bits.active) return alarm.acked ? "acknowledged" : "unacknowledged";
  if (alarm.bits.latched) return "latched";
  return "returned-unacknowledged";
}

std::string subject_of(const wire::DecodedAlarmBody& body, const Arrival& arrival) {
  if (body.effect) return body.effect->alarm_id;
  if (body.change && !body.change->alarm_id.empty()) return body.change->alarm_id;
  return wire::alarm_id(arrival.gateway, arrival.epoch, arrival.seq);
}

Folded fold(const std::optional<Alarm>& before, const wire::DecodedAlarmBody& body, const Arrival& arrival) {
  if (body.change) return fold_change(before, body, arrival);
  if (body.effect) return fold_effect(before, *body.effect, arrival);
  return {};
}

}  // namespace tocsin::cloud
