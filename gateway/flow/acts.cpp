// What people do at the gateway: reset, acknowledge, silence, disable, test.

#include <algorithm>

#include "gateway/flow/building.h"

namespace tocsin::flow {
namespace {

std::string name_of(const alarm::Key& key) {
  return key.device + "/" + key.point + " " + key.rule;
}

}  // namespace

Result<Step> Building::reset_alarm(const std::string& alarm_id, const std::string& who, const Stamp& now,
                                   ResetFrom from) {
  const auto* record = machine_.find_id(alarm_id);
  if (record == nullptr)
    return fail(Fault::not_found, "no open alarm " + alarm_id + "; `tocsin alarms` lists them");
  // A confirmed fire ends with its zone: its detectors, its latches and its outputs together.
  if (record->key == confirmed_key(record->zone)) return reset_zone(record->zone, who, now, from);
  const alarm::Key key = record->key;
  const std::string zone = record->zone;
  auto found = machine_.reset(key, now, who);
  if (!found) return found.error();
  Step step;
  settle(std::move(*found), now, step);
  clear_latches(zone, key.device, from, now, step);
  finish(now, step);
  return step;
}

// Latches of the matrix whose cause is gone and has no open alarm any more: those of the zone, and of a lost
// device. Their outputs may return to normal, because somebody authorised asked for it.
void Building::clear_latches(const std::string& zone, const std::string& device, ResetFrom from,
                             const Stamp& now, Step& step) {
  link(now, step);  // causes are seen as gone before their latches are cleared
  bool cleared = false;
  for (const auto& row : config_.matrix.rows) {
    const bool meant =
        row.when.kind == linkage::CauseKind::loss ? row.when.device == device : row.when.zone == zone;
    if (!meant || !zones_.alarms_of(row.when, machine_).empty()) continue;
    if (linkage::reset(memory_, config_.matrix, row.when)) cleared = true;
  }
  memory_dirty_ = memory_dirty_ || cleared;
  if (!cleared) return;
  link(now, step);
  if (!zone.empty()) apply(runner_.reset(zone, from, now.mono), now, step);
}

Result<Step> Building::reset_zone(const std::string& zone, const std::string& who, const Stamp& now,
                                  ResetFrom from) {
  if (config_.zones.count(zone) == 0)
    return fail(Fault::not_found, "no zone '" + zone + "' in the configuration");
  std::vector<alarm::Key> keys;
  std::string present;
  for (const auto* record : machine_.open_in_zone(zone)) {
    if (record->key == confirmed_key(zone)) continue;
    if (record->bits.active && is_life_safety(record->cls))
      present += (present.empty() ? "" : ", ") + name_of(record->key);
    if (record->bits.latched) keys.push_back(record->key);
  }
  if (!present.empty()) return fail(Fault::refused, "the cause is still present: " + present);
  Step step;
  for (const auto& key : keys)
    if (auto found = machine_.reset(key, now, who)) record(std::move(*found), step);
  vote({zone}, now,
       step);  // its detectors are quiet: the confirmed fire is no longer active, and can be reset
  if (machine_.find(confirmed_key(zone)) != nullptr) {
    // Refused while chatter holds it: then the fire stays open with its outputs, but what was reset above
    // must be recorded.
    if (auto found = machine_.reset(confirmed_key(zone), now, who)) record(std::move(*found), step);
  }
  clear_latches(zone, "", from, now, step);
  apply(runner_.reset(zone, from, now.mono), now,
        step);  // also what only waits since an unclean stop
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

Result<Step> Building::disable(const std::string& device, Duration time, const std::string& who,
                               const std::string& reason, const Stamp& now) {
  auto found = machine_.disable(device, now.mono + time, now, who, reason);
  if (!found) return found.error();
  Step step;
  settle(std::move(*found), now, step);
  finish(now, step);
  return step;
}

Step Building::enable(const std::string& device, const std::string& who, const Stamp& now) {
  Step step;
  settle(machine_.enable(device, now, who), now, step);
  finish(now, step);
  return step;
}

Result<Step> Building::walk_test(const std::string& zone, std::optional<Duration> time,
                                 const std::string& who, const Stamp& now) {
  if (config_.zones.count(zone) == 0)
    return fail(Fault::not_found, "no zone '" + zone + "' in the configuration");
  const auto until = time ? std::optional(now.mono + *time) : std::nullopt;
  auto found = machine_.set_test(zone, until, now, who);
  if (!found) return found.error();
  Step step;
  settle(std::move(*found), now, step);
  finish(now, step);
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
