#include "core/linkage/memory.h"

namespace tocsin::linkage {

bool see(Memory& memory, const Cause& cause, bool active, MonoTime now) {
  const auto found = memory.causes.find(cause);
  if (found == memory.causes.end()) {
    if (active) memory.causes.emplace(cause, CauseState{.active = true, .latched = true, .since = now});
    return active;
  }
  if (found->second.active == active) return false;
  found->second.active = active;
  return true;
}

Status reset(Memory& memory, const Matrix& matrix, const Cause& cause) {
  const auto found = memory.causes.find(cause);
  if (found == memory.causes.end()) return fail(Fault::not_found, to_string(cause) + " is not latched");
  if (found->second.active) return fail(Fault::refused, to_string(cause) + " is still present");
  memory.causes.erase(found);
  std::erase_if(memory.pulses_done, [&](const Cell& cell) {
    return cell.first >= matrix.rows.size() || matrix.rows[cell.first].when == cause;
  });
  return {};
}

}  // namespace tocsin::linkage
