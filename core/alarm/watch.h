#pragma once
// A rule at work on its point: conditions, on- and off-delays, and the signal that results.

#include <optional>
#include <string>
#include <vector>

#include "core/alarm/condition.h"
#include "core/alarm/lifecycle.h"
#include "core/alarm/rule.h"

namespace tocsin::alarm {

// A condition with its delays: `active` follows `present` when that has lasted long enough.
struct Debounce {
  bool present = false;
  bool active = false;
  MonoTime changed{};  // when `present` last changed

  void note(bool now_present, MonoTime now);
  void settle(MonoTime now, Duration on_delay, Duration off_delay);
  std::optional<MonoTime> due(Duration on_delay, Duration off_delay) const;
  bool is_blank() const { return !present && !active; }
};

// A value that a condition can judge: read well, there, and no NaN or infinity.
bool is_usable(const Reading& reading);

class Watch {
 public:
  explicit Watch(const BoundRule& rule);  // `rule` must outlive the watch

  // Each returns true when a delay began or a window moved that a restart must not lose.
  bool on_sample(const Reading& reading, bool inferred, MonoTime now);
  bool on_unusable(const Reading& reading, MonoTime now);  // feeds NoData only; true: it is silent now
  bool on_time(MonoTime now);
  void arm(MonoTime now);  // a point that never answers is silent since then

  Signal signal() const;
  bool is_cause_present() const;  // of any level, delays left aside
  std::optional<MonoTime> due() const;
  bool is_blank() const;
  const BoundRule& rule() const { return *rule_; }

  template <class Archive, class Self>
  static void persist(Archive& archive, Self& self);

 private:
  struct LevelState {
    Debounce debounce;
    Memory memory;
    Value measured;
  };
  bool note_silence(MonoTime now);
  void settle(MonoTime now);

  const BoundRule* rule_;
  std::vector<LevelState> levels_;   // as the rule's
  std::optional<UtcTime> t_source_;  // of the latest usable reading
  bool inferred_ = false;
  std::string trouble_;  // "bad:timeout": quality since the latest usable reading
};

template <class Archive, class Self>
void Watch::persist(Archive& archive, Self& self) {
  archive.tag(self.levels_.size());
  for (auto& level : self.levels_) {
    archive.flag(level.debounce.present);
    archive.flag(level.debounce.active);
    archive.time(level.debounce.changed);
    archive.value(level.measured);
    archive.tag(level.memory.index());
    std::visit(
        [&](auto& memory) {
          using Kind = std::remove_cvref_t<decltype(memory)>;
          if constexpr (!std::is_same_v<Kind, std::monostate>) Kind::persist(archive, memory);
        },
        level.memory);
  }
  archive.optional(self.t_source_, [&](auto& time) { archive.utc(time); });
  archive.flag(self.inferred_);
  archive.text(self.trouble_);
}

}  // namespace tocsin::alarm
