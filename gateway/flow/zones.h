#pragma once
// What the open alarms mean for a zone: the fire vote and the causes of the matrix. Pure functions of the
// configuration and the alarm machine.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/alarm/machine.h"
#include "core/linkage/matrix.h"
#include "core/linkage/vote.h"
#include "gateway/config/config.h"

namespace tocsin::flow {

// Key of a zone's confirmed fire: device "zone/<name>", point "fire", rule "confirmed".
alarm::Key confirmed_key(const std::string& zone);

// The devices that may vote in each zone, with the rules by which they do.
class Zones {
 public:
  explicit Zones(const gateway::Config& config);

  linkage::ZoneVote fire_vote(const std::string& zone, const alarm::Machine& machine) const;
  // Whether the cause holds now. `lost`: devices that do not answer.
  bool active(const linkage::Cause& cause, const alarm::Machine& machine,
              const std::set<std::string>& lost) const;
  // Open alarms that stand for this cause, active or only latched; valid until the machine's next step.
  std::vector<const alarm::Record*> alarms_of(const linkage::Cause& cause,
                                              const alarm::Machine& machine) const;
  const std::set<std::string>& with_fire_detectors() const { return fire_zones_; }
  const std::string& floor_of(const std::string& zone) const;

 private:
  struct Voter {
    alarm::Key key;  // of its fire rule
    std::string housing;
    bool call_point = false;
  };
  std::map<std::string, std::vector<Voter>> voters_;  // by zone
  std::set<std::string> fire_zones_;
  std::map<std::string, std::string> floors_;
};

}  // namespace tocsin::flow
