#pragma once
// Conditions about the readings themselves: none at all, or never a new one. Time in which the gateway was
// down does not count against a device: nobody listened.

#include <optional>

#include "core/alarm/rule.h"

namespace tocsin::alarm {

struct SilenceTimer {
  std::optional<MonoTime> last;  // last usable reading; at first the start of the machine

  std::optional<MonoTime> due(const NoData& condition) const {
    return last ? std::optional(*last + condition.longest) : std::nullopt;
  }

  template <class Archive, class Self>
  static void persist(Archive& archive, Self& self) {
    archive.optional(self.last, [&](auto& at) { archive.listening_time(at); });
  }
};

struct StuckTimer {
  Value value;
  std::optional<MonoTime> since;  // when `value` was first read

  struct Result {
    bool present = false;
    bool save = false;  // half of the time has passed: worth keeping over a restart
  };
  Result add(const Value& reading, MonoTime now, Duration longest) {
    if (!since || reading != value) {
      value = reading;
      since = now;
      noted = false;
    }
    const bool half = now - *since >= longest / 2;
    const bool save = half && !noted;
    noted |= half;
    return {now - *since >= longest, save};
  }

  template <class Archive, class Self>
  static void persist(Archive& archive, Self& self) {
    archive.value(self.value);
    archive.optional(self.since, [&](auto& at) { archive.listening_time(at); });
    archive.flag(self.noted);
  }

  bool noted = false;  // `save` was said for this value
};

}  // namespace tocsin::alarm
