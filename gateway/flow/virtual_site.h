#pragma once
// A configured building with all its devices, in virtual time: detectors read what a scenario says, relays
// act at once and their feedback inputs follow, the store commits at once. Drives the very flow::Building of
// the daemon. Pure; used by `tocsin linkage test` and by tests.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/flow/building.h"

namespace tocsin::flow {

class VirtualSite {
 public:
  explicit VirtualSite(const gateway::Config& config);  // in service: outputs at normal, detectors quiet
  VirtualSite(const VirtualSite&) = delete;
  VirtualSite& operator=(const VirtualSite&) = delete;

  // From now on the point reads this. A feedback input reads it instead of its output: a stuck contact.
  void set(const PointId& point, Value value) { readings_[point] = std::move(value); }
  void follow(const PointId& input) { readings_.erase(input); }  // feedback reads its output again
  void lose(const std::string& device);                          // it does not answer any more
  void bring_back(const std::string& device);
  void restart(bool clean, Duration down);  // modules with a watchdog shorter than `down` fall to safe
  void take(const Step& step);              // carries out what the building asks

  void run_for(Duration time);  // polls everything each second
  void poll();                  // now

  Building& building() { return *building_; }
  const Building& building() const { return *building_; }
  const gateway::Config& config() const { return config_; }
  const Stamp& now() const { return now_; }
  bool output(const PointId& point) const;           // level of a coil
  int activations(const std::string& effect) const;  // how often its output came to the active level
  // Since the first start, for coverage.
  const std::set<linkage::Cause>& causes_seen() const { return causes_seen_; }
  const std::set<std::string>& zones_alarmed() const { return zones_alarmed_; }

 private:
  Restored restored(bool clean) const;
  void write(const Write& write);
  void drive(const PointId& output, bool level);
  void read(const PointId& id, const driver::PointSpec& spec, std::vector<Reading>& batch) const;
  void observe();

  const gateway::Config& config_;
  Stamp now_;
  MonoTime next_poll_;
  std::optional<Building> building_;
  std::map<PointId, Value> readings_;  // set by the scenario
  std::map<PointId, Value> quiet_;     // what a point reads otherwise
  std::map<PointId, bool> outputs_;
  std::map<PointId, PointId> output_of_;  // by feedback input
  std::set<std::string> lost_;
  std::map<std::pair<std::string, std::string>, Bytes> state_;  // rows of the store, by kind and key
  std::uint64_t alarm_head_ = 0, event_head_ = 0;
  std::map<std::string, int> activations_;
  std::set<linkage::Cause> causes_seen_;
  std::set<std::string> zones_alarmed_;
};

// A reading that makes the condition true, or nothing for one that needs a history (dose, rate, silence).
std::optional<Value> trigger_of(const alarm::Condition& condition, const driver::PointSpec& spec);

}  // namespace tocsin::flow
