#include "cloud/api/audit.h"

#include <sodium.h>

#include "core/bytes/hex.h"

namespace tocsin::cloud {
namespace {

constexpr std::size_t page = 1000;

// Length first: no two entries have the same bytes.
void absorb(crypto_hash_sha256_state& state, const std::string& text) {
  const std::string framed = std::to_string(text.size()) + ":" + text;
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(framed.data()), framed.size());
}

}  // namespace

std::string hash_of(const AuditEntry& entry, const std::string& hash_before) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  absorb(state, hash_before);
  absorb(state, std::to_string(entry.at.time_since_epoch().count()));
  for (const std::string* text : {&entry.who, &entry.action, &entry.subject, &entry.detail})
    absorb(state, *text);
  Bytes hash(crypto_hash_sha256_BYTES);
  crypto_hash_sha256_final(&state, hash.data());
  return bytes::to_hex(hash);
}

void append_to_audit(Store& store, AuditEntry entry) {
  const auto last = store.last_audit();
  entry.hash = hash_of(entry, last ? last->hash : std::string());
  store.append_audit(entry);
}

AuditReport verify_audit(Store& store) {
  AuditReport report;
  std::string before;
  std::int64_t last = 0;
  for (auto entries = store.audit(last, page); !entries.empty(); entries = store.audit(last, page)) {
    for (const AuditEntry& entry : entries) {
      if (entry.number != last + 1 || entry.hash != hash_of(entry, before)) {
        report.broken_at = entry.number;
        return report;
      }
      before = entry.hash;
      last = entry.number;
      ++report.entries;
    }
  }
  return report;
}

}  // namespace tocsin::cloud
