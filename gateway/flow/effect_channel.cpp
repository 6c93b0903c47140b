#include "gateway/flow/effect_channel.h"

#include <algorithm>
#include <utility>

namespace tocsin::flow {

using linkage::Desired;
using linkage::Owner;

namespace {

constexpr Duration retry_after = 10s;
constexpr Duration failed_after = 20s;
constexpr Duration rewrite_every = 2500ms;  // under 3 s with room for a busy bus
constexpr Duration rewrite_refused = 1s;
constexpr Duration answer_lost = 5s;  // a write without an answer for so long is written again

bool same_demand(const Desired& a, const Desired& b) {
  return a.level == b.level && a.owner == b.owner && a.cause == b.cause;
}

Desired at_rest(const linkage::Effect& effect) {
  Desired desired;
  desired.effect = effect.name;
  desired.level = effect.normal;
  return desired;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::confirmed: return "confirmed";
    case Outcome::failed: return "failed";
    case Outcome::unknown: break;
  }
  return "unknown";
}

EffectChannel::EffectChannel(linkage::Effect effect, const OutputGate::Start& start, MonoTime now)
    : effect_(std::move(effect)),
      gate_(effect_, start, now),
      base_(at_rest(effect_)),
      aimed_(base_),
      not_before_(now),
      told_held_(start.waits_for_reset) {}

void EffectChannel::on_desired(const Desired& wanted, MonoTime not_before, EffectActions& actions) {
  if (wanted.pulse) return on_pulse_wanted(wanted, not_before, actions);
  if (!same_demand(base_, wanted)) not_before_ = not_before;
  base_ = wanted;
  if (pulse_) pulse_->wanted = false;
}

void EffectChannel::on_pulse_wanted(const Desired& wanted, MonoTime not_before, EffectActions& actions) {
  // Apart from the pulse the output stays where a command or the cloud left it.
  if (base_.owner != Owner::command && base_.owner != Owner::desired) base_ = at_rest(effect_);
  base_.energise_blocked = wanted.energise_blocked;
  base_.lock_blocked = wanted.lock_blocked;

  if (pulse_ && pulse_->cell == *wanted.pulse) {
    if (pulse_->stage == Pulse::Stage::storing) actions.pulses_started.push_back(pulse_->cell);
    if (pulse_->stage == Pulse::Stage::storing || pulse_->wanted) return;
  }
  pulse_.emplace();
  pulse_->cell = *wanted.pulse;
  pulse_->width = wanted.width;
  pulse_->episode.wanted = wanted;
  not_before_ = not_before;
  actions.pulses_started.push_back(pulse_->cell);
}

void EffectChannel::on_pulse_stored(const linkage::Cell& cell, MonoTime now) {
  if (!pulse_ || pulse_->cell != cell || pulse_->stage != Pulse::Stage::storing) return;
  pulse_->stage = Pulse::Stage::driving;
  pulse_->episode.started = std::max(now, not_before_);
}

void EffectChannel::on_feedback(std::optional<bool> level) {
  feedback_ = level;
  fresh_ = level.has_value();
  if (!level) return;
  gate_.on_feedback(*level);
  if (pulsing() && pulse_->until) pulse_->watched = true;
}

void EffectChannel::on_write_done(bool accepted, MonoTime now) {
  in_flight_ = std::max(0, in_flight_ - 1);
  if (!accepted) {
    next_write_ = std::min(next_write_, now + rewrite_refused);
    return;
  }
  if (in_flight_ > 0) return;  // of a level that is overtaken already
  if (episode_ && issued_ == episode_->wanted.level) episode_->accepted = true;
  if (pulsing() && !pulse_->until && issued_ == effect_.active) {
    pulse_->until = now + pulse_->width;
    pulse_->episode.accepted = true;
  }
}

void EffectChannel::reset(bool on_site) {
  gate_.reset(on_site);
  pulse_failed_ = false;
}

void EffectChannel::advance(MonoTime now, EffectActions& actions) {
  gate_.on_tick(now);
  step_pulse(now, actions);
  aim(current(), now, actions);
  if (episode_) judge(*episode_, now, actions);
  if (pulse_) judge_pulse(now, actions);
  write_when_due(now, actions);
  tell_held(actions);
}

Desired EffectChannel::current() const {
  return pulsing() ? pulse_->episode.wanted : base_;
}

void EffectChannel::step_pulse(MonoTime now, EffectActions& actions) {
  if (!pulsing()) return;
  if (base_.owner <= Owner::matrix) {
    pulse_->stage = Pulse::Stage::over;
    overtake(pulse_->episode, now, actions);
  } else if (now >= pulse_->until.value_or(pulse_->episode.started + retry_after)) {
    pulse_->stage = Pulse::Stage::over;
  }
}

// A pulse has no retry: its one edge was driven or not.
void EffectChannel::judge_pulse(MonoTime now, EffectActions& actions) {
  Episode& episode = pulse_->episode;
  if (pulse_->stage != Pulse::Stage::storing && !episode.outcome) {
    if (fresh_ && feedback_ == effect_.active)
      conclude(episode, Outcome::confirmed, {}, now, actions);
    else if (!effect_.feedback && episode.accepted)
      conclude(episode, Outcome::unknown, "no feedback point", now, actions);
    else if (now >= episode.started + retry_after)
      conclude(episode, pulse_->watched || !episode.accepted ? Outcome::failed : Outcome::unknown,
               missed(episode), now, actions);
  }
  if (pulse_->stage == Pulse::Stage::over && !pulse_->wanted && episode.outcome) pulse_.reset();
}

void EffectChannel::aim(const Desired& wanted, MonoTime now, EffectActions& actions) {
  if (!same_demand(aimed_, wanted)) gate_.on_demand(wanted);
  aimed_ = wanted;
  std::optional<bool> level = gate_.admit(wanted);
  const bool energised = target_ ? *target_ : feedback_.value_or(false);
  if (wanted.energise_blocked && level == true && !energised) level = false;
  // By us, or by its module's watchdog, or by a person: it does not matter who.
  // A feedback from before the last order says nothing of where it stands now.
  const bool released = target_ == effect_.safe || (fresh_ && feedback_ == effect_.safe);
  if (wanted.lock_blocked && level && released) level = effect_.safe;
  target_ = level;
  if (issued_ != target_) fresh_ = false;

  if (!level || pulsing()) {
    if (episode_) overtake(*episode_, now, actions);
    episode_.reset();
    return;
  }
  Desired admitted = wanted;
  if (wanted.level != *level) {
    admitted = at_rest(effect_);
    admitted.level = *level;
  }
  if (!episode_ || !same_demand(episode_->wanted, admitted)) begin_episode(admitted, now, actions);
}

void EffectChannel::begin_episode(const Desired& wanted, MonoTime now, EffectActions& actions) {
  Episode next;
  next.wanted = wanted;
  next.started = std::max(now, not_before_);
  if (episode_ && episode_->wanted.level == wanted.level) {
    next.accepted = episode_->accepted;
    // Another reason for the same level gives no new time to reach it.
    if (!episode_->outcome) next.started = episode_->started, next.retried = episode_->retried;
  } else if (episode_) {
    overtake(*episode_, now, actions);
  }
  episode_ = std::move(next);
}

void EffectChannel::judge(Episode& episode, MonoTime now, EffectActions& actions) {
  if (now < episode.started) return;
  const bool seen = fresh_ && feedback_;
  if (seen && *feedback_ == episode.wanted.level)
    return conclude(episode, Outcome::confirmed, {}, now, actions);
  if (episode.outcome) {
    if (!seen || episode.outcome == Outcome::failed) return;
    episode.outcome.reset();  // it went away again: as long as for a new demand
    episode.started = now;
    episode.retried = false;
    write_now_ = true;
  } else if (!effect_.feedback && episode.accepted) {
    conclude(episode, Outcome::unknown, "no feedback point", now, actions);
  } else if (now >= episode.started + failed_after) {
    conclude(episode, seen || !episode.accepted ? Outcome::failed : Outcome::unknown, missed(episode), now,
             actions);
  } else if (!episode.retried && now >= episode.started + retry_after) {
    episode.retried = true;
    write_now_ = true;
  }
}

void EffectChannel::overtake(Episode& episode, MonoTime now, EffectActions& actions) {
  if (!episode.outcome) conclude(episode, Outcome::unknown, "overtaken by another demand", now, actions);
}

void EffectChannel::conclude(Episode& episode, Outcome outcome, std::string detail, MonoTime now,
                             EffectActions& actions) {
  episode.outcome = outcome;
  const bool ends_failure = told_failed_ && !pulse_failed_;
  const bool unasked = episode.wanted.owner == Owner::normal && outcome != Outcome::failed && !ends_failure;
  if (unasked || episode.told == outcome) return;
  episode.told = outcome;
  told_failed_ = outcome == Outcome::failed;
  pulse_failed_ = told_failed_ && episode.wanted.pulse;
  actions.outcomes.push_back({.effect = effect_.name,
                              .level = episode.wanted.level,
                              .word = word(episode.wanted.level),
                              .outcome = outcome,
                              .owner = episode.wanted.owner,
                              .cause = episode.wanted.cause,
                              .at = now,
                              .detail = std::move(detail)});
}

std::string EffectChannel::missed(const Episode& episode) const {
  const std::string wanted = word(episode.wanted.level);
  if (!episode.accepted) return to_string(effect_.output) + " accepted no write of " + wanted;
  if (episode.wanted.pulse && !pulse_->watched) return "no good reading of the feedback during the pulse";
  if (!effect_.feedback || !feedback_ || !fresh_) return "no good reading of the feedback since";
  return "feedback " + to_string(*effect_.feedback) + " reads " + word(*feedback_) + " instead of " + wanted;
}

void EffectChannel::write_when_due(MonoTime now, EffectActions& actions) {
  if (!target_ || now < not_before_) return;
  const bool lost = in_flight_ > 0 && now >= issued_at_ + answer_lost;
  if (lost) in_flight_ = 0;
  if (issued_ == target_) {
    if (in_flight_ > 0) return;
    if (pulsing() && pulse_->until) return;  // one edge too many would be a second pulse
    if (!lost && !write_now_ && now < next_write_) return;
  }
  actions.writes.push_back({effect_.name, effect_.output, *target_, aimed_.owner, pulsing()});
  issued_ = target_;
  issued_at_ = now;
  next_write_ = now + rewrite_every;
  write_now_ = false;
  ++in_flight_;
}

void EffectChannel::tell_held(EffectActions& actions) {
  if (gate_.waits_for_reset() == told_held_) return;
  told_held_ = gate_.waits_for_reset();
  actions.held.push_back({effect_.name, told_held_,
                          effect_.valve
                              ? "closed, opens again only after a reset on site"
                              : "found released after an unclean stop, stays released until a reset"});
}

std::optional<MonoTime> EffectChannel::next_due() const {
  std::optional<MonoTime> due = gate_.next_due();
  const auto add = [&due](MonoTime time) { due = due ? std::min(*due, time) : time; };
  if (target_ && issued_ != target_)
    add(not_before_);
  else if (target_ && in_flight_ > 0)
    add(issued_at_ + answer_lost);
  else if (target_ && !(pulsing() && pulse_->until))
    add(std::max(next_write_, not_before_));
  if (episode_ && !episode_->outcome)
    add(episode_->started + (episode_->retried ? failed_after : retry_after));
  if (pulsing())
    add(pulse_->until.value_or(pulse_->episode.started + retry_after));
  else if (pulse_ && pulse_->stage == Pulse::Stage::over && !pulse_->episode.outcome)
    add(pulse_->episode.started + retry_after);
  return due;
}

}  // namespace tocsin::flow
