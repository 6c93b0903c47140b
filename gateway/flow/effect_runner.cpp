#include "gateway/flow/effect_runner.h"

#include <algorithm>

namespace tocsin::flow {

using linkage::Desired;
using linkage::Effect;
using linkage::Matrix;
using linkage::Mode;
using linkage::Owner;
using linkage::Row;

namespace {

bool drives(const Row& row, const std::string& effect) {
  return std::find(row.then.begin(), row.then.end(), effect) != row.then.end();
}

// An output that only pulses drive has no level worth keeping over a restart.
bool pulsed_only(const Matrix& matrix, const std::string& effect) {
  bool pulsed = false;
  for (const Row& row : matrix.rows) {
    if (!drives(row, effect)) continue;
    if (row.mode != Mode::pulse) return false;
    pulsed = true;
  }
  return pulsed;
}

bool concerns(const Matrix& matrix, const Effect& effect, const std::string& zone) {
  return effect.zone == zone || std::any_of(matrix.rows.begin(), matrix.rows.end(), [&](const Row& row) {
           return row.when.zone == zone && drives(row, effect.name);
         });
}

}  // namespace

EffectRunner::EffectRunner(const Matrix& matrix, const StartCondition& start, MonoTime now)
    : matrix_(matrix) {
  channels_.reserve(matrix.effects.size());
  for (const Effect& effect : matrix.effects) {
    index_.emplace(effect.name, channels_.size());
    channels_.emplace_back(effect,
                           OutputGate::Start{.clean_stop = start.clean_stop,
                                             .waits_for_reset = start.held.contains(effect.name),
                                             .keeps_found = !pulsed_only(matrix, effect.name)},
                           now);
  }
}

EffectActions EffectRunner::on_desired(const std::vector<Desired>& desired, MonoTime now) {
  EffectActions actions;
  for (const Desired& wanted : desired) {
    const auto found = index_.find(wanted.effect);
    if (found == index_.end()) continue;
    EffectChannel& channel = channels_[found->second];
    channel.on_desired(wanted, slot_for(wanted, channel, now), actions);
    channel.advance(now, actions);
  }
  return actions;
}

// Equipment with a large starting current starts one after the other (GB 50116 4.1.5). evaluate() spaces the
// effects of a row in time already; after a restart all their times are past and this spaces them again.
MonoTime EffectRunner::slot_for(const Desired& desired, const EffectChannel& channel, MonoTime now) {
  const Desired& before = channel.wanted();
  const bool anew = desired.pulse ? !channel.knows(*desired.pulse)
                                  : before.owner != Owner::matrix || before.cause != desired.cause;
  const bool starts = desired.owner == Owner::matrix && anew && channel.driven() != desired.level;
  if (!starts) return now;
  for (std::size_t r = 0; r < matrix_.rows.size(); ++r) {
    const Row& row = matrix_.rows[r];
    if (row.stagger <= Duration::zero() || row.when != desired.cause || !drives(row, desired.effect))
      continue;
    const auto next = next_slot_.find(r);
    const MonoTime slot = next == next_slot_.end() ? now : std::max(now, next->second);
    next_slot_[r] = slot + row.stagger;
    return slot;
  }
  return now;
}

EffectActions EffectRunner::on_pulse_stored(const linkage::Cell& cell, MonoTime now) {
  EffectActions actions;
  const auto found = index_.find(cell.second);
  if (found == index_.end()) return actions;
  channels_[found->second].on_pulse_stored(cell, now);
  channels_[found->second].advance(now, actions);
  return actions;
}

EffectActions EffectRunner::on_feedback(const PointId& point, std::optional<bool> level, MonoTime now) {
  EffectActions actions;
  for (EffectChannel& channel : channels_) {
    if (channel.effect().feedback != point) continue;
    channel.on_feedback(level);
    channel.advance(now, actions);
  }
  return actions;
}

EffectActions EffectRunner::on_write_done(const std::string& effect, const Status& status, MonoTime now) {
  EffectActions actions;
  const auto found = index_.find(effect);
  if (found == index_.end()) return actions;
  channels_[found->second].on_write_done(status.has_value(), now);
  channels_[found->second].advance(now, actions);
  return actions;
}

EffectActions EffectRunner::on_zone_quiet(const std::string& zone, MonoTime now) {
  EffectActions actions;
  for (EffectChannel& channel : channels_) {
    if (channel.effect().zone != zone) continue;
    channel.on_zone_quiet();
    channel.advance(now, actions);
  }
  return actions;
}

EffectActions EffectRunner::reset(const std::string& zone, ResetFrom from, MonoTime now) {
  EffectActions actions;
  for (EffectChannel& channel : channels_) {
    if (!concerns(matrix_, channel.effect(), zone)) continue;
    channel.reset(from == ResetFrom::on_site);
    channel.advance(now, actions);
  }
  return actions;
}

EffectActions EffectRunner::on_tick(MonoTime now) {
  EffectActions actions;
  for (EffectChannel& channel : channels_) channel.advance(now, actions);
  return actions;
}

std::optional<MonoTime> EffectRunner::next_due() const {
  std::optional<MonoTime> due;
  for (const EffectChannel& channel : channels_)
    if (const auto time = channel.next_due()) due = due ? std::min(*due, *time) : *time;
  return due;
}

const EffectChannel* EffectRunner::find(const std::string& effect) const {
  const auto found = index_.find(effect);
  return found == index_.end() ? nullptr : &channels_[found->second];
}

}  // namespace tocsin::flow
