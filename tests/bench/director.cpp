#include "tests/bench/director.h"

#include <stdexcept>

namespace tocsin::bench {
namespace {

constexpr std::chrono::seconds longest_wait{20};
constexpr std::chrono::seconds longest_per_rise{1};

double microseconds(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

}  // namespace

void Director::give_up_late(SteadyTime now) {
  if (!change_ || now - change_->started < longest_wait) return;
  change_.reset();
  ++lost_;
}

std::optional<std::uint16_t> Director::on_request(std::size_t detector, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  give_up_late(now);
  if (wanted_ == 0 || change_ || now < not_before_) return std::nullopt;
  Seat& seat = seats_.at(detector);
  if (!seat.risen && seat.rose && now - *seat.rose < rest) return std::nullopt;
  seat.risen = !seat.risen;
  if (seat.risen) seat.rose = now;
  change_ = Change{detector, seat.risen, now, std::nullopt};
  return seat.risen ? alarming : quiet;
}

void Director::on_field(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (change_ && !change_->at_field) change_->at_field = now;
}

void Director::on_city(std::size_t detector, bool active, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (!change_ || change_->detector != detector || change_->rise != active) return;
  const Change change = *change_;
  change_.reset();
  not_before_ = now + gap;
  if (!change.rise || wanted_ == 0) return;
  found_.to_field.push_back(microseconds(change.started, change.at_field.value_or(now)));
  found_.to_city.push_back(microseconds(change.started, now));
  --wanted_;
  told_.notify_one();
}

Latencies Director::run(std::size_t count, const std::function<bool()>& alive) {
  std::unique_lock lock(mutex_);
  found_ = {};
  wanted_ = count;
  const auto end =
      std::chrono::steady_clock::now() + 3 * longest_wait + longest_per_rise * static_cast<int>(count);
  while (!told_.wait_for(lock, std::chrono::seconds(1), [this] { return wanted_ == 0; }))
    if (!alive() || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("only " + std::to_string(found_.to_city.size()) + " of " +
                               std::to_string(count) + " alarms reached the city");
  return found_;
}

std::size_t Director::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace tocsin::bench
