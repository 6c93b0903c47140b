// What people do at the gateway: reset, acknowledge, silence.

#include <algorithm>

#include "gateway/flow/building.h"

namespace tocsin::flow {
namespace {

std::string name_of(const alarm::Key& key) {
  return key.device + "/" + key.point + " " + key.rule;
}

}  // namespace

Result<Step> Building::reset_alarm(const std::string& alarm_id, const std::string& who, const Stamp& now) {
  const auto* record = machine_.find_id(alarm_id);
  if (record == nullptr)
    return fail(Fault::not_found, "no open alarm " + alarm_id + "; `tocsin alarms` lists them");
  // A confirmed fire ends with its zone: its detectors, its latches and its outputs together.
  if (record->key == confirmed_key(record->zone)) return reset_zone(record->zone, who, now);
  auto found = machine_.reset(record->key, now, who);
  if (!found) return found.error();
  Step step;
  settle(std::move(*found), now, step);
  finish(now, step);
  return step;
}

Result<Step> Building::reset_zone(const std::string& zone, const std::string& who, const Stamp& now) {
  if (config_.zones.count(zone) == 0)
    return fail(Fault::not_found, "no zone '" + zone + "' in the configuration");
  std::vector<alarm::Key> keys;
  std::string present;
  for (const auto& record : machine_.open()) {
    if (record.zone != zone || record.key == confirmed_key(zone)) continue;
    if (record.bits.active && is_life_safety(record.cls))
      present += (present.empty() ? "" : ", ") + name_of(record.key);
    if (record.bits.latched) keys.push_back(record.key);
  }
  if (!present.empty()) return fail(Fault::refused, "the cause is still present: " + present);
  Step step;
  for (const auto& key : keys)
    if (auto found = machine_.reset(key, now, who)) record(std::move(*found), step);
  vote({zone}, now,
       step);  // its detectors are quiet: the confirmed fire is no longer active, and can be reset
  if (machine_.find(confirmed_key(zone)) != nullptr) {
    auto found = machine_.reset(confirmed_key(zone), now, who);
    if (!found) return found.error();
    record(std::move(*found), step);
  }
  link(now, step);  // causes are seen as gone before their latches are cleared
  for (const auto& row : config_.matrix.rows)
    if (row.when.zone == zone && linkage::reset(memory_, config_.matrix, row.when)) memory_dirty_ = true;
  link(now, step);
  apply(runner_.reset(zone, ResetFrom::on_site, now.mono), now, step);
  recorder_.event(wire::DeviceReport{"zone/" + zone, "reset", who}, now, step);
  announce_quiet_zones(now, step);
  finish(now, step);
  return step;
}

Result<Step> Building::acknowledge(const std::string& alarm_id, const std::string& who, const Stamp& now) {
  const auto* record = machine_.find_id(alarm_id);
  if (record == nullptr)
    return fail(Fault::not_found, "no open alarm " + alarm_id + "; `tocsin alarms` lists them");
  Step step;
  if (!acked_.insert(alarm_id).second) return step;
  step.change.state.push_back({"ack", alarm_id, {1}});
  recorder_.event(wire::DeviceReport{"alarm/" + alarm_id, "acknowledged", who}, now, step);
  return step;
}

Step Building::silence(const std::string& who, const Stamp& now) {
  Step step;
  annunciators_.silence();
  recorder_.event(wire::DeviceReport{"annunciators", "silenced", who}, now, step);
  finish(now, step);
  return step;
}

}  // namespace tocsin::flow
