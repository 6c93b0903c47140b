#pragma once
// Everything the machine knows of one key.

#include <cstdint>
#include <optional>

#include "core/alarm/lifecycle.h"
#include "core/alarm/watch.h"

namespace tocsin::alarm {

enum class Origin : std::uint8_t { rule, declared, disablement, walk_test };

struct Entry {
  Origin origin = Origin::rule;
  Subject subject;
  std::optional<Watch> watch;  // of a configured rule; any other entry has `declared`
  Signal declared;
  std::optional<MonoTime> until;  // `declared` ends by itself then
  Lifecycle life;
  std::optional<MonoTime> scheduled;  // its place in the machine's queue of timers
  bool dirty = false;                 // listed for saving

  bool is_suspension() const { return origin == Origin::disablement || origin == Origin::walk_test; }
  Signal signal() const { return watch ? watch->signal() : declared; }
  bool is_cause_present() const { return watch ? watch->is_cause_present() : declared.active; }

  std::optional<MonoTime> due() const {
    std::optional<MonoTime> next = life.due();
    for (const auto& other : {until, watch ? watch->due() : std::nullopt})
      if (other && (!next || *other < *next)) next = other;
    return next;
  }
};

}  // namespace tocsin::alarm
