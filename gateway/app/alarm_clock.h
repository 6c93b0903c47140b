#pragma once
// When each open alarm passed each hop on its way to the cloud (design section 6), as far as the edge can
// know, and how long the latest 1024 alarms took. Pure.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/value/time.h"

namespace tocsin::gateway {

struct Hops {
  UtcTime detected{}, stored{};
  std::optional<UtcTime> sent;   // handed to the broker's connection for the first time
  std::optional<UtcTime> acked;  // the cloud has committed it
  bool open = true;
};

// "stored": detected to stored; "sent": stored to sent; "cloud": sent to acknowledged; "total": all of it.
struct HopTimes {
  std::string hop;
  std::uint64_t count = 0;                          // since the start
  std::int64_t p50_ms = 0, p99_ms = 0, max_ms = 0;  // of the latest
};

class AlarmClock {
 public:
  static constexpr std::size_t window = 1024;

  void on_raised(const std::string& alarm_id, std::uint64_t seq, UtcTime detected);
  void on_stored(std::uint64_t upto, UtcTime at);
  void on_sent(std::uint64_t upto, UtcTime at);
  void on_acked(std::uint64_t upto, UtcTime at);
  void forget(const std::string& alarm_id);  // closed; what is still under way is measured to its end
  const Hops* find(const std::string& alarm_id) const;
  std::vector<HopTimes> times() const;

 private:
  struct Samples {
    std::deque<std::int64_t> latest;  // milliseconds
    std::uint64_t count = 0;
  };
  void note(Samples& samples, UtcTime from, UtcTime to);

  using BySeq = std::multimap<std::uint64_t, Hops>;  // several alarms of one step share its last seq
  void walk(std::uint64_t& known, std::uint64_t upto, const std::function<void(Hops&)>& note_hop);

  BySeq hops_;  // of open alarms, and of closed ones until they are acknowledged
  std::map<std::string, BySeq::iterator> open_;
  std::uint64_t stored_ = 0, sent_ = 0, acked_ = 0;  // seqs up to which this is known
  Samples store_, send_, cloud_, total_;
};

}  // namespace tocsin::gateway
