#include "sync/outbox/recovery.h"

#include <algorithm>
#include <map>
#include <vector>

#include "sync/outbox/disk.h"
#include "sync/outbox/rows.h"

namespace tocsin::outbox {
namespace {

namespace fs = std::filesystem;

constexpr int quarantines_kept = 2;  // disk is bounded: the oldest damaged file goes when there are more

fs::path with_suffix(const fs::path& file, const std::string& suffix) {
  fs::path result = file;
  return result += suffix;
}

// What could be read of a file that is given up.
struct Salvage {
  std::uint64_t epoch = 0;
  std::vector<StatePut> states;
  std::map<Lane, std::map<std::uint64_t, Record>> unacked;
  std::map<Lane, std::uint64_t> heads;
};

// Both ways, because a damaged page in the middle ends each of them.
void read_both_ways(Db& db, Lane lane, std::uint64_t acked, std::map<std::uint64_t, Record>& out) {
  Result<LaneTable> table = LaneTable::open(db, lane);
  if (!table) return;
  const auto take = [&](Row row) {
    if (row.intact) out.try_emplace(row.record.seq, std::move(row.record));
    return true;
  };
  static_cast<void>(table->each(acked + 1, take));
  const Result<std::optional<std::uint64_t>> last = table->last();
  if (!last) return;
  for (std::uint64_t seq = last->value_or(0); seq > acked && out.count(seq) == 0; --seq) {
    Result<std::optional<Row>> row = table->at(seq);
    if (!row) return;
    if (row->has_value()) take(std::move(**row));
  }
}

Salvage salvage(const Options& options, const std::string& vfs, const std::optional<IdentityFile>& beside) {
  Salvage result;
  for (const Lane lane : options.lanes) result.unacked[lane] = {};
  if (!fs::exists(options.file)) return result;
  Result<Db> db = Db::open(options.file, vfs);
  if (!db) return result;
  if (const auto epoch = meta_number(*db, "epoch"); epoch) result.epoch = epoch->value_or(0);
  if (Result<std::vector<StateRow>> states = all_states(*db); states) {
    for (StateRow& row : *states) {
      if (row.intact) result.states.push_back(std::move(row.put));
    }
  }
  for (const Lane lane : options.lanes) {
    std::uint64_t acked = beside && beside->marks.count(lane) == 1 ? beside->marks.at(lane).acked : 0;
    if (const auto rows = all_acked(*db, lane); rows) {
      for (const AckedRow& row : *rows) {
        if (row.intact) acked = std::max(acked, row.upto);
      }
    }
    std::map<std::uint64_t, Record>& unacked = result.unacked[lane];
    // Lane data may be as large as the disk and is worth less than a quick start.
    if (lane != Lane::data) read_both_ways(*db, lane, acked, unacked);
    if (const auto last = db->integer("SELECT max(seq) FROM " + table_of(lane)); last && *last > 0) {
      result.heads[lane] = static_cast<std::uint64_t>(*last);
    }
  }
  return result;
}

// Seqs of an at_checkpoint file go on above those it may have used: its epoch is not the one the gateway is
// known by.
std::uint64_t floor_of(const Salvage& old, const std::optional<IdentityFile>& beside, Lane lane) {
  std::uint64_t floor = old.heads.count(lane) == 1 ? old.heads.at(lane) + seq_reservation : 0;
  if (beside && beside->marks.count(lane) == 1) floor = std::max(floor, beside->marks.at(lane).seq);
  return floor;
}

Status fill(Db& db, const Options& options, const Salvage& old, const std::optional<IdentityFile>& beside,
            const std::string& reason) {
  Transaction transaction(db);
  if (Status begun = transaction.begin(); !begun) return begun;
  const std::uint64_t previous = beside ? beside->identity.epoch : old.epoch;
  if (Status stored = store_identity(db, draw_identity(previous)); !stored) return stored;
  for (const StatePut& put : old.states) {
    if (Status stored = put_state(db, put); !stored) return stored;
  }
  std::size_t carried = 0;
  for (const Lane lane : options.lanes) {
    Result<LaneTable> table = LaneTable::open(db, lane);
    if (!table) return table.error();
    std::uint64_t seq = options.durability == Durability::at_checkpoint ? floor_of(old, beside, lane) : 0;
    if (seq > 0) {
      if (Status set = set_meta(db, floor_name(lane), seq); !set) return set;
    }
    for (const auto& [old_seq, record] : old.unacked.at(lane)) {
      if (Status stored = table->insert({++seq, record.body, {}}, record.stored); !stored) return stored;
      ++carried;
    }
  }
  const std::string lost = "The outbox " + options.file.filename().string() + " was replaced: " + reason +
                           ". " + std::to_string(carried) + " unacknowledged records and " +
                           std::to_string(old.states.size()) + " states were carried over.";
  if (Status noted = set_meta(db, "lost", lost); !noted) return noted;
  return transaction.commit();
}

// Free name for a file set aside; the oldest goes when there are enough of them.
fs::path quarantine_name(const fs::path& file) {
  const auto name = [&](int number) { return with_suffix(file, ".damaged-" + std::to_string(number)); };
  std::error_code ignored;
  for (int number = 1; number <= quarantines_kept; ++number) {
    if (!fs::exists(name(number), ignored)) return name(number);
  }
  for (const char* part : {"", "-wal"}) {
    fs::remove(with_suffix(name(1), part), ignored);
    for (int number = 2; number <= quarantines_kept; ++number) {
      fs::rename(with_suffix(name(number), part), with_suffix(name(number - 1), part), ignored);
    }
  }
  return name(quarantines_kept);
}

Status set_aside(const fs::path& file) {
  const fs::path aside = quarantine_name(file);
  // The database goes first: when it is away, the replacement is used, and what is left of the old one is
  // moved before that.
  for (const char* part : {"", "-wal"}) {
    if (!fs::exists(with_suffix(file, part))) continue;
    if (Status moved = rename_synced(with_suffix(file, part), with_suffix(aside, part)); !moved) return moved;
  }
  std::error_code ignored;
  fs::remove(with_suffix(file, "-shm"), ignored);
  fs::remove(with_suffix(file, "-journal"), ignored);
  return {};
}

fs::path replacement_of(const fs::path& file) {
  return with_suffix(file, ".new");
}

void remove_replacement(const fs::path& file) {
  std::error_code ignored;
  for (const char* part : {"", "-wal", "-journal"})
    fs::remove(with_suffix(replacement_of(file), part), ignored);
}

Status swap_in(const fs::path& file) {
  std::error_code ignored;
  fs::remove(with_suffix(replacement_of(file), "-wal"), ignored);  // emptied by the checkpoint
  if (Status moved = set_aside(file); !moved)
    return moved;  // a WAL left there would be applied to the replacement
  return rename_synced(replacement_of(file), file);
}

// A replacement is complete when the damaged file has been set aside; before that it is built anew.
Status finish_interrupted_rebuild(const fs::path& file) {
  const bool complete = !fs::exists(file) && fs::exists(replacement_of(file));
  if (complete) return swap_in(file);
  remove_replacement(file);
  return {};
}

Status build_replacement(const Options& options, const std::string& vfs,
                         const std::optional<IdentityFile>& beside, const std::string& reason) {
  remove_replacement(options.file);
  const Salvage old = salvage(options, vfs, beside);
  Options replacement = options;
  replacement.durability = Durability::every_commit;
  replacement.file = replacement_of(options.file);
  Result<Db> db = open_database(replacement.file, replacement, vfs);
  if (!db) return db.error();
  if (Status filled = fill(*db, options, old, beside, reason); !filled) return filled;
  return db->checkpoint(true);
}

Result<Opened> open_existing(const Options& options, const std::string& vfs,
                             const std::optional<IdentityFile>& beside) {
  Result<Db> db = open_database(options.file, options, vfs);
  if (!db) return db.error();
  Result<Findings> findings = inspect(*db, options, beside);
  if (!findings) return findings.error();
  return Opened{std::move(*db), std::move(*findings), beside};
}

Result<Opened> rebuild(const Options& options, const std::string& vfs,
                       const std::optional<IdentityFile>& beside, const std::string& reason) {
  if (Status built = build_replacement(options, vfs, beside, reason); !built) return built.error();
  if (Status swapped = swap_in(options.file); !swapped) return swapped.error();
  return open_existing(options, vfs, beside);
}

}  // namespace

Result<Opened> open_or_rebuild(const Options& options, const std::string& vfs) {
  if (Status finished = finish_interrupted_rebuild(options.file); !finished) return finished.error();
  const std::optional<IdentityFile> beside = load_identity(options.file);
  if (!fs::exists(options.file) && beside) return rebuild(options, vfs, beside, "the database file is gone");
  Result<Opened> opened = open_existing(options, vfs, beside);
  if (opened || !is_damage(opened.error())) return opened;
  return rebuild(options, vfs, beside, opened.error().detail);
}

}  // namespace tocsin::outbox
