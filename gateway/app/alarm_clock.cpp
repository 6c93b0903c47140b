#include "gateway/app/alarm_clock.h"

#include <algorithm>

namespace tocsin::gateway {
namespace {

// Nearest rank. `sorted` is not empty.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

void AlarmClock::on_raised(const std::string& alarm_id, std::uint64_t seq, UtcTime detected) {
  Hops hops;
  hops.detected = detected;
  open_[alarm_id] = hops_.emplace(seq, hops);
}

// A moment is that of all seqs beyond the last one of its kind.
void AlarmClock::walk(std::uint64_t& known, std::uint64_t upto, const std::function<void(Hops&)>& note_hop) {
  for (auto hop = hops_.upper_bound(known); hop != hops_.end() && hop->first <= upto; ++hop)
    note_hop(hop->second);
  known = std::max(known, upto);
}

void AlarmClock::on_stored(std::uint64_t upto, UtcTime at) {
  walk(stored_, upto, [&](Hops& hops) {
    hops.stored = at;
    note(store_, hops.detected, at);
  });
}

void AlarmClock::on_sent(std::uint64_t upto, UtcTime at) {
  walk(sent_, upto, [&](Hops& hops) {
    hops.sent = at;
    note(send_, hops.stored, at);
  });
}

void AlarmClock::on_acked(std::uint64_t upto, UtcTime at) {
  const std::uint64_t before = acked_;
  walk(acked_, upto, [&](Hops& hops) {
    hops.acked = at;
    if (hops.sent) note(cloud_, *hops.sent, at);
    note(total_, hops.detected, at);
  });
  for (auto hop = hops_.upper_bound(before); hop != hops_.end() && hop->first <= upto;)
    hop = hop->second.open ? std::next(hop) : hops_.erase(hop);
}

void AlarmClock::forget(const std::string& alarm_id) {
  const auto known = open_.find(alarm_id);
  if (known == open_.end()) return;
  known->second->second.open = false;
  if (known->second->second.acked) hops_.erase(known->second);
  open_.erase(known);
}

const Hops* AlarmClock::find(const std::string& alarm_id) const {
  const auto known = open_.find(alarm_id);
  return known == open_.end() ? nullptr : &known->second->second;
}

void AlarmClock::note(Samples& samples, UtcTime from, UtcTime to) {
  ++samples.count;
  if (samples.latest.size() == window) samples.latest.pop_front();
  samples.latest.push_back(std::max<std::int64_t>((to - from).count(), 0));  // a wall clock may go back
}

std::vector<HopTimes> AlarmClock::times() const {
  std::vector<HopTimes> all;
  for (const auto& [name, samples] :
       {std::pair{"stored", &store_}, {"sent", &send_}, {"cloud", &cloud_}, {"total", &total_}}) {
    HopTimes one{name, samples->count, 0, 0, 0};
    std::vector<std::int64_t> sorted(samples->latest.begin(), samples->latest.end());
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

}  // namespace tocsin::gateway
