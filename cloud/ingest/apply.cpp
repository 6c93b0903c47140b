#include "cloud/ingest/apply.h"

#include <algorithm>

#include "cloud/alarms/city.h"
#include "cloud/alarms/document.h"
#include "cloud/alarms/fold.h"

namespace tocsin::cloud {
namespace {

void fold_body(Store& store, const GatewayContext& context, std::uint64_t epoch,
               const session::ReceivedRecord& record, bool clash, UtcTime now, Applied& applied) {
  const auto body = wire::decode_alarm_body(record.body);
  if (!body) {
    ++applied.undecodable;
    return;
  }
  const Arrival arrival{context.gateway, context.site, epoch, record.seq, record.stored, record.sent, now};
  const auto subject = subject_of(*body, arrival);
  auto folded = fold(store.alarm(subject), *body, arrival);
  if (!folded.alarm || folded.effect == Effectiveness::nothing) return;
  folded.alarm->identity_conflict = folded.alarm->identity_conflict || clash;
  publish(store, std::move(*folded.alarm), folded.effect == Effectiveness::changed, now, applied);
}

std::string own_id(Store& store, const std::string& gateway) {
  const auto last = store.setting("own-alarms/" + gateway);
  const std::uint64_t number = (last ? std::stoull(*last) : 0) + 1;
  store.set_setting("own-alarms/" + gateway, std::to_string(number));
  return wire::alarm_id(gateway, 0, number);  // epoch 0: the cloud's own
}

}  // namespace

void publish(Store& store, Alarm alarm, bool news, UtcTime now, Applied& applied) {
  const bool told_before = alarm.feed.has_value();
  if (news && (concerns_city(alarm) || told_before)) {
    auto head = store.feed_head(alarm.site.adcode);
    alarm.feed = FeedMark{head.epoch, head.head + 1};
    alarm.times.feed = now;
    FeedEntry entry;
    entry.adcode = alarm.site.adcode;
    entry.seq = head.head + 1;
    entry.alarm_id = alarm.id;
    entry.topic = city_topic(alarm);
    entry.closed = alarm.closed;
    entry.body = to_document(alarm, Audience::city);
    entry.created = now;
    store.append_feed(entry);
  }
  store.save_alarm(alarm);
  if (news) applied.documents.push_back(to_document(alarm, Audience::operators));
}

Applied apply_records(Store& store, const GatewayContext& context, const session::StoreRecords& records,
                      UtcTime now) {
  Applied applied;
  if (records.gap_from != 0)
    store.book_gap({context.gateway, records.epoch, records.lane, records.gap_from, records.gap_to,
                    records.gap_cause, now});
  for (const auto& record : records.records) {
    const RecordId id{context.gateway, records.epoch, records.lane, record.seq};
    const auto inserted = store.insert_record({id, record.body, record.stored, record.sent, now});
    const bool clash = inserted == Inserted::new_clash;
    applied.conflict = applied.conflict || clash;
    if (records.lane == wire::Lane::alarm && inserted != Inserted::repeated)
      fold_body(store, context, records.epoch, record, clash, now, applied);
  }
  store.set_watermark(context.gateway, records.epoch, records.lane, records.upto);
  return applied;
}

Applied apply_now(Store& store, const GatewayContext& context, const session::ApplyNow& news, UtcTime now) {
  Applied applied;
  fold_body(store, context, news.epoch, {news.seq, news.body, now, now}, false, now, applied);
  return applied;
}

void apply_identity(Store& store, const std::string& gateway, const session::StoreIdentity& identity) {
  GatewayRow row;
  row.id = gateway;
  row.epoch = identity.state.epoch;
  row.db_nonce = identity.state.db_nonce;
  row.identity_conflict = identity.state.identity_conflict;
  row.software = identity.software;
  store.save_gateway(row);
}

Applied apply_own(Store& store, const GatewayContext& context, const OwnAlarm& own, UtcTime now) {
  Applied applied;
  auto open = store.open_alarm(context.gateway, own.key);
  if (open.has_value() == own.active) return applied;
  Alarm alarm = open.value_or(Alarm{});
  if (!open) {
    alarm.id = own_id(store, context.gateway);
    alarm.gateway = context.gateway;
    alarm.site = context.site;
    alarm.key = own.key;
    alarm.cls = AlarmClass::fault;
    alarm.cause = {own.reason};
  }
  alarm.bits.active = own.active;
  alarm.closed = !own.active;
  alarm.times = {std::nullopt, now, now, now, now, now};
  publish(store, std::move(alarm), true, now, applied);
  return applied;
}

}  // namespace tocsin::cloud
