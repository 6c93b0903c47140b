#include "gateway/flow/output_gate.h"

namespace tocsin::flow {

using linkage::Owner;

namespace {
constexpr Duration longest_unread = 10s;  // as the feedback of an effect (design section 8)
}

OutputGate::OutputGate(const linkage::Effect& effect, const Start& start, MonoTime now)
    : safe_(effect.safe),
      normal_(effect.normal),
      escape_(effect.escape),
      valve_(effect.valve),
      clean_stop_(start.clean_stop),
      keeps_found_(start.keeps_found),
      waits_for_reset_(start.waits_for_reset && opens_by_reset_only()),
      kept_(effect.safe),
      unread_until_(effect.feedback ? now + longest_unread : now) {}

void OutputGate::settle(bool level, bool may_be_released) {
  kept_ = keeps_found_ ? level : safe_;
  phase_ = zone_quiet_ ? Phase::open : Phase::keeping;
  if (!clean_stop_ && may_be_released && opens_by_reset_only()) waits_for_reset_ = true;
}

void OutputGate::on_feedback(bool level) {
  if (phase_ == Phase::unread) settle(level, level == safe_);
}

void OutputGate::on_tick(MonoTime now) {
  if (phase_ == Phase::unread && now >= unread_until_) settle(safe_, true);
}

void OutputGate::on_zone_quiet() {
  zone_quiet_ = true;
  if (phase_ == Phase::keeping) phase_ = Phase::open;
}

void OutputGate::on_demand(const linkage::Desired& wanted) {
  const bool closes_valve = valve_ && wanted.level == safe_ && normal_ != safe_;
  if (closes_valve && wanted.owner != Owner::normal && wanted.owner != Owner::manual) waits_for_reset_ = true;
  if (phase_ == Phase::open || !asked_for(wanted)) return;
  // What was found is history now: where the output goes when this demand ends needs no look back.
  if (phase_ == Phase::unread) settle(safe_, wanted.owner != Owner::escape);
  kept_ = wanted.level == normal_ ? wanted.level : safe_;
}

void OutputGate::reset(bool on_site) {
  if (valve_ && !on_site) return;
  waits_for_reset_ = false;
  zone_quiet_ = true;
  phase_ = Phase::open;
}

// Somebody or a stored cause asks for it; otherwise the start would be moving the output by itself.
bool OutputGate::asked_for(const linkage::Desired& wanted) const {
  if (wanted.level == safe_) return wanted.owner != Owner::normal;
  return !escape_ && wanted.owner <= Owner::command;
}

std::optional<bool> OutputGate::admit(const linkage::Desired& wanted) const {
  if (waits_for_reset_ && wanted.level != safe_ && !(valve_ && wanted.owner == Owner::manual)) return safe_;
  if (phase_ == Phase::open || asked_for(wanted)) return wanted.level;
  // A level that is not safe is left as it was found, never driven on the word of a feedback.
  if (phase_ == Phase::keeping && kept_ == safe_) return safe_;
  return std::nullopt;
}

std::optional<MonoTime> OutputGate::next_due() const {
  return phase_ == Phase::unread ? std::optional(unread_until_) : std::nullopt;
}

}  // namespace tocsin::flow
