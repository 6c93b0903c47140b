#include "sync/outbox/inspect.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include <sqlite3.h>

#include "sync/outbox/migrations.h"
#include "sync/outbox/rows.h"

namespace tocsin::outbox {
namespace {

constexpr auto check_limit = std::chrono::seconds(5);  // a gateway must not stand still for a large file

void add_sentence(std::string& text, const std::string& sentence) {
  if (!text.empty()) text += " ";
  text += sentence;
}

using Deadline = std::chrono::steady_clock::time_point;

// Limits the statements of a scope.
class TimeLimit {
 public:
  TimeLimit(Db& db, Deadline deadline) : db_(db) { db_.limit_time(deadline); }
  ~TimeLimit() { db_.limit_time(std::nullopt); }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  Db& db_;
};

Status check_structure(Db& db, Deadline deadline) {
  const TimeLimit limit(db, deadline);
  Result<Statement> check = db.prepare("PRAGMA quick_check(1)");
  if (!check) return check.error();
  const Result<bool> row = check->next_row();
  if (!row) return is_interrupted(row.error()) ? Status{} : Status{row.error()};
  const std::string verdict = *row ? check->text(0) : "no answer";
  if (verdict != "ok") return damaged(verdict);
  return {};
}

Result<Identity> read_identity(Db& db) {
  Identity identity;
  const std::pair<const char*, std::uint64_t*> all[] = {{"epoch", &identity.epoch},
                                                        {"previous_epoch", &identity.previous_epoch},
                                                        {"db_nonce", &identity.db_nonce}};
  for (const auto& [name, value] : all) {
    const Result<std::optional<std::uint64_t>> number = meta_number(db, name);
    if (!number) return number.error();
    *value = number->value_or(0);
  }
  return identity;
}

Status settle_identity(Db& db, const std::optional<IdentityFile>& beside, Findings& found) {
  const Result<Identity> inside = read_identity(db);
  if (!inside) return inside.error();
  found.identity = *inside;
  if (inside->epoch == 0) {
    if (beside) return damaged("the database has no identity");
    found.created = true;
    found.identity = draw_identity(0);
    Transaction transaction(db);
    if (Status begun = transaction.begin(); !begun) return begun;
    if (Status stored = store_identity(db, found.identity); !stored) return stored;
    return transaction.commit();
  }
  // A file that replaced a damaged one names its epoch as previous; the start may have ended before the file
  // beside followed.
  const bool known =
      !beside || beside->identity.epoch == inside->epoch || beside->identity.epoch == inside->previous_epoch;
  if (!known) return damaged("the database is another one than before");
  return {};
}

// Seq of rows whose checksum is wrong; stops early without an error when the time for checks is over.
Result<std::vector<std::uint64_t>> damaged_records(Db& db, LaneTable& table, Deadline deadline) {
  const TimeLimit limit(db, deadline);
  std::vector<std::uint64_t> bad;
  const auto note = [&](const Row& row) {
    if (!row.intact) bad.push_back(row.record.seq);
    return true;
  };
  if (Status read = table.each(0, note); !read && !is_interrupted(read.error())) return read.error();
  return bad;
}

Status drop_damaged_records(Db& db, Lane lane, LaneTable& table, Deadline deadline, std::string& lost) {
  const Result<std::vector<std::uint64_t>> bad = damaged_records(db, table, deadline);
  if (!bad) return bad.error();
  for (const std::uint64_t seq : *bad) {
    if (Status erased = table.erase(seq, seq); !erased) return erased;
    const Result<std::optional<std::uint64_t>> floor = meta_number(db, floor_name(lane));
    if (!floor) return floor.error();
    if (Status set = set_meta(db, floor_name(lane), std::max(seq, floor->value_or(0))); !set) return set;
    add_sentence(
        lost, "Record " + std::to_string(seq) + " of lane " + table_of(lane) + " was damaged and is gone.");
  }
  return {};
}

Status drop_damaged_states(Db& db, std::string& lost) {
  const Result<std::vector<StateRow>> states = all_states(db);
  if (!states) return states.error();
  for (const StateRow& row : *states) {
    if (row.intact) continue;
    if (Status dropped = put_state(db, {row.put.kind, row.put.key, {}}); !dropped) return dropped;
    add_sentence(lost, "State " + row.put.kind + " " + row.put.key + " was damaged and is gone.");
  }
  return {};
}

// Highest seq that the cloud has, by the rows whose checksum fits.
Result<std::uint64_t> acked_upto(Db& db, Lane lane) {
  const Result<std::vector<AckedRow>> rows = all_acked(db, lane);
  if (!rows) return rows.error();
  std::uint64_t upto = 0;
  for (const AckedRow& row : *rows) {
    if (row.intact) upto = std::max(upto, row.upto);
  }
  return upto;
}

Result<LaneState> lane_state(Db& db, Lane lane, LaneTable& table) {
  const Result<std::optional<std::uint64_t>> first = table.first();
  if (!first) return first.error();
  const Result<std::optional<std::uint64_t>> last = table.last();
  if (!last) return last.error();
  const Result<std::optional<std::uint64_t>> floor = meta_number(db, floor_name(lane));
  if (!floor) return floor.error();
  const Result<std::uint64_t> acked = acked_upto(db, lane);
  if (!acked) return acked.error();
  LaneState state;
  state.acked = *acked;
  state.head = std::max({last->value_or(0), floor->value_or(0), *acked});
  state.first = first->value_or(state.head + 1);
  return state;
}

// Compares the lane with what the file beside remembers. Raises the head where seqs may have been used that a
// power cut took.
Status check_mark(Db& db, const Options& options, const std::optional<IdentityFile>& beside, Lane lane,
                  Findings& found) {
  LaneState& state = found.lanes[lane];
  const bool same_epoch = beside && beside->identity.epoch == found.identity.epoch;
  const bool has_mark = same_epoch && beside->marks.count(lane) == 1;
  const std::uint64_t mark = has_mark ? beside->marks.at(lane).seq : 0;
  if (options.durability == Durability::every_commit) {
    if (state.head >= mark) return {};
    return damaged("lane " + table_of(lane) + " ends at " + std::to_string(state.head) + ", but " +
                   std::to_string(mark) + " was stored");
  }
  const std::string boot = options.boot.empty() ? current_boot() : options.boot;
  const bool same_boot = has_mark && beside->boot == boot && boot != unknown_boot;
  const bool forgotten = !beside && state.head > 0;  // nobody knows how far the lane had come
  const std::uint64_t lowest = forgotten ? state.head + seq_reservation : mark;
  if (same_boot || state.head >= lowest) return {};
  add_sentence(found.lost, "Records of lane " + table_of(lane) + " after " + std::to_string(state.head) +
                               " may be missing since the power was cut.");
  if (state.first == state.head + 1) state.first = lowest + 1;
  state.head = lowest;
  return set_meta(db, floor_name(lane), lowest);
}

Status check_rows(Db& db, const Options& options, const std::optional<IdentityFile>& beside,
                  Deadline deadline, Findings& found) {
  Result<std::string> pending = meta_text(db, "lost");
  if (!pending) return pending.error();
  found.lost = *pending;
  Transaction transaction(db);
  if (Status begun = transaction.begin(); !begun) return begun;
  for (const Lane lane : options.lanes) {
    Result<LaneTable> table = LaneTable::open(db, lane);
    if (!table) return table.error();
    if (Status dropped = drop_damaged_records(db, lane, *table, deadline, found.lost); !dropped)
      return dropped;
    const Result<LaneState> state = lane_state(db, lane, *table);
    if (!state) return state.error();
    found.lanes[lane] = *state;
    if (Status checked = check_mark(db, options, beside, lane, found); !checked) return checked;
  }
  if (Status dropped = drop_damaged_states(db, found.lost); !dropped) return dropped;
  if (found.lost == *pending) return {};  // nothing changed: nothing to write
  if (Status noted = set_meta(db, "lost", found.lost); !noted) return noted;
  return transaction.commit();
}

}  // namespace

std::string synchronous_pragma(Durability durability) {
  return durability == Durability::every_commit ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
}

Error damaged(const std::string& what) {
  return to_error(SQLITE_CORRUPT, what);
}

Identity draw_identity(std::uint64_t previous_epoch) {
  std::random_device random;
  const auto draw = [&random] {
    return std::uint64_t{random()} << 32 | random() | 1;
  };  // never 0: that means none
  return {draw(), previous_epoch, draw()};
}

Status store_identity(Db& db, const Identity& identity) {
  if (Status set = set_meta(db, "epoch", identity.epoch); !set) return set;
  if (Status set = set_meta(db, "previous_epoch", identity.previous_epoch); !set) return set;
  return set_meta(db, "db_nonce", identity.db_nonce);
}

Result<Db> open_database(const std::filesystem::path& file, const Options& options, const std::string& vfs) {
  Result<Db> db = Db::open(file, vfs);
  if (!db) return db;
  const Result<std::int64_t> version = db->integer("PRAGMA user_version");
  if (!version) return version.error();
  if (Status known = check_version(*version); !known) return known.error();
  const bool frees_space =
      options.durability == Durability::at_checkpoint;  // an alarm file keeps the room it has
  if (*version == 0 && frees_space) {
    if (Status set = db->run("PRAGMA auto_vacuum=INCREMENTAL"); !set) return set.error();
  }
  if (Status set = db->run("PRAGMA journal_mode=WAL"); !set) return set.error();
  if (Status set = db->run(synchronous_pragma(options.durability)); !set) return set.error();
  if (Status done = migrate(*db); !done) return done.error();
  return db;
}

Result<Findings> inspect(Db& db, const Options& options, const std::optional<IdentityFile>& beside) {
  Findings found;
  const Deadline deadline = std::chrono::steady_clock::now() + check_limit;
  Status checked = check_structure(db, deadline);
  if (checked) checked = settle_identity(db, beside, found);
  if (checked) checked = check_rows(db, options, beside, deadline, found);
  if (!checked) return checked.error();
  return found;
}

}  // namespace tocsin::outbox
