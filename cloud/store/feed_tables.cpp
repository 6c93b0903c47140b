#include "cloud/store/sqlite_tables.h"

namespace tocsin::cloud {
namespace {

// Columns: seq, alarm_id, topic, closed, body, created, latest.
std::vector<FeedEntry> entries_of(Query& rows, const std::string& adcode) {
  std::vector<FeedEntry> list;
  while (rows.step())
    list.push_back({adcode, rows.u64(0), rows.text(1), rows.text(2), rows.integer(3) != 0,
                    rows.integer(6) != 0, rows.text(4), rows.time(5)});
  return list;
}

}  // namespace

FeedHead FeedTables::head(const std::string& adcode) {
  FeedHead found;
  {
    Query epoch = db_.query("SELECT value FROM setting WHERE name='feed_epoch'");
    if (epoch.step()) found.epoch = std::stoull(epoch.text(0));
  }
  Query row = db_.query("SELECT head, published FROM feed_head WHERE adcode=?");
  if (row.bind(adcode).step()) {
    found.head = row.u64(0);
    found.published = row.u64(1);
  }
  return found;
}

void FeedTables::append(const FeedEntry& entry) {
  db_.query("INSERT INTO feed (adcode, seq, alarm_id, topic, closed, body, created) VALUES (?,?,?,?,?,?,?)")
      .bind(entry.adcode)
      .bind(entry.seq)
      .bind(entry.alarm_id)
      .bind(entry.topic)
      .bind(entry.closed)
      .bind(entry.body)
      .bind(entry.created)
      .run();
  db_.query("INSERT INTO feed_head VALUES (?,?,0) ON CONFLICT DO UPDATE SET head=excluded.head")
      .bind(entry.adcode)
      .bind(entry.seq)
      .run();
}

std::vector<FeedEntry> FeedTables::entries(const std::string& adcode, std::uint64_t from, std::size_t limit) {
  Query rows = db_.query(R"sql(
      SELECT f.seq, f.alarm_id, f.topic, f.closed, f.body, f.created,
             coalesce((SELECT a.feed_seq FROM alarm a WHERE a.alarm_id=f.alarm_id), f.seq) = f.seq
      FROM feed f WHERE f.adcode=? AND f.seq>=? ORDER BY f.seq LIMIT ?)sql");
  rows.bind(adcode).bind(from).bind(std::uint64_t{limit});
  return entries_of(rows, adcode);
}

std::vector<FeedEntry> FeedTables::open(const std::string& adcode) {
  Query rows = db_.query(R"sql(
      SELECT f.seq, f.alarm_id, f.topic, f.closed, f.body, f.created, 1
      FROM alarm a JOIN feed f ON f.adcode=a.adcode AND f.seq=a.feed_seq
      WHERE a.open AND a.adcode=? ORDER BY f.seq LIMIT 50000)sql");
  rows.bind(adcode);
  return entries_of(rows, adcode);
}

void FeedTables::set_published(const std::string& adcode, std::uint64_t upto) {
  db_.query("UPDATE feed_head SET published=max(published, ?) WHERE adcode=?").bind(upto).bind(adcode).run();
}

// The log is in the order of its age: what is old stands before the first young entry. Old entries of open
// alarms stay, so the search for that entry passes a few of them.
void FeedTables::trim(UtcTime before, std::size_t limit) {
  db_.query(R"sql(
      DELETE FROM feed WHERE (adcode, seq) IN (
        SELECT f.adcode, f.seq FROM feed_head h JOIN feed f ON f.adcode=h.adcode AND f.seq <= h.published
          AND f.seq < coalesce((SELECT y.seq FROM feed y WHERE y.adcode=h.adcode AND y.created >= ?1
                                ORDER BY y.seq LIMIT 1), h.head + 1)
        LEFT JOIN alarm a ON a.alarm_id=f.alarm_id AND a.open AND a.feed_seq=f.seq
        WHERE a.number IS NULL ORDER BY f.adcode, f.seq LIMIT ?2))sql")
      .bind(before)
      .bind(std::uint64_t{limit})
      .run();
}

}  // namespace tocsin::cloud
