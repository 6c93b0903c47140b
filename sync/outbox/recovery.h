#pragma once
// Opens an outbox file whatever has happened to it. A file that cannot be used is set aside and replaced by a
// new one with a new epoch, which takes over what can still be read: states, and alarm and event records that
// the cloud has not acked.

#include <optional>
#include <string>

#include "sync/outbox/db.h"
#include "sync/outbox/inspect.h"

namespace tocsin::outbox {

struct Opened {
  Db db;
  Findings findings;
  std::optional<IdentityFile> beside;  // as it was before
};

Result<Opened> open_or_rebuild(const Options& options, const std::string& vfs);

}  // namespace tocsin::outbox
