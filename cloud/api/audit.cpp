#include "cloud/api/audit.h"

#include <sstream>

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

AuditEntry append_to_audit(Store& store, AuditEntry entry) {
  const auto last = store.last_audit();
  entry.number = last ? last->number + 1 : 1;
  entry.hash = hash_of(entry, last ? last->hash : std::string());
  store.append_audit(entry);
  return entry;
}

std::string to_text(const AuditHead& head) {
  return std::to_string(head.number) + " " + head.hash;
}

std::optional<AuditHead> audit_head_from(const std::string& text) {
  AuditHead head;
  std::istringstream in(text);
  if (!(in >> head.number >> head.hash) || head.number < 1) return std::nullopt;
  if (head.hash.size() != 2 * crypto_hash_sha256_BYTES) return std::nullopt;
  return head;
}

AuditReport verify_audit(Store& store, const std::optional<AuditHead>& anchor) {
  AuditReport report;
  bool anchored = !anchor;
  AuditHead& head = report.head;
  for (auto entries = store.audit(0, page); !entries.empty(); entries = store.audit(head.number, page)) {
    for (const AuditEntry& entry : entries) {
      if (entry.number != head.number + 1 || entry.hash != hash_of(entry, head.hash)) {
        report.broken_at = entry.number;
        return report;
      }
      head = {entry.number, entry.hash};
      anchored = anchored || (head.number == anchor->number && head.hash == anchor->hash);
      ++report.entries;
    }
  }
  report.truncated = !anchored;
  return report;
}

}  // namespace tocsin::cloud
