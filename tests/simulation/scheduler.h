#pragma once
// Simulated time: what happens next, and one source of chance. The same seed gives the same run, event by
// event.

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "core/value/time.h"

namespace tocsin::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
  bool happens(double probability) {
    return probability > 0 && static_cast<double>(next() >> 11) < probability * 9007199254740992.0;
  }
  Duration between(Duration low, Duration high) {
    return low +
           Duration{static_cast<std::int64_t>(below(static_cast<std::uint64_t>((high - low).count()) + 1))};
  }

 private:
  std::uint64_t state_;
};

class Scheduler {
 public:
  using Act = std::function<void()>;

  MonoTime time() const { return time_; }
  void at(MonoTime when, Act act) { queue_.push({std::max(when, time_), ++order_, std::move(act)}); }
  void after(Duration delay, Act act) { at(time_ + delay, std::move(act)); }

  // Runs the earliest event that is due by `end`; false when there is none.
  bool step(MonoTime end) {
    if (queue_.empty() || queue_.top().when > end) {
      time_ = std::max(time_, end);
      return false;
    }
    Event event = std::move(const_cast<Event&>(queue_.top()));  // popped at once
    queue_.pop();
    time_ = event.when;
    event.act();
    return true;
  }

 private:
  struct Event {
    MonoTime when{};
    std::uint64_t order = 0;  // of scheduling: breaks ties, so that a run replays
    Act act;
    friend bool operator<(const Event& a, const Event& b) {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };
  std::priority_queue<Event> queue_;
  MonoTime time_{1000s};
  std::uint64_t order_ = 0;
};

}  // namespace tocsin::simulation
