#pragma once
// The durable outbox: the only user of SQLite on the edge. Two files: alarm.db (lanes alarm and event, state;
// every commit is synced) and data.db (lane data; WAL, synced at checkpoints). All calls block; they belong
// to the file's store thread, which is the only writer and the only checkpointer (facts/reliability.md 1.4).

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"
#include "sync/wire/lane.h"

namespace tocsin::outbox {

using wire::Lane;
using wire::LaneState;
using wire::Record;

enum class Durability : std::uint8_t { every_commit, at_checkpoint };

struct Options {
  std::filesystem::path file;
  std::vector<Lane> lanes;
  Durability durability = Durability::every_commit;
  std::uint64_t quota_bytes = 64ull << 20;  // data is evicted at 80 % of it
  std::string vfs;   // name of a registered SQLite VFS to go through; empty: the system's
  std::string boot;  // name of the machine's boot; empty: the kernel's own
};

// A state row of the same transaction as the records: alarm states, latches, pulses, command journal. An
// empty body deletes it.
struct StatePut {
  std::string kind;
  std::string key;
  Bytes body;
};

// One all-or-nothing change. Sequence numbers are assigned by the caller, which is the only producer of its
// lanes.
struct Change {
  std::vector<std::pair<Lane, Record>> records;
  std::vector<StatePut> state;
};

struct Identity {
  std::uint64_t epoch = 0;  // drawn when the database was created; also kept in a synced file beside it
  std::uint64_t previous_epoch = 0;  // 0: none
  std::uint64_t db_nonce = 0;
};

// What open() found. `lost` is a sentence for an alarm when records of an earlier file are gone or damaged.
struct OpenReport {
  Identity identity;
  bool created = false;
  std::string lost;
};

struct Usage {
  std::uint64_t bytes = 0;                // of the file and its WAL
  std::uint64_t used = 0;                 // of the file, without its free pages
  std::uint64_t quota = 0;                // bytes; data and events are given up at 80 % of it
  std::uint64_t bytes_written = 0;        // since open, as handed to the operating system
  std::uint64_t syncs = 0;                // since open
  std::uint64_t damaged = 0;              // rows dropped since open because their checksum was wrong
  std::map<Lane, std::uint64_t> waiting;  // records not yet acked
  std::map<Lane, UtcTime> oldest;         // when the oldest of them was stored
};

class Outbox {
 public:
  // Fault::newer_version when the file was written by a newer program: it is left alone.
  static Result<std::unique_ptr<Outbox>> open(const Options& options, OpenReport& report);
  ~Outbox();

  LaneState lane(Lane lane) const;

  // Several changes in one transaction (group commit). Fault::storage_full or Fault::storage: nothing of it
  // counts as stored, and the same changes are to be committed again. Fault::bad_input: a seq that is not the
  // next of its lane. Repeating a record that is stored already, with the same body, is no error: a commit
  // whose sync failed may be there.
  Status commit(const std::vector<Change>& changes, UtcTime now);

  // Records in order from `from` on, at most so many and so many bytes (always at least one if there is one).
  Result<std::vector<Record>> read(Lane lane, std::uint64_t from, std::size_t max_records,
                                   std::size_t max_bytes);

  // Cumulative. Lane data rows die at once; alarm and event rows stay 7 days, so that a restored cloud can be
  // refilled.
  Status mark_acked(Lane lane, std::uint64_t upto, UtcTime now);
  Status unmark_acked(Lane lane, std::uint64_t upto);  // a restored cloud asks again from upto + 1
  Status trim(UtcTime now);                            // removes what is past its keeping, in small slices
  // What is better done after the callers have their answers: checkpoint when the WAL is long, the synced
  // file beside, the disk reserve. Call it after commits.
  Status upkeep();

  // Rows to be evicted so that the file keeps within its quota; nothing when there is room. The caller
  // commits the eviction record on lane event, with the plan as state, first and then calls evict; after a
  // crash evict is repeated from that state. Alarms are never in a plan. Evicting what is gone already is no
  // error.
  struct EvictionPlan {
    Lane lane{};
    std::uint64_t from = 0, to = 0, count = 0;
  };
  std::optional<EvictionPlan> plan_eviction() const;
  Status evict(const EvictionPlan& plan);

  std::vector<std::pair<std::string, Bytes>> states(const std::string& kind) const;
  Usage usage() const;

 private:
  struct Impl;
  explicit Outbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::outbox
