#pragma once
// What people did, as a chain: the hash of each entry covers the one before, so that a changed, removed or
// inserted entry shows. Pure but for the Store it is given.

#include <cstdint>
#include <optional>
#include <string>

#include "cloud/store/store.h"

namespace tocsin::cloud {

std::string hash_of(const AuditEntry& entry, const std::string& hash_before);  // SHA-256, hex

// Inside a transaction: appends with the hash of the chain, and returns the line as it was written.
AuditEntry append_to_audit(Store& store, AuditEntry entry);

// The head of the chain, kept outside the database (audit.head in the state directory, and in every call to a
// person on duty): without it a chain that was cut at its end looks whole.
struct AuditHead {
  std::int64_t number = 0;
  std::string hash;
};
std::string to_text(const AuditHead& head);  // "12 6f5c…"
std::optional<AuditHead> audit_head_from(const std::string& text);

struct AuditReport {
  std::uint64_t entries = 0;
  std::optional<std::int64_t> broken_at;  // number of the first entry that does not fit
  bool truncated = false;                 // the entry of `anchor` is missing, or another stands in its place
  AuditHead head;                         // of the last entry that fits
};
// `anchor`: a head that was noted earlier; the chain must contain it.
AuditReport verify_audit(Store& store, const std::optional<AuditHead>& anchor = {});

}  // namespace tocsin::cloud
