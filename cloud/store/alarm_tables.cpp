#include <algorithm>

#include "cloud/alarms/document.h"
#include "cloud/store/sqlite_tables.h"

namespace tocsin::cloud {
namespace {

// Columns 0..2 are document, epoch, seq.
Alarm alarm_of(const Query& row) {
  auto alarm = from_document(row.text(0));
  if (!alarm) throw SQLite::Exception("alarm row: " + alarm.error().detail);
  alarm->epoch = row.u64(1);
  alarm->seq = row.u64(2);
  return std::move(*alarm);
}

std::vector<Alarm> alarms_of(Query& rows) {
  std::vector<Alarm> list;
  while (rows.step()) list.push_back(alarm_of(rows));
  return list;
}

bool listed(const AlarmQuery& query, const std::string& community, const std::string& gateway,
            const std::string& cls) {
  const auto among = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  if (!query.communities.empty() && !among(query.communities, community)) return false;
  const bool may_be_inhibited = cls == "fault" || cls == "disabled" || cls == "supervisory";
  return !(may_be_inhibited && among(query.inhibited, gateway));
}

}  // namespace

std::optional<Alarm> AlarmTables::alarm(const std::string& id) {
  Query row = db_.query("SELECT document, epoch, seq FROM alarm WHERE alarm_id=?");
  return row.bind(id).step() ? std::optional(alarm_of(row)) : std::nullopt;
}

std::optional<Alarm> AlarmTables::open_alarm(const std::string& gateway, const alarm::Key& key) {
  Query row = db_.query(
      "SELECT document, epoch, seq FROM alarm WHERE open AND gateway=? AND device=? AND point=? "
      "AND rule=? ORDER BY number DESC LIMIT 1");
  row.bind(gateway).bind(key.device).bind(key.point).bind(key.rule);
  return row.step() ? std::optional(alarm_of(row)) : std::nullopt;
}

std::vector<Alarm> AlarmTables::open_alarms_of(const std::string& gateway) {
  Query rows = db_.query("SELECT document, epoch, seq FROM alarm WHERE open AND gateway=? ORDER BY number");
  rows.bind(gateway);
  return alarms_of(rows);
}

void AlarmTables::save(const Alarm& a) {
  const std::string document = to_document(a, Audience::operators);
  const std::string cls{name_of(a.cls)};
  Query row = db_.query(R"sql(
      INSERT INTO alarm (alarm_id, gateway, community, adcode, device, point, rule, class, open, epoch, seq, document, feed_seq)
      VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
      ON CONFLICT (alarm_id) DO UPDATE SET
        community=excluded.community, adcode=excluded.adcode, class=excluded.class, open=excluded.open,
        epoch=excluded.epoch, seq=excluded.seq, document=excluded.document, feed_seq=excluded.feed_seq)sql");
  row.bind(a.id)
      .bind(a.gateway)
      .bind(a.site.community)
      .bind(a.site.adcode)
      .bind(a.key.device)
      .bind(a.key.point);
  row.bind(a.key.rule).bind(cls).bind(!a.closed).bind(a.epoch).bind(a.seq).bind(document);
  a.feed ? row.bind(a.feed->seq) : row.bind_null();
  row.run();
}

// Numbers first: sorting rows would carry every open document through the sorter for one page of them.
std::vector<std::int64_t> AlarmTables::open_numbers(std::int64_t before) {
  Query rows = db_.query(
      "SELECT number FROM alarm INDEXED BY open_alarm WHERE open AND number < ? ORDER BY number DESC");
  rows.bind(before);
  std::vector<std::int64_t> numbers;
  while (rows.step()) numbers.push_back(rows.integer(0));
  return numbers;
}

std::vector<AlarmRow> AlarmTables::list(const AlarmQuery& query) {
  const std::int64_t before = query.before > 0 ? query.before : INT64_MAX;
  std::vector<AlarmRow> list;
  const auto add = [&](const Query& row) {
    if (query.city_only && row.is_null(5)) return;
    if (!listed(query, row.text(2), row.text(3), row.text(4))) return;
    list.push_back({row.integer(0), row.text(1)});
  };
  if (query.open_only) {
    for (const std::int64_t number : open_numbers(before)) {
      if (list.size() == query.limit) break;
      Query row = db_.query(
          "SELECT number, document, community, gateway, class, feed_seq FROM alarm WHERE number = ?");
      row.bind(number).step();
      add(row);
    }
    return list;
  }
  Query rows = db_.query(
      "SELECT number, document, community, gateway, class, feed_seq FROM alarm WHERE number < ? ORDER BY "
      "number DESC");
  rows.bind(before);
  while (list.size() < query.limit && rows.step()) add(rows);
  return list;
}

std::uint64_t AlarmTables::open_count() {
  Query row = db_.query("SELECT count(*) FROM alarm INDEXED BY open_alarm WHERE open");
  row.step();
  return row.u64(0);
}

}  // namespace tocsin::cloud
