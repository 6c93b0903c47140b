#pragma once
// Looks at a database file before anybody trusts it: version, structure, checksums, and whether it is the one
// that the synced file beside it remembers. Repairs what can be repaired by dropping single rows.

#include <map>
#include <optional>
#include <string>

#include "sync/outbox/db.h"
#include "sync/outbox/identity_file.h"
#include "sync/outbox/outbox.h"

namespace tocsin::outbox {

// Sequence numbers that an at_checkpoint file takes at once, so that one it may have used before a power cut
// is never used for another record. The synced file is written once per so many records.
inline constexpr std::uint64_t seq_reservation = 1024;

struct Findings {
  Identity identity;
  std::map<Lane, LaneState> lanes;
  bool created = false;  // the file had no identity yet, and nothing beside it either
  std::string lost;      // sentences, also of an earlier start that nobody acted on
};

// An Error for which is_damage() holds means: this file cannot be used, start a new one.
// Fault::newer_version: leave it alone.
Result<Findings> inspect(Db& db, const Options& options, const std::optional<IdentityFile>& beside);

// Opens the file in WAL mode with the durability asked for, brings its schema up to date.
Result<Db> open_database(const std::filesystem::path& file, const Options& options, const std::string& vfs);

std::string synchronous_pragma(Durability durability);
Error damaged(const std::string& what);  // is_damage() holds
Identity draw_identity(std::uint64_t previous_epoch);
Status store_identity(Db& db, const Identity& identity);

}  // namespace tocsin::outbox
