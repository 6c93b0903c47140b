#pragma once
// What people did, as a chain: the hash of each entry covers the one before, so that a changed, removed or
// inserted entry shows. Pure but for the Store it is given.

#include <cstdint>
#include <optional>
#include <string>

#include "cloud/store/store.h"

namespace tocsin::cloud {

std::string hash_of(const AuditEntry& entry, const std::string& hash_before);  // SHA-256, hex

// Inside a transaction: appends with the hash of the chain.
void append_to_audit(Store& store, AuditEntry entry);

struct AuditReport {
  std::uint64_t entries = 0;
  std::optional<std::int64_t> broken_at;  // number of the first entry that does not fit
};
AuditReport verify_audit(Store& store);

}  // namespace tocsin::cloud
