#include "core/alarm/exposure.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tocsin::alarm {
namespace {

constexpr Duration minute = 1min;
constexpr std::uint32_t longest_hold = 2;  // minutes a missing mean is replaced by the last valid one
constexpr std::size_t stel_needed = 12;    // known minutes of 15
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

// EN 50291-1 tests at 30, 50, 100 and 300 ppm. Each band starts 10 % lower so that a sensor which reads a
// little low still alarms in time; 30 ppm stays below all of them.
struct Band {
  double ppm;
  Duration needed;
};
constexpr std::array<Band, 3> bands{{
    {45, 75min},  // 50 ppm: between 60 and 90 min
    {90, 25min},  // 100 ppm: between 10 and 40 min
    {270, 2min},  // 300 ppm: before 3 min
}};
constexpr Duration dose_reset = 5min;
constexpr Duration dose_hold = 2min;  // a sample speaks for at most this long

}  // namespace

MinuteSlots::MinuteSlots(std::size_t minutes, Duration period)
    : capacity_(minutes), needed_(1), held_(longest_hold) {
  if (period > Duration{} && period < minute) needed_ = static_cast<std::uint32_t>((minute / period + 1) / 2);
}

std::size_t MinuteSlots::add(double value, MonoTime now) {
  if (!start_) start_ = now;
  std::size_t closed = 0;
  if (now - *start_ >= minute) {
    const auto passed = static_cast<std::size_t>((now - *start_) / minute);
    closed =
        std::min(passed, capacity_ + longest_hold + 1);  // beyond that every older minute is unknown anyway
    for (std::size_t i = 0; i < closed; ++i) close_slot();
    *start_ += minute * static_cast<std::int64_t>(passed);
  }
  sum_ += std::max(value, 0.0);  // a zero that drifted below 0 is no negative dose
  ++samples_;
  return closed;
}

void MinuteSlots::close_slot() {
  if (samples_ >= needed_) {
    last_ = static_cast<float>(sum_ / samples_);
    held_ = 0;
    slots_.push_back(last_);
  } else {
    slots_.push_back(held_ < longest_hold ? last_ : unknown);
    held_ = std::min(held_ + 1, longest_hold);
  }
  if (slots_.size() > capacity_) slots_.erase(slots_.begin());
  sum_ = 0;
  samples_ = 0;
  ++minutes_;
}

double MinuteSlots::twa() const {
  double sum = 0;
  for (const float slot : slots_)
    if (!std::isnan(slot)) sum += slot;
  return sum / twa_minutes;
}

std::optional<double> MinuteSlots::stel() const {
  double sum = 0;
  std::size_t known = 0;
  const std::size_t first = slots_.size() - std::min(slots_.size(), stel_minutes);
  for (std::size_t i = first; i < slots_.size(); ++i) {
    if (std::isnan(slots_[i])) continue;
    sum += slots_[i];
    ++known;
  }
  if (known < stel_needed) return std::nullopt;
  return sum / static_cast<double>(known);
}

std::size_t MinuteSlots::valid_minutes() const {
  return static_cast<std::size_t>(
      std::count_if(slots_.begin(), slots_.end(), [](float slot) { return !std::isnan(slot); }));
}

DoseTimers::Result DoseTimers::add(double ppm, MonoTime now) {
  const Duration passed = last_at_ ? std::min(now - *last_at_, dose_hold) : Duration{};
  Result result;
  for (std::size_t i = 0; i < bands.size(); ++i) {
    Timer& timer = timers_[i];
    const auto minutes_before = timer.above / minute;
    if (last_ppm_ >= bands[i].ppm) timer.above += passed;
    if (ppm >= bands[i].ppm) {
      timer.below_since.reset();
    } else if (!timer.below_since) {
      timer.below_since = now;
    } else if (now - *timer.below_since >= dose_reset) {
      timer.above = Duration{};
    }
    result.present |= timer.above >= bands[i].needed;
    result.save |= timer.above / minute != minutes_before;
  }
  last_at_ = now;
  last_ppm_ = ppm;
  return result;
}

}  // namespace tocsin::alarm
