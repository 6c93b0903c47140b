#pragma once
// The synced file beside a database (<file>.id): it remembers what the database must not forget. A database
// that was replaced by an older copy, or lost its WAL, is recognised by it. Its format is described in
// identity_file.cpp.

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/result/result.h"
#include "sync/outbox/outbox.h"

namespace tocsin::outbox {

struct LaneMark {
  // Durability::every_commit: a seq that was durable; a database below it has lost records.
  // Durability::at_checkpoint: the highest seq that may have been used; after a power cut the lane goes on
  // above it.
  std::uint64_t seq = 0;
  std::uint64_t acked = 0;  // the cloud had at least this
};

struct IdentityFile {
  Identity identity;
  std::string boot;  // of the machine, when the file was written
  std::map<Lane, LaneMark> marks;
};

std::filesystem::path identity_path(const std::filesystem::path& database);
std::optional<IdentityFile> load_identity(
    const std::filesystem::path& database);  // nothing when absent or damaged
Status save_identity(const std::filesystem::path& database, const IdentityFile& content);

// The kernel's random name of this boot: unsynced writes survive a process, but not a boot.
inline constexpr const char* unknown_boot = "unknown";
std::string current_boot();

}  // namespace tocsin::outbox
