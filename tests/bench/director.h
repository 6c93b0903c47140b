#pragma once
// Says when a detector's value changes, and measures how long the city waits for it. One change at a time, so
// that none waits behind another; a detector that rose rests long enough not to count as chatter.
// Thread-safe: told by the detectors' thread and by MQTT subscribers.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace tocsin::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Latencies {
  std::vector<double> to_field;  // us: poll received by the detector -> a subscriber of the field broker
  std::vector<double> to_city;   // us: the same -> a subscriber of the city's broker
};

class Director {
 public:
  static constexpr std::uint16_t quiet = 50, alarming = 250;  // 5 and 25 %LEL in steps of 0.1
  // Three activations in 60 s would be chatter, which the gateway folds.
  static constexpr std::chrono::seconds rest{31};
  static constexpr std::chrono::milliseconds gap{15};  // between the end of one change and the next

  explicit Director(std::size_t detectors) : seats_(detectors) {}

  // The detector received a request: the value it has from now on, when that changes. A change that is not
  // told within 20 s counts as lost.
  std::optional<std::uint16_t> on_request(std::size_t detector, SteadyTime now);
  void on_field(SteadyTime now);
  void on_city(std::size_t detector, bool active, SteadyTime now);

  // Lets detectors rise until `count` rises were told, then stops. Throws when the chain behind it is not
  // `alive` (asked every second) or does not come to an end.
  Latencies run(std::size_t count, const std::function<bool()>& alive);
  std::size_t lost() const;

 private:
  struct Seat {
    bool risen = false;
    std::optional<SteadyTime> rose;
  };
  struct Change {
    std::size_t detector = 0;
    bool rise = false;
    SteadyTime started;
    std::optional<SteadyTime> at_field;
  };
  void give_up_late(SteadyTime now);

  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::vector<Seat> seats_;
  std::optional<Change> change_;
  SteadyTime not_before_{};
  std::size_t wanted_ = 0;  // rises still to be told in this run
  std::size_t lost_ = 0;
  Latencies found_;
};

}  // namespace tocsin::bench
