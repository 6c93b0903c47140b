#pragma once
// The head of the audit chain in a file of its own, audit.head in the state directory, so that a chain that
// was cut at its end shows. Written after the commit; after a crash it may be a little behind, never ahead.

#include <filesystem>
#include <optional>

#include "cloud/api/audit.h"

namespace tocsin::cloud {

Status write_anchor(const std::filesystem::path& state, const AuditHead& head);
// Nothing when there is none yet; Fault::storage when it makes no sense.
Result<std::optional<AuditHead>> read_anchor(const std::filesystem::path& state);

}  // namespace tocsin::cloud
