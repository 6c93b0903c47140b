#pragma once
// What one output may be driven to while a start is not over, and while it waits for a reset. Pure; part of
// EffectChannel.
//
// Start rule (design section 8): a start moves no output out of its safe state by itself. It reads the
// feedback first and keeps what it finds until the zone is quiet. An escape door found released after an
// unclean stop waits for a reset; a valve that anything but a person on site closed waits for a reset on
// site.

#include <optional>

#include "core/linkage/matrix.h"

namespace tocsin::flow {

class OutputGate {
 public:
  struct Start {
    bool clean_stop = false;
    bool waits_for_reset = false;  // as it did when the last run ended
    bool keeps_found = true;  // false for an output of pulses only: a pulse cut short by a crash is not kept
  };
  OutputGate(const linkage::Effect& effect, const Start& start, MonoTime now);

  void on_feedback(bool level);  // the first one is what the start found
  void on_tick(MonoTime now);    // without feedback in time the state is unknown: safe
  void on_zone_quiet();
  void on_demand(const linkage::Desired& wanted);  // what is wanted has changed
  void reset(bool on_site);

  // The level to drive; nothing: leave the output as it is.
  std::optional<bool> admit(const linkage::Desired& wanted) const;
  bool waits_for_reset() const { return waits_for_reset_; }
  std::optional<MonoTime> next_due() const;

 private:
  enum class Phase : std::uint8_t { unread, keeping, open };

  void settle(bool level, bool may_be_released);
  bool asked_for(const linkage::Desired& wanted) const;
  bool opens_by_reset_only() const { return (escape_ || valve_) && normal_ != safe_; }

  bool safe_, normal_, escape_, valve_;
  bool clean_stop_, keeps_found_;
  bool waits_for_reset_;
  bool zone_quiet_ = false;
  bool kept_;
  Phase phase_ = Phase::unread;
  MonoTime unread_until_;
};

}  // namespace tocsin::flow
