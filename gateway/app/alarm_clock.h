#pragma once
// When each open alarm passed each hop on its way to the cloud (design section 6), as far as the edge can
// know. Pure.

#include <map>
#include <optional>
#include <string>

#include "core/value/time.h"

namespace tocsin::gateway {

struct Hops {
  std::uint64_t seq = 0;
  UtcTime stored{};
  std::optional<UtcTime> acked;  // the cloud has committed it
};

class AlarmClock {
 public:
  void on_raised(const std::string& alarm_id, std::uint64_t seq) { hops_[alarm_id].seq = seq; }
  void on_stored(std::uint64_t upto, UtcTime at) {
    for (auto& [id, hops] : hops_)
      if (hops.seq <= upto && hops.stored == UtcTime{}) hops.stored = at;
  }
  void on_acked(std::uint64_t upto, UtcTime at) {
    for (auto& [id, hops] : hops_)
      if (hops.seq <= upto && !hops.acked) hops.acked = at;
  }
  void forget(const std::string& alarm_id) { hops_.erase(alarm_id); }
  const Hops* find(const std::string& alarm_id) const {
    const auto found = hops_.find(alarm_id);
    return found == hops_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, Hops> hops_;
};

}  // namespace tocsin::gateway
