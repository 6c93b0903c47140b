#pragma once
// The Store in one SQLite file: WAL, synchronous=FULL, one connection that is the only writer and the only
// checkpointer (SQLite 3.40.1 has the WAL-reset bug; facts/reliability.md 1.4).

#include <filesystem>
#include <memory>

#include "cloud/store/store.h"

namespace tocsin::cloud {

// Creates the file, or brings it to this program's version. Fault::newer_version when a newer program wrote
// it.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& file);

}  // namespace tocsin::cloud
