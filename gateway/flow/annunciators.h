#pragma once
// Sounders, lamps and screens that the edge drives by itself (design section 8). Pure.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/alarm/machine.h"
#include "gateway/config/config.h"
#include "gateway/flow/step.h"

namespace tocsin::flow {

class Annunciators {
 public:
  explicit Annunciators(const std::vector<gateway::Annunciator>& configured);

  // The open alarms of a zone, whenever one of them has changed; "" is what belongs to no zone.
  void on_alarms(const std::string& zone, const std::vector<const alarm::Record*>& open);
  // Each change of what they show, at once; after a failed write, and every 3 s for a module's communication
  // watchdog, again. `unacked`: the cloud has not committed an alarm for 30 s.
  std::vector<Write> step(bool unacked, MonoTime now);
  void on_write_done(const PointId& output, bool good);
  void silence() { silenced_ = true; }  // until the next new alarm; the alarm itself stays
  void on_new_alarm() { silenced_ = false; }
  bool silenced() const { return silenced_; }
  std::optional<MonoTime> next_due() const;

 private:
  struct State {
    gateway::Annunciator configured;
    bool alarmed = false;        // one of its signals is present
    std::optional<bool> driven;  // nothing: not yet, or the last write failed
    MonoTime written{};
  };
  bool is_alarmed(const gateway::Annunciator& one) const;

  std::vector<State> states_;
  std::map<std::string, std::set<gateway::Signal>> present_;  // by zone; empty ones are left out
  bool silenced_ = false;
};

}  // namespace tocsin::flow
