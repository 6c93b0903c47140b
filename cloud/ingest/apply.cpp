#include "cloud/ingest/apply.h"

#include <algorithm>

#include "cloud/alarms/city.h"
#include "cloud/alarms/document.h"
#include "cloud/commands/book.h"
#include "core/bytes/checksum.h"

namespace tocsin::cloud {
namespace {

Arrival arrival_of(const Place& from, std::uint64_t epoch, const session::ReceivedRecord& record,
                   UtcTime now) {
  return {from.gateway, from.site, epoch, record.seq, record.stored, record.sent, now};
}

// A body under an id that was taken makes its own alarm, marked, so that people see both.
Alarm marked_as_conflict(Alarm alarm, const std::string& id) {
  alarm.id = id;
  alarm.identity_conflict = true;
  return alarm;
}

void apply_alarm(Store& store, const wire::DecodedAlarmBody& body, const Arrival& arrival, Applied& applied) {
  Folded folded = fold(store.alarm(subject_of(body, arrival)), body, arrival);
  if (folded.effect == Effectiveness::changed)
    publish_change(store, std::move(*folded.alarm), arrival.cloud, applied, folded.calls);
  else if (folded.effect == Effectiveness::filled)
    store.save_alarm(*folded.alarm);
}

void apply_clash(Store& store, const wire::DecodedAlarmBody& body, const Arrival& arrival, ByteView raw,
                 Applied& applied) {
  Folded folded = fold(std::nullopt, body, arrival);
  if (!folded.alarm) return;  // an effect outcome is no alarm of its own
  const std::string id = subject_of(body, arrival) + "-clash-" + std::to_string(bytes::crc32c(raw));
  publish_change(store, marked_as_conflict(std::move(*folded.alarm), id), arrival.cloud, applied,
                 folded.calls);
}

// What a gateway answers to our orders.
void apply_event(Store& store, const Place& from, ByteView body, UtcTime now) {
  const auto event = wire::decode_event_body(body);
  if (!event) return;
  if (const auto* answer = std::get_if<wire::AnswerReport>(&event->report))
    apply_answer(store, from.gateway, *answer, now);
  if (const auto* desired = std::get_if<wire::DesiredReport>(&event->report))
    apply_desired_version(store, from.gateway, desired->version, VersionFrom::event, now);
}

void apply_record(Store& store, const Place& from, std::uint64_t epoch, wire::Lane lane,
                  const session::ReceivedRecord& record, UtcTime now, Applied& applied) {
  const Inserted inserted = store.insert_record(
      {{from.gateway, epoch, lane, record.seq}, record.body, record.stored, record.sent, now});
  if (inserted == Inserted::repeated) return;
  ++applied.fresh[lane];
  if (inserted == Inserted::new_clash) applied.conflict = true;
  if (lane == wire::Lane::event && inserted == Inserted::fresh) apply_event(store, from, record.body, now);
  if (lane != wire::Lane::alarm) return;
  const auto body = wire::decode_alarm_body(record.body);
  if (!body) {
    ++applied.unreadable;
    return;
  }
  const Arrival arrival = arrival_of(from, epoch, record, now);
  if (inserted == Inserted::fresh)
    apply_alarm(store, *body, arrival, applied);
  else
    apply_clash(store, *body, arrival, record.body, applied);
}

void tell_city(Store& store, Alarm& alarm, UtcTime now, Applied& applied) {
  const FeedHead head = store.feed_head(alarm.site.adcode);
  alarm.feed = FeedMark{head.epoch, head.head + 1};
  alarm.times.feed = now;
  for (FeedEntry& earlier : applied.told)
    if (earlier.alarm_id == alarm.id) earlier.latest = false;
  applied.told.push_back({alarm.site.adcode, alarm.feed->seq, alarm.id, city_topic(alarm), alarm.closed, true,
                          to_document(alarm, Audience::city), now});
  store.append_feed(applied.told.back());
}

}  // namespace

void append_own_record(Store& store, const Place& of, const alarm::Transition& transition, UtcTime now,
                       Applied& applied) {
  const std::uint64_t seq = store.highest_seq(of.gateway, 0, wire::Lane::alarm) + 1;
  const session::ReceivedRecord record{seq, wire::encode_change(transition, ""), now, now};
  apply_record(store, of, 0, wire::Lane::alarm, record, now, applied);
}

void publish_change(Store& store, Alarm alarm, UtcTime now, Applied& applied, bool calls, Tell tell) {
  const bool concerned = tell != Tell::insiders && (alarm.feed || concerns_city(alarm));
  if (tell == Tell::city || concerned) tell_city(store, alarm, now, applied);
  store.save_alarm(alarm);
  store.append_news({0, alarm.id, alarm.site.community, calls, to_document(alarm, Audience::operators), now});
  applied.news = true;
}

Applied apply_records(Store& store, const Place& from, const session::StoreRecords& batch, UtcTime now) {
  Applied applied;
  if (batch.gap_to > 0)
    store.book_gap(
        {from.gateway, batch.epoch, batch.lane, batch.gap_from, batch.gap_to, batch.gap_cause, now});
  for (const session::ReceivedRecord& record : batch.records)
    apply_record(store, from, batch.epoch, batch.lane, record, now, applied);
  store.set_watermark(from.gateway, batch.epoch, batch.lane, batch.upto);
  return applied;
}

Applied apply_now(Store& store, const Place& from, const session::ApplyNow& message, UtcTime now) {
  Applied applied;
  const auto body = wire::decode_alarm_body(message.body);
  if (!body || !body->change) {
    applied.unreadable = 1;
    return applied;
  }
  // The message does not say when it was stored and sent: the record, which does, fills that in.
  const UtcTime detected = body->change->t_detected.utc;
  apply_alarm(store, *body, {from.gateway, from.site, message.epoch, message.seq, detected, now, now},
              applied);
  return applied;
}

Applied apply_silence(Store& store, const Place& of, bool silent, UtcTime now) {
  Applied applied;
  alarm::Transition transition;
  transition.key = silence_key(of.gateway);
  transition.cls = AlarmClass::fault;
  transition.t_detected.utc = now;
  transition.t_detected.clock = ClockQuality::synchronised;
  const auto open = store.open_alarm(of.gateway, transition.key);
  if (open.has_value() == silent) return applied;
  transition.change = silent ? alarm::Change::raised : alarm::Change::closed;
  transition.bits.active = silent;
  transition.reason = silent ? "no message from the gateway for 60 s" : "the gateway is heard again";
  if (open) transition.alarm_id = open->id;
  append_own_record(store, of, transition, now, applied);
  return applied;
}

Applied apply_active(Store& store, const Place& of, std::uint64_t epoch,
                     const std::vector<std::string>& active, UtcTime now) {
  Applied applied;
  for (Alarm& alarm : store.open_alarms_of(of.gateway)) {
    const bool of_this_database = alarm.epoch == epoch || alarm.epoch == 0;
    if (of_this_database || std::find(active.begin(), active.end(), alarm.id) != active.end()) continue;
    alarm.closed = true;
    alarm.bits.active = false;
    alarm.bits.latched = false;
    alarm.times = {std::nullopt, now, now, now, now, now};
    publish_change(store, std::move(alarm), now, applied);
  }
  return applied;
}

}  // namespace tocsin::cloud
