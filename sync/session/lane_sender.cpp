#include "sync/session/lane_sender.h"

namespace tocsin::session {
namespace {

constexpr std::size_t most_growths = 256;  // then newer records share the time of the last entry

}  // namespace

void LaneSender::update(const wire::LaneState& state, MonoTime now) {
  if (!known_) {
    known_ = true;
    state_.acked = confirmed_ = sent_upto_ = state.acked;
    next_ = state.acked + 1;
  }
  if (state.head > std::max(state_.head, state_.acked)) {
    if (growth_.size() < most_growths)
      growth_.push_back({state.head, now});
    else
      growth_.back().head = state.head;
  }
  if (state.head > state_.head) retry_at_.reset();  // there is something new to read
  state_.head = std::max(state_.head, state.head);
  state_.first = std::max({state_.first, state.first, std::uint64_t{1}});
  if (next_ < state_.first) {
    next_ = state_.first;
    reading_ = false;
  }
}

void LaneSender::forget_acked() {
  while (!growth_.empty() && growth_.front().head <= state_.acked) growth_.pop_front();
}

std::optional<Duration> LaneSender::oldest_unacked(MonoTime now) const {
  if (growth_.empty()) return std::nullopt;
  return now - growth_.front().at;
}

std::optional<LaneSender::Mark> LaneSender::follow(std::uint64_t upto) {
  if (upto <= state_.acked) return std::nullopt;
  state_.acked = upto;
  forget_acked();
  return Mark{upto, false};
}

std::optional<LaneSender::Mark> LaneSender::open(std::uint64_t upto, bool restored, MonoTime now) {
  std::optional<Mark> mark;
  went_back_ = upto > state_.head;
  if (went_back_) upto = state_.acked;  // an older copy of the database: what it holds unacked may be new
  if (upto < state_.acked && restored) {
    growth_.push_front({state_.acked, now});
    state_.acked = upto;
    mark = Mark{upto, true};
  } else {
    mark = follow(upto);
  }
  close();
  confirmed_ = sent_upto_ = upto;
  next_ = std::max(upto + 1, state_.first);
  pause_.restart();
  return mark;
}

void LaneSender::close() {
  reading_ = held_ = hole_ = false;
  waiting_since_.reset();
  retry_at_.reset();
}

std::optional<LaneSender::Mark> LaneSender::acknowledge(std::uint64_t upto, MonoTime now) {
  upto = std::min(upto, sent_upto_);
  if (upto <= confirmed_) return std::nullopt;
  confirmed_ = upto;
  if (next_ <= upto) {
    next_ = upto + 1;
    reading_ = false;
  }
  held_ = false;
  pause_.restart();
  waiting_since_.reset();
  if (next_ > confirmed_ + 1) waiting_since_ = now;
  return follow(upto);
}

std::optional<LaneSender::Mark> LaneSender::go_back(std::uint64_t upto, MonoTime now) {
  if (upto < confirmed_ || upto > sent_upto_) return std::nullopt;  // an old message
  const auto mark = acknowledge(upto, now);
  close();
  next_ = std::max(confirmed_ + 1, state_.first);
  return mark;
}

bool LaneSender::wants_to_read() const {
  if (!known_ || reading_ || held_ || retry_at_ || next_ > state_.head || room() == 0) return false;
  return !hole_ || confirmed_ + 1 >= next_;
}

std::uint64_t LaneSender::start_read() {
  reading_ = true;
  hole_ = false;
  return next_;
}

std::size_t LaneSender::room() const {
  const std::uint64_t oldest = std::max(confirmed_ + 1, state_.first);  // what was evicted is not awaited
  const std::uint64_t outstanding = next_ > oldest ? next_ - oldest : 0;
  return outstanding >= window_ ? 0 : window_ - static_cast<std::size_t>(outstanding);
}

bool LaneSender::stopped_by_hole(std::uint64_t first_found) {
  reading_ = false;
  hole_ = first_found > next_ && confirmed_ + 1 < next_;
  return hole_;
}

std::uint64_t LaneSender::after(std::uint64_t first_found) const {
  return first_found > next_ ? first_found - 1 : state_.first - 1;
}

void LaneSender::sent(std::uint64_t last, MonoTime now) {
  next_ = last + 1;
  sent_upto_ = std::max(sent_upto_, last);
  if (!waiting_since_) waiting_since_ = now;
}

void LaneSender::read_failed(MonoTime now) {
  reading_ = false;
  retry_at_ = now + read_retry;
}

void LaneSender::broker_took(MonoTime now) {
  if (waiting_since_) waiting_since_ = now;
}

std::optional<MonoTime> LaneSender::resend_at() const {
  if (!waiting_since_) return std::nullopt;
  return *waiting_since_ + pause_.current();
}

void LaneSender::resend() {
  close();
  next_ = std::max(confirmed_ + 1, state_.first);
  pause_.advance();
}

}  // namespace tocsin::session
