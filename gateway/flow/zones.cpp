#include "gateway/flow/zones.h"

#include <algorithm>

namespace tocsin::flow {
namespace {

// Faulty: its life-safety point has no data, or it reports its own removal or sensor fault.
bool is_faulty(const alarm::Machine& machine, const std::string& device) {
  const auto open = machine.open_of_device(device);
  return std::any_of(open.begin(), open.end(), [](const alarm::Record* record) {
    return record->cls == AlarmClass::fault && record->bits.active;
  });
}

AlarmClass class_of(linkage::CauseKind kind) {
  switch (kind) {
    case linkage::CauseKind::gas_a2: return AlarmClass::gas;
    case linkage::CauseKind::toxic_a2: return AlarmClass::toxic;
    case linkage::CauseKind::sos: return AlarmClass::sos;
    default: return AlarmClass::fire;
  }
}

bool counts(const alarm::Bits& bits) {
  return !bits.disabled && !bits.test && !bits.out_of_service;
}

}  // namespace

alarm::Key confirmed_key(const std::string& zone) {
  return {"zone/" + zone, "fire", "confirmed"};
}

Zones::Zones(const gateway::Config& config) {
  for (const auto& [name, zone] : config.zones) floors_.emplace(name, zone.floor);
  for (const auto& bound : config.rules) {
    if (bound.rule.cls != AlarmClass::fire || bound.zone.empty()) continue;
    const auto& device = config.devices.at(bound.point.device);
    voters_[bound.zone].push_back({{bound.point.device, bound.point.point, bound.rule.name},
                                   device.housing,
                                   device.spec.profile->call_point});
    fire_zones_.insert(bound.zone);
  }
}

linkage::ZoneVote Zones::fire_vote(const std::string& zone, const alarm::Machine& machine) const {
  const auto found = voters_.find(zone);
  if (found == voters_.end()) return {};
  std::vector<linkage::Detector> detectors;
  for (const auto& voter : found->second) {
    linkage::Detector detector{voter.key.device + "/" + voter.key.point, voter.housing, voter.call_point};
    if (const auto* record = machine.find(voter.key)) {
      detector.alarmed = record->bits.active || record->bits.latched;
      detector.counts = counts(record->bits) && !is_faulty(machine, voter.key.device);
    }
    detectors.push_back(std::move(detector));
  }
  return linkage::vote(detectors);
}

std::vector<const alarm::Record*> Zones::alarms_of(const linkage::Cause& cause,
                                                   const alarm::Machine& machine) const {
  std::vector<const alarm::Record*> found;
  if (cause.kind == linkage::CauseKind::confirmed_fire) {
    if (const auto* record = machine.find(confirmed_key(cause.zone))) found.push_back(record);
    return found;
  }
  if (cause.kind == linkage::CauseKind::loss) {
    for (const auto* record : machine.open_of_device(cause.device))
      if (record->cls == AlarmClass::fault) found.push_back(record);
    return found;
  }
  for (const auto* record : machine.open_in_zone(cause.zone)) {
    const bool stage_reached = cause.kind == linkage::CauseKind::sos || record->stage >= Stage::a2;
    if (record->cls == class_of(cause.kind) && stage_reached) found.push_back(record);
  }
  return found;
}

bool Zones::active(const linkage::Cause& cause, const alarm::Machine& machine,
                   const std::set<std::string>& lost) const {
  if (cause.kind == linkage::CauseKind::loss) return lost.count(cause.device) != 0;
  const auto alarms = alarms_of(cause, machine);
  return std::any_of(alarms.begin(), alarms.end(),
                     [](const alarm::Record* record) { return record->bits.active && counts(record->bits); });
}

const std::string& Zones::floor_of(const std::string& zone) const {
  static const std::string none;
  const auto found = floors_.find(zone);
  return found == floors_.end() ? none : found->second;
}

}  // namespace tocsin::flow
