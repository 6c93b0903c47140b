#include "cloud/desk/hop_clock.h"

#include <algorithm>

#include "cloud/desk/clock_alarm.h"

namespace tocsin::cloud {
namespace {

// Nearest rank: the smallest value that at least `percent` of all do not exceed. `sorted` is not empty.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

void HopClock::note(std::size_t hop, std::chrono::milliseconds time) {
  Hop& one = hops_[hop];
  ++one.count;
  if (one.latest.size() == window) one.latest.pop_front();
  one.latest.push_back(std::max<std::int64_t>(time.count(), 0));  // two clocks may differ by a little
}

void HopClock::add(const Alarm& alarm) {
  const Times& t = alarm.times;
  if (t.source) note(0, t.detected - *t.source);
  note(1, t.stored - t.detected);
  note(2, t.sent - t.stored);
  note(3, t.cloud - t.sent);
  if (alarm.feed) note(4, t.feed - t.cloud);
  note(5, total_time(alarm));
  if (is_life_safety(alarm.cls) && total_time(alarm) > latest_arrival) ++breaches_;
}

std::vector<HopFigures> HopClock::figures() const {
  std::vector<HopFigures> all;
  for (std::size_t i = 0; i < hops_.size(); ++i) {
    HopFigures one{hop_names[i], hops_[i].count, 0, 0, 0};
    std::vector<std::int64_t> sorted(hops_[i].latest.begin(), hops_[i].latest.end());
    std::sort(sorted.begin(), sorted.end());
    if (!sorted.empty()) {
      one.p50_ms = percentile(sorted, 50);
      one.p99_ms = percentile(sorted, 99);
      one.max_ms = sorted.back();
    }
    all.push_back(one);
  }
  return all;
}

}  // namespace tocsin::cloud
