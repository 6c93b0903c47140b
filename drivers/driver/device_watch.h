#pragma once
// Is the device there? Decides when it is lost, when it is back and how long it is left alone between probes.
// Pure; one per device of a PollPlan.

#include "core/value/time.h"

namespace tocsin::driver {

class DeviceWatch {
 public:
  bool lost() const { return state_ == State::lost; }
  bool unknown() const { return state_ == State::unknown; }

  // One conversation without a usable answer. True when this one made the device lost.
  bool failed(MonoTime now);
  // Any valid answer, a refusal included. True when this one brought the device, or brought it back.
  bool answered(MonoTime now);

  MonoTime free_probe_at() const { return last_probe_ + shortest_pause; }  // in time that nobody needs
  MonoTime paid_probe_at() const { return last_probe_ + pause_; }          // in time taken from live devices

 private:
  enum class State : std::uint8_t { unknown, online, lost };

  static constexpr Duration shortest_pause = 1s;
  static constexpr Duration longest_pause = 64s;
  static constexpr Duration probation =
      30s;  // a device that was lost has to last so long to be trusted again

  int patience(MonoTime now) const;

  State state_ = State::unknown;
  int failures_ = 0;       // in a row
  bool returned_ = false;  // was lost before
  MonoTime came_{};
  MonoTime last_probe_{};
  Duration pause_ = shortest_pause;
};

}  // namespace tocsin::driver
