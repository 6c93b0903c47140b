#include "drivers/driver/device_watch.h"

#include <algorithm>

namespace tocsin::driver {

namespace {

constexpr int attempts_when_unknown = 2;  // a device that never answered must not hold up the others at start
constexpr int attempts_when_online = 3;

}  // namespace

// A flapping device costs one failure per return, not three, and its pause goes on growing.
int DeviceWatch::patience(MonoTime now) const {
  if (state_ == State::unknown) return attempts_when_unknown;
  return returned_ && now - came_ < probation ? 1 : attempts_when_online;
}

bool DeviceWatch::failed(MonoTime now) {
  ++failures_;
  if (state_ != State::lost && failures_ < patience(now)) return false;
  const bool just_lost = state_ != State::lost;
  if (!just_lost || returned_) pause_ = std::min(pause_ * 2, longest_pause);
  state_ = State::lost;
  last_probe_ = now;
  return just_lost;
}

bool DeviceWatch::answered(MonoTime now) {
  failures_ = 0;
  if (state_ == State::online) {
    if (returned_ && now - came_ >= probation) {
      returned_ = false;
      pause_ = shortest_pause;
    }
    return false;
  }
  returned_ = state_ == State::lost;
  came_ = now;
  state_ = State::online;
  return true;
}

}  // namespace tocsin::driver
