#include "cloud/app/audit_anchor.h"

#include <fstream>
#include <sstream>

namespace tocsin::cloud {
namespace {

std::filesystem::path file_in(const std::filesystem::path& state) {
  return state / "audit.head";
}

}  // namespace

// A rename replaces the whole file or nothing. It is not synced: that would hold up the caller, and an older
// head is still a good one.
Status write_anchor(const std::filesystem::path& state, const AuditHead& head) {
  const std::filesystem::path fresh = state / "audit.head.new";
  std::error_code error;
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << to_text(head) << "\n";
    out.flush();
    if (!out) return fail(Fault::io, fresh.string() + ": cannot be written");
  }
  std::filesystem::rename(fresh, file_in(state), error);
  if (error) return fail(Fault::io, file_in(state).string() + ": " + error.message(), error.value());
  return {};
}

Result<std::optional<AuditHead>> read_anchor(const std::filesystem::path& state) {
  std::ifstream in(file_in(state));
  if (!in) return std::optional<AuditHead>{};
  std::ostringstream text;
  text << in.rdbuf();
  auto head = audit_head_from(text.str());
  if (!head) return fail(Fault::storage, file_in(state).string() + ": expected a number and a hash");
  return head;
}

}  // namespace tocsin::cloud
