#pragma once
// A bus in virtual time: PollPlan on one side, devices that behave as badly as their limits allow on the
// other.

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "drivers/driver/poll_plan.h"

namespace tocsin::driver {

class VirtualBus {
 public:
  VirtualBus(std::vector<PlannedDevice> devices, LineCost line)
      : devices_(devices), line_(line), plan_(std::move(devices), line) {}

  // What the field does; all optional.
  std::function<Value(std::size_t device, std::size_t point)> value_of = [](std::size_t, std::size_t) {
    return Value{false};
  };
  std::function<std::optional<Fault>(std::size_t device, const Span& span)>
      fault_of;                                       // of the attempt that starts now
  std::function<double()> pace = [] { return 1.0; };  // share of the longest ordinary time
  // What came of it.
  std::function<void(std::size_t device, const Sample& sample)> published;
  std::function<void(std::size_t device, bool online)> presence;

  MonoTime now() const { return now_; }
  PollPlan& plan() { return plan_; }
  void command(std::function<void()> done) { commands_.push_back(std::move(done)); }
  Duration probed() const { return probed_; }  // time spent on devices that do not answer while others do
  const std::map<std::size_t, int>& reads() const { return reads_; }
  Duration busy() const { return busy_; }

  void run_until(MonoTime end) {
    while (now_ < end) step(end);
  }
  bool run_while(const std::function<bool()>& condition, Duration longest) {
    const MonoTime end = now_ + longest;
    while (condition() && now_ < end) step(end);
    return !condition();
  }

 private:
  void step(MonoTime end) {
    const Decision decision = plan_.next(now_, !commands_.empty());
    switch (decision.kind) {
      case Decision::Kind::wait: now_ = std::max(now_ + 1us, std::min(decision.until, end)); break;
      case Decision::Kind::command: carry_out(); break;
      case Decision::Kind::poll: poll(decision.poll); break;
    }
  }

  void poll(const Poll& poll) {
    const MonoTime start = now_;
    const Limits& limits = devices_[poll.device].spec.profile->limits;
    const FrameSizes sizes = devices_[poll.device].driver->read_sizes(poll.span);
    const auto fault = fault_of ? fault_of(poll.device, poll.span) : std::nullopt;
    ++reads_[poll.device];
    Result<Samples> answer{Samples{}};
    if (fault)
      answer = fail(*fault, {}, *fault == Fault::exception ? 2 : 0);
    else
      for (const std::size_t point : poll.span.points)
        answer->push_back({point, value_of(poll.device, point), Quality::good, std::nullopt});
    const bool silent = fault && *fault != Fault::exception;
    const Duration took = scaled(silent ? line_.failed(sizes, limits) : line_.answered(sizes, limits));
    (silent ? probed_ : busy_) += took;
    now_ += took;
    const Finished finished = plan_.finished(start, now_, answer);
    if (finished.online && presence) presence(finished.device, *finished.online);
    if (published)
      for (const Sample& sample : finished.publish) published(finished.device, sample);
  }

  // The write and its read-back; a fault makes it start again.
  void carry_out() {
    const auto done = std::move(commands_.front());
    commands_.erase(commands_.begin());
    const Limits& limits = devices_[0].spec.profile->limits;
    const FrameSizes sizes = devices_[0].driver->write_sizes(0);
    while (fault_of && fault_of(0, {})) now_ += scaled(line_.failed(sizes, limits));
    now_ += scaled(line_.answered(sizes, limits));
    done();
  }

  Duration scaled(Duration longest) const { return std::chrono::duration_cast<Duration>(longest * pace()); }

  std::vector<PlannedDevice> devices_;
  LineCost line_;
  PollPlan plan_;
  MonoTime now_{};
  std::vector<std::function<void()>> commands_;
  Duration probed_{}, busy_{};
  std::map<std::size_t, int> reads_;
};

}  // namespace tocsin::driver
