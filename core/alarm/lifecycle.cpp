#include "core/alarm/lifecycle.h"

#include <algorithm>

namespace tocsin::alarm {
namespace {

void set_marks(Bits& bits, const Bits& marks) {
  bits.disabled = marks.disabled;
  bits.test = marks.test;
  bits.out_of_service = marks.out_of_service;
}

bool latches_at(const Subject& subject, Stage stage) {
  return subject.latching && stage >= subject.latch_from;
}

}  // namespace

std::optional<Transition> Lifecycle::step(const Subject& subject, const Signal& signal, const Stamp& now,
                                          const Bits& marks) {
  if (!record_) return signal.active ? std::optional(open(subject, signal, now, marks)) : std::nullopt;
  return signal.active ? step_active(subject, signal, now, marks) : step_inactive(subject, signal, now);
}

Transition Lifecycle::open(const Subject& subject, const Signal& signal, const Stamp& now,
                           const Bits& marks) {
  record_.emplace();
  record_->key = subject.key;
  record_->cls = subject.cls;
  record_->zone = subject.zone;
  record_->stage = signal.stage;
  record_->bits = marks;
  record_->bits.active = true;
  record_->bits.latched = latches_at(subject, signal.stage);
  record_->raised_at = now;
  record_->inferred = signal.inferred;
  take_evidence(signal);
  note_activation(now.mono);
  return tell(Change::raised, now);
}

std::optional<Transition> Lifecycle::step_active(const Subject& subject, const Signal& signal,
                                                 const Stamp& now, const Bits& marks) {
  const bool was_active = record_->bits.active;
  const bool back = !was_active || hold_until_;
  hold_until_.reset();
  record_->bits.active = true;
  if (!was_active) set_marks(record_->bits, marks);
  if (back) {
    ++record_->count;
    note_activation(now.mono);
  }
  if (signal.stage > record_->stage) {
    record_->stage = signal.stage;
    record_->bits.latched |= latches_at(subject, signal.stage);
    take_evidence(signal);
    return tell(Change::stage_rose, now);
  }
  if (was_active) return tell_repeats(signal, now);
  take_evidence(signal);
  return tell(Change::reactivated, now);
}

std::optional<Transition> Lifecycle::step_inactive(const Subject& subject, const Signal& signal,
                                                   const Stamp& now) {
  if (!record_->bits.active) return std::nullopt;
  const bool is_recent = chattering_ && now.mono - activations_.back() <= chatter_window;
  if (is_recent && !hold_until_) hold_until_ = now.mono + chatter_window - subject.off_delay;
  if (hold_until_ && now.mono < *hold_until_) return tell_repeats(signal, now);
  hold_until_.reset();
  chattering_ = false;
  record_->bits.active = false;
  take_evidence(signal);
  if (record_->bits.latched) return tell(Change::returned, now);
  const Transition closed = tell(Change::closed, now);
  record_.reset();
  return closed;
}

std::optional<Transition> Lifecycle::tell_repeats(const Signal& signal, const Stamp& now) {
  const bool is_early = chattering_ && now.mono - told_at_ < chatter_window;
  if (record_->count == told_count_ || is_early) return std::nullopt;
  take_evidence(signal);
  return tell(Change::reactivated, now);
}

Result<Transition> Lifecycle::reset(const Stamp& now, const std::string& who) {
  if (!record_ || !record_->bits.latched) return fail(Fault::not_found, "nothing is latched");
  if (record_->bits.active)
    return fail(Fault::refused, "the cause is present or ended less than its off-delay ago");
  record_->bits.latched = false;
  Transition closed = tell(Change::closed, now);
  closed.reason = "reset by " + who;
  record_.reset();
  return closed;
}

std::optional<Transition> Lifecycle::mark(const Bits& marks, const Stamp& now, const std::string& reason) {
  if (!record_) return std::nullopt;
  Bits bits = record_->bits;
  set_marks(bits, marks);
  bits.test |= record_->bits.test && !record_->bits.active;
  if (bits == record_->bits) return std::nullopt;
  record_->bits = bits;
  Transition marked = tell(Change::marked, now);
  marked.reason = reason;
  return marked;
}

std::optional<MonoTime> Lifecycle::due() const {
  std::optional<MonoTime> next = hold_until_;
  if (record_ && record_->count != told_count_) {
    const MonoTime repeats = told_at_ + chatter_window;
    next = next ? std::min(*next, repeats) : repeats;
  }
  return next;
}

bool Lifecycle::is_blank(MonoTime now) const {
  return !record_ && (activations_.empty() || now - activations_.back() > chatter_window);
}

void Lifecycle::take_evidence(const Signal& signal) {
  record_->value = signal.value;
  record_->unit = signal.unit;
  record_->threshold = signal.threshold;
  record_->t_source = signal.t_source;
  record_->inferred = signal.inferred;
  record_->reason = signal.reason;
  if (!signal.cause.empty()) record_->cause = signal.cause;
}

void Lifecycle::note_activation(MonoTime now) {
  if (activations_.size() == chatter_activations) activations_.erase(activations_.begin());
  activations_.push_back(now);
  if (activations_.size() == chatter_activations && now - activations_.front() <= chatter_window)
    chattering_ = true;
}

Transition Lifecycle::tell(Change change, const Stamp& now) {
  record_->changed_at = now;
  told_at_ = now.mono;
  told_count_ = record_->count;
  Transition said;
  said.key = record_->key;
  said.alarm_id = record_->alarm_id;
  said.cls = record_->cls;
  said.stage = record_->stage;
  said.change = change;
  said.bits = record_->bits;
  said.count = record_->count;
  said.zone = record_->zone;
  said.value = record_->value;
  said.unit = record_->unit;
  said.threshold = record_->threshold;
  said.cause = record_->cause;
  said.t_source = record_->t_source;
  said.t_detected = now;
  said.inferred = record_->inferred;
  said.reason = record_->reason;
  return said;
}

}  // namespace tocsin::alarm
