#pragma once
// Exposure to a toxic gas over time (facts/lifesafety.md 3.3 and 3.4; GBZ 2.1-2019, EN 50291-1).
// Concentrations are in the point's own unit, for CO in ppm. A minute without enough samples is never taken
// as 0.

#include <array>
#include <optional>
#include <vector>

#include "core/alarm/rule.h"

namespace tocsin::alarm {

// Means of whole minutes, newest last. Driven by readings only: no reading, no new verdict.
class MinuteSlots {
 public:
  static constexpr std::size_t twa_minutes = 480;
  static constexpr std::size_t stel_minutes = 15;

  // `period`: expected time between samples (0: unknown, one sample makes a minute valid).
  MinuteSlots(std::size_t minutes, Duration period);

  // How many minutes this sample completed.
  std::size_t add(double value, MonoTime now);

  double twa() const;  // always divided by 8 h, unknown minutes add nothing
  std::optional<double> stel()
      const;  // mean of the last 15 minutes; nothing when fewer than 12 of them are known
  std::size_t valid_minutes() const;
  std::uint32_t minutes() const { return minutes_; }  // completed since the beginning, known or not

  template <class Archive, class Self>
  static void persist(Archive& archive, Self& self) {
    archive.list(self.slots_, self.capacity_, [&](auto& slot) { archive.real32(slot); });
    archive.optional(self.start_, [&](auto& start) { archive.time(start); });
    archive.real(self.sum_);
    archive.count(self.samples_);
    archive.real32(self.last_);
    archive.count(self.held_);
    archive.count(self.minutes_);
  }

 private:
  void close_slot();

  std::size_t capacity_;
  std::uint32_t needed_;           // samples that make a minute valid: half of the expected ones
  std::vector<float> slots_;       // NaN: unknown
  std::optional<MonoTime> start_;  // of the minute being filled
  double sum_ = 0;
  std::uint32_t samples_ = 0;
  float last_ = 0;      // mean of the last valid minute
  std::uint32_t held_;  // minutes that took `last_` since
  std::uint32_t minutes_ = 0;
};

// Carbon monoxide in dwellings: one timer per band of EN 50291-1, each reset only after 5 min below its band.
class DoseTimers {
 public:
  struct Result {
    bool present = false;
    bool save = false;  // a whole minute was added, or a timer reset
  };
  Result add(double ppm, MonoTime now);

  template <class Archive, class Self>
  static void persist(Archive& archive, Self& self) {
    for (auto& timer : self.timers_) {
      archive.duration(timer.above);
      archive.optional(timer.below_since, [&](auto& since) { archive.time(since); });
    }
    archive.optional(self.last_at_, [&](auto& at) { archive.time(at); });
    archive.real(self.last_ppm_);
  }

 private:
  struct Timer {
    Duration above{};
    std::optional<MonoTime> below_since;
  };
  std::array<Timer, 3> timers_;
  std::optional<MonoTime> last_at_;
  double last_ppm_ = 0;
};

}  // namespace tocsin::alarm
