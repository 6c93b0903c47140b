#include "sync/outbox/rows.h"

#include "core/bytes/checksum.h"

namespace tocsin::outbox {
namespace {

ByteView view_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A row that was written to another place is as wrong as a flipped bit, so its address is under the checksum.
std::int64_t record_crc(Lane lane, std::uint64_t seq, std::int64_t stored_ms, ByteView body) {
  Bytes head;
  bytes::Writer out(head);
  out.u8(static_cast<std::uint8_t>(lane));
  out.u64_le(seq);
  out.u64_le(static_cast<std::uint64_t>(stored_ms));
  return bytes::crc32c(body, bytes::crc32c(head));
}

std::int64_t state_crc(const StatePut& put) {
  Bytes head;
  bytes::Writer out(head);
  out.u32_le(static_cast<std::uint32_t>(put.kind.size()));
  out.raw(view_of(put.kind));
  out.raw(view_of(put.key));
  return bytes::crc32c(put.body, bytes::crc32c(head));
}

std::int64_t acked_crc(Lane lane, std::int64_t hour, std::uint64_t upto) {
  Bytes all;
  bytes::Writer out(all);
  out.u8(static_cast<std::uint8_t>(lane));
  out.u64_le(static_cast<std::uint64_t>(hour));
  out.u64_le(upto);
  return bytes::crc32c(all);
}

}  // namespace

std::string table_of(Lane lane) {
  switch (lane) {
    case Lane::alarm: return "alarm";
    case Lane::event: return "event";
    case Lane::data: return "data";
  }
  return "none";
}

std::int64_t to_ms(UtcTime time) {
  return time.time_since_epoch().count();
}

Result<LaneTable> LaneTable::open(Db& db, Lane lane) {
  const std::string table = table_of(lane);
  LaneTable result;
  result.lane_ = lane;
  const std::pair<Statement*, std::string> all[] = {
      {&result.insert_, "INSERT INTO " + table + "(seq, stored, crc, body) VALUES (?, ?, ?, ?)"},
      {&result.from_, "SELECT seq, stored, crc, body FROM " + table + " WHERE seq >= ? ORDER BY seq"},
      {&result.erase_, "DELETE FROM " + table + " WHERE seq BETWEEN ? AND ?"},
      {&result.first_, "SELECT min(seq) FROM " + table},
      {&result.last_, "SELECT max(seq) FROM " + table}};
  for (const auto& [statement, sql] : all) {
    Result<Statement> prepared = db.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return result;
}

Status LaneTable::insert(const Record& record, UtcTime stored) {
  insert_.bind(static_cast<std::int64_t>(record.seq)).bind(to_ms(stored));
  insert_.bind(record_crc(lane_, record.seq, to_ms(stored), record.body)).bind(ByteView(record.body));
  return insert_.run();
}

Row LaneTable::current() const {
  const ByteView body = from_.bytes(3);
  Row row;
  row.record.seq = static_cast<std::uint64_t>(from_.integer(0));
  row.record.stored = UtcTime(std::chrono::milliseconds(from_.integer(1)));
  row.record.body.assign(body.begin(), body.end());
  row.intact = from_.integer(2) == record_crc(lane_, row.record.seq, to_ms(row.record.stored), body);
  return row;
}

Result<std::optional<Row>> LaneTable::at(std::uint64_t seq) {
  std::optional<Row> found;
  const auto take_first = [&](Row row) {
    if (row.record.seq == seq) found = std::move(row);
    return false;
  };
  if (Status read = each(seq, take_first); !read) return read.error();
  return found;
}

Status LaneTable::erase(std::uint64_t from, std::uint64_t to) {
  return erase_.bind(static_cast<std::int64_t>(from)).bind(static_cast<std::int64_t>(to)).run();
}

Result<std::optional<std::uint64_t>> LaneTable::optional_seq(Statement& query) {
  const Result<bool> row = query.next_row();
  if (!row) return row.error();
  std::optional<std::uint64_t> seq;
  if (*row && query.integer(0) > 0) seq = static_cast<std::uint64_t>(query.integer(0));
  query.reset();
  return seq;
}

Result<std::optional<std::uint64_t>> LaneTable::first() {
  return optional_seq(first_);
}
Result<std::optional<std::uint64_t>> LaneTable::last() {
  return optional_seq(last_);
}

Result<std::vector<StateRow>> all_states(Db& db) {
  Result<Statement> query = db.prepare("SELECT kind, key, crc, body FROM state ORDER BY kind, key");
  if (!query) return query.error();
  std::vector<StateRow> rows;
  for (;;) {
    const Result<bool> row = query->next_row();
    if (!row) return row.error();
    if (!*row) return rows;
    const ByteView body = query->bytes(3);
    StateRow next{{query->text(0), query->text(1), Bytes(body.begin(), body.end())}, true};
    next.intact = query->integer(2) == state_crc(next.put);
    rows.push_back(std::move(next));
  }
}

Status put_state(Db& db, const StatePut& put) {
  const bool keep = !put.body.empty();
  const Result<Statement*> statement =
      db.cached(keep ? "INSERT OR REPLACE INTO state(kind, key, crc, body) VALUES (?, ?, ?, ?)"
                     : "DELETE FROM state WHERE kind = ? AND key = ?");
  if (!statement) return statement.error();
  (*statement)->bind(std::string_view(put.kind)).bind(std::string_view(put.key));
  if (keep) (*statement)->bind(state_crc(put)).bind(ByteView(put.body));
  return (*statement)->run();
}

Result<std::vector<AckedRow>> all_acked(Db& db, Lane lane) {
  Result<Statement> query = db.prepare("SELECT hour, upto, crc FROM acked WHERE lane = ? ORDER BY hour");
  if (!query) return query.error();
  query->bind(static_cast<std::int64_t>(lane));
  std::vector<AckedRow> rows;
  for (;;) {
    const Result<bool> row = query->next_row();
    if (!row) return row.error();
    if (!*row) return rows;
    AckedRow next{query->integer(0), static_cast<std::uint64_t>(query->integer(1)), true};
    next.intact = query->integer(2) == acked_crc(lane, next.hour, next.upto);
    rows.push_back(next);
  }
}

Status put_acked(Db& db, Lane lane, std::int64_t hour, std::uint64_t upto) {
  const Result<Statement*> put =
      db.cached("INSERT OR REPLACE INTO acked(lane, hour, upto, crc) VALUES (?, ?, ?, ?)");
  if (!put) return put.error();
  (*put)->bind(static_cast<std::int64_t>(lane)).bind(hour).bind(static_cast<std::int64_t>(upto));
  return (*put)->bind(acked_crc(lane, hour, upto)).run();
}

Status erase_acked_before(Db& db, Lane lane, std::int64_t hour) {
  const Result<Statement*> erase = db.cached(
      "DELETE FROM acked WHERE lane = ?1 AND hour < ?2 AND upto < (SELECT max(upto) FROM acked WHERE lane = "
      "?1)");
  if (!erase) return erase.error();
  return (*erase)->bind(static_cast<std::int64_t>(lane)).bind(hour).run();
}

Result<std::optional<std::uint64_t>> meta_number(Db& db, const std::string& name) {
  Result<Statement> query = db.prepare("SELECT value FROM meta WHERE name = ?");
  if (!query) return query.error();
  const Result<bool> row = query->bind(std::string_view(name)).next_row();
  if (!row) return row.error();
  if (!*row) return std::optional<std::uint64_t>{};
  return std::optional(static_cast<std::uint64_t>(query->integer(0)));
}

Status set_meta(Db& db, const std::string& name, std::uint64_t value) {
  Result<Statement> put = db.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)");
  if (!put) return put.error();
  return put->bind(std::string_view(name)).bind(static_cast<std::int64_t>(value)).run();
}

Result<std::string> meta_text(Db& db, const std::string& name) {
  Result<Statement> query = db.prepare("SELECT value FROM meta WHERE name = ?");
  if (!query) return query.error();
  const Result<bool> row = query->bind(std::string_view(name)).next_row();
  if (!row) return row.error();
  return *row ? query->text(0) : std::string{};
}

Status set_meta(Db& db, const std::string& name, const std::string& text) {
  Result<Statement> change =
      db.prepare(text.empty() ? "DELETE FROM meta WHERE name = ?"
                              : "INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)");
  if (!change) return change.error();
  change->bind(std::string_view(name));
  if (!text.empty()) change->bind(std::string_view(text));
  return change->run();
}

std::string floor_name(Lane lane) {
  return "floor." + table_of(lane);
}

}  // namespace tocsin::outbox
