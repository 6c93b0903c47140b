#pragma once
// The state of an Outbox, shared by outbox.cpp (records in and out) and space.cpp (what goes and what stays).

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/outbox/db.h"
#include "sync/outbox/disk.h"
#include "sync/outbox/identity_file.h"
#include "sync/outbox/inspect.h"
#include "sync/outbox/outbox.h"
#include "sync/outbox/rows.h"
#include "sync/outbox/vfs_tap.h"

namespace tocsin::outbox {

// Counts what goes to the operating system.
class Counter final : public Tap {
 public:
  int write(const std::string& /*file*/, std::uint64_t /*offset*/, ByteView data) override {
    bytes += data.size();
    return 0;
  }
  int sync(const std::string& /*file*/) override {
    ++syncs;
    return 0;
  }
  int truncate(const std::string& /*file*/, std::uint64_t /*size*/) override { return 0; }
  int remove(const std::string& /*file*/) override { return 0; }

  std::uint64_t bytes = 0;
  std::uint64_t syncs = 0;
};

struct Outbox::Impl {
  explicit Impl(const Options& asked)
      : options(asked), vfs(counter, asked.vfs), reserve(asked.file.string() + ".reserve") {}

  Options options;
  Counter counter;
  TappedVfs vfs;
  std::optional<Db> db;              // nothing while it waits to be opened again after an I/O error
  std::map<Lane, LaneTable> tables;  // of the lanes of this file
  std::map<Lane, LaneState> lanes;
  IdentityFile beside;                    // as it is on disk
  std::map<Lane, std::uint64_t> settled;  // head of each lane at the last whole checkpoint
  Reserve reserve;
  std::uint64_t damaged = 0;
  bool lost_pending = false;  // table meta holds a sentence that a commit may remove
  bool full = false;          // the last commit found no room on the disk
  bool reserve_given = false;

  bool synced() const { return options.durability == Durability::every_commit; }
  bool has(Lane lane) const { return tables.count(lane) == 1; }

  Status attach(Db opened);  // prepares the tables
  Status reopen();           // after an I/O error: what is there then is whole and synced
  Status checkpoint(bool truncate);
  Status save_marks();
  Status ready();                                       // reopens if needed
  Error failed(const Error& error);                     // notes what the error means for the next call
  Status relaxed(const std::function<Status()>& work);  // a transaction that needs no sync of its own
  Status reserve_seqs(const std::vector<Change>& changes);
  Status put_all(const std::vector<Change>& changes, std::map<Lane, std::uint64_t>& heads, UtcTime now);
  Status put_record(Lane lane, const Record& record, std::uint64_t& head, UtcTime now);
  Status erase_slice(Lane lane, std::uint64_t from, std::uint64_t to);
  Status erase_upto(Lane lane, std::uint64_t upto);  // in slices
  Status drop(Lane lane, const std::vector<std::uint64_t>& damaged_seqs);
  Status refresh_first(Lane lane);
  bool has_room() const;
  std::int64_t wal_bytes() const;
  Result<std::uint64_t> used_bytes();  // pages in use, without those that are free
};

}  // namespace tocsin::outbox
