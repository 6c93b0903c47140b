#pragma once
// What the matrix remembers between evaluations. Pure data, stored in the alarm's transaction; owned by the
// gateway's Asio thread.

#include <map>
#include <set>

#include "core/linkage/matrix.h"
#include "core/result/result.h"

namespace tocsin::linkage {

struct Memory {
  std::map<Cause, CauseState> causes;
  std::set<Cell> pulses_done;  // since the reset of their cause

  friend bool operator==(const Memory&, const Memory&) = default;
};

// The cause is seen active or not. An activation latches it and keeps the first `since` until a reset.
// true: the memory changed and is to be stored.
bool see(Memory& memory, const Cause& cause, bool active, MonoTime now);

// An authorised reset: the latch goes, and the pulses of the cause may be driven again when it comes back.
// Fault::refused while the cause is present, Fault::not_found when it is not latched.
Status reset(Memory& memory, const Matrix& matrix, const Cause& cause);

}  // namespace tocsin::linkage
