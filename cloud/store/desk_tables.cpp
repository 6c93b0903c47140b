#include "cloud/store/sqlite_tables.h"

namespace tocsin::cloud {
namespace {

CallRow call_of(const Query& row) {
  return {row.text(0), row.time(1), static_cast<int>(row.integer(2)), row.time(3)};
}

}  // namespace

void DeskTables::append_news(const NewsEntry& entry) {
  db_.query("INSERT INTO news (alarm_id, community, calls, created, document) VALUES (?,?,?,?,?)")
      .bind(entry.alarm_id)
      .bind(entry.community)
      .bind(entry.calls)
      .bind(entry.created)
      .bind(entry.document)
      .run();
}

std::vector<NewsEntry> DeskTables::news(std::uint64_t after, std::size_t limit) {
  Query rows = db_.query(
      "SELECT number, alarm_id, community, calls, document, created FROM news WHERE number > ? ORDER BY "
      "number "
      "LIMIT ?");
  rows.bind(after).bind(std::uint64_t{limit});
  std::vector<NewsEntry> list;
  while (rows.step())
    list.push_back(
        {rows.u64(0), rows.text(1), rows.text(2), rows.integer(3) != 0, rows.text(4), rows.time(5)});
  return list;
}

NewsRange DeskTables::news_range() {
  Query row = db_.query(
      "SELECT coalesce((SELECT min(number) FROM news), 0), coalesce((SELECT max(number) FROM news), 0)");
  row.step();
  return {row.u64(0), row.u64(1)};
}

// The newest stays, so that numbers go on from it.
void DeskTables::trim_news(UtcTime before, std::uint64_t upto, std::size_t limit) {
  Query remove = db_.query(R"sql(
      DELETE FROM news WHERE number IN (
        SELECT number FROM news WHERE number <= ? AND number < (SELECT max(number) FROM news)
        ORDER BY number LIMIT ?) AND created < ?)sql");
  remove.bind(upto).bind(std::uint64_t{limit}).bind(before).run();
}

std::optional<CallRow> DeskTables::call(const std::string& alarm_id) {
  Query row = db_.query("SELECT alarm_id, opened, step, due FROM call WHERE alarm_id=?");
  return row.bind(alarm_id).step() ? std::optional(call_of(row)) : std::nullopt;
}

void DeskTables::save_call(const CallRow& call) {
  db_.query(
         "INSERT INTO call VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET opened=excluded.opened, "
         "step=excluded.step, due=excluded.due")
      .bind(call.alarm_id)
      .bind(call.opened)
      .bind(std::int64_t{call.step})
      .bind(call.due)
      .run();
}

void DeskTables::remove_call(const std::string& alarm_id) {
  db_.query("DELETE FROM call WHERE alarm_id=?").bind(alarm_id).run();
}

std::vector<CallRow> DeskTables::calls_due(UtcTime now, std::size_t limit) {
  Query rows = db_.query("SELECT alarm_id, opened, step, due FROM call WHERE due <= ? ORDER BY due LIMIT ?");
  rows.bind(now).bind(std::uint64_t{limit});
  std::vector<CallRow> list;
  while (rows.step()) list.push_back(call_of(rows));
  return list;
}

std::optional<UtcTime> DeskTables::next_call() {
  Query row = db_.query("SELECT due FROM call ORDER BY due LIMIT 1");
  return row.step() ? std::optional(row.time(0)) : std::nullopt;
}

void NoticeTables::add(const Notice& notice) {
  db_.query(
         "INSERT INTO notice (target, alarm_id, urgent, call, created, due, attempts, unclear, body) "
         "VALUES (?,?,?,?,?,?,0,0,?)")
      .bind(notice.target)
      .bind(notice.alarm_id)
      .bind(notice.urgent)
      .bind(notice.call)
      .bind(notice.created)
      .bind(notice.due)
      .bind(notice.body)
      .run();
}

std::vector<Notice> NoticeTables::due(const std::string& target, UtcTime now, std::size_t limit) {
  Query rows = db_.query(
      "SELECT number, alarm_id, urgent, call, created, due, attempts, unclear, body FROM notice "
      "WHERE target=? AND due <= ? ORDER BY urgent DESC, number LIMIT ?");
  rows.bind(target).bind(now).bind(std::uint64_t{limit});
  std::vector<Notice> list;
  while (rows.step())
    list.push_back({rows.u64(0), target, rows.text(1), rows.integer(2) != 0, rows.integer(3) != 0,
                    rows.time(4), rows.time(5), static_cast<int>(rows.integer(6)), rows.integer(7) != 0,
                    rows.text(8)});
  return list;
}

void NoticeTables::save_attempt(std::uint64_t number, UtcTime due, int attempts, bool unclear) {
  db_.query("UPDATE notice SET due=?, attempts=?, unclear=? WHERE number=?")
      .bind(due)
      .bind(std::int64_t{attempts})
      .bind(unclear)
      .bind(number)
      .run();
}

void NoticeTables::remove(std::uint64_t number) {
  db_.query("DELETE FROM notice WHERE number=?").bind(number).run();
}

std::map<std::string, std::uint64_t> NoticeTables::waiting() {
  Query rows = db_.query("SELECT target, count(*) FROM notice GROUP BY target");
  std::map<std::string, std::uint64_t> counts;
  while (rows.step()) counts[rows.text(0)] = rows.u64(1);
  return counts;
}

std::uint64_t NoticeTables::trim(UtcTime before, std::size_t limit) {
  Query remove =
      db_.query("DELETE FROM notice WHERE number IN (SELECT number FROM notice WHERE created < ? LIMIT ?)");
  return static_cast<std::uint64_t>(remove.bind(before).bind(std::uint64_t{limit}).run());
}

}  // namespace tocsin::cloud
