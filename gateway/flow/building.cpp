#include "gateway/flow/building.h"

#include <algorithm>
#include <utility>

#include "core/linkage/state_codec.h"

namespace tocsin::flow {
namespace {

const std::string held_prefix = "held/";

StartCondition start_condition(const Restored& restored) {
  StartCondition start{restored.clean_stop, {}};
  for (const auto& [key, body] : restored.linkage)
    if (key.starts_with(held_prefix)) start.held.insert(key.substr(held_prefix.size()));
  return start;
}

// Nothing when the row is damaged.
std::optional<linkage::Memory> memory_of(const Restored& restored, const linkage::Matrix& matrix,
                                         const Stamp& now) {
  for (const auto& [key, body] : restored.linkage) {
    if (key != "memory") continue;
    if (auto memory = linkage::decode(body, matrix, now.boot, now.mono)) return *memory;
    return std::nullopt;
  }
  return linkage::Memory{};
}

bool is_danger(const alarm::Record* record) {
  return is_life_safety(record->cls) && (record->bits.active || record->bits.latched);
}

}  // namespace

Building::Building(const gateway::Config& config, const Restored& restored, const Stamp& now)
    : config_(config),
      machine_(config.rules),
      zones_(config),
      standing_(config.matrix, restored.linkage, restored.desired, now),
      intake_(config.id, config.keys, command::Journal(restored.commands, restored.command_marks)),
      runner_(config.matrix, start_condition(restored), now.mono),
      annunciators_(config.annunciators),
      recorder_(restored.numbering) {
  for (const auto& alarm_id : restored.acknowledged) acked_.insert(alarm_id);
  for (const auto& [key, body] : restored.alarms)
    (void)machine_.restore(key, body, now);  // a damaged row re-detects
  restore_memory(restored, now);
  for (const auto& record : machine_.open()) changed_zones_.insert(record.zone);
  for (const auto& [name, device] : config.devices)
    for (const auto& point : device.spec.profile->points)
      if (point.life_safety && !device.zone.empty()) {
        safety_points_[device.zone].insert({name, point.name});
        unseen_.insert({name, point.name});
      }
  for (const auto& [name, zone] : config.zones) {
    safety_points_[name];
    maybe_quiet_.insert(name);
  }
}

// Without its memory, what the open alarms stand for is latched again: a release must not end by a damaged
// row.
void Building::restore_memory(const Restored& restored, const Stamp& now) {
  const auto memory = memory_of(restored, config_.matrix, now);
  memory_lost_ = !memory;
  memory_dirty_ = memory_lost_;
  if (memory)
    memory_ = *memory;
  else
    for (const auto& row : config_.matrix.rows)
      if (!zones_.alarms_of(row.when, machine_).empty()) linkage::see(memory_, row.when, true, now.mono);
}

Step Building::start(const Stamp& now) {
  Step step;
  step.change.state.push_back({"run", "clean-stop", {}});
  recorder_.event(wire::DeviceReport{"gateway", "started", ""}, now, step);
  if (memory_lost_) {
    alarm::Declared lost;
    lost.key = {"gateway", "linkage", "memory-lost"};
    lost.active = true;
    lost.latching = true;
    lost.reason = "the stored latches were damaged; they were derived again from the open alarms";
    record(machine_.on_declared(lost, now), step);
  }
  resume_commands(now, step);
  link(now, step);
  finish(now, step);
  return step;
}

Step Building::stop(const Stamp& now) {
  Step step;
  recorder_.event(wire::DeviceReport{"gateway", "stopped", "in order"}, now, step);
  step.change.state.push_back({"run", "clean-stop", {1}});
  return step;
}

Step Building::on_readings(const std::vector<Reading>& readings, const Stamp& now) {
  Step step;
  std::vector<alarm::Transition> found;
  for (const auto& reading : readings) {
    latest_[reading.id] = reading;
    const bool readable = reading.quality != Quality::bad;
    const bool inferred = readable && unseen_.erase(reading.id) != 0;
    if (inferred) maybe_quiet_.insert(config_.devices.at(reading.id.device).zone);
    for (auto& transition : machine_.on_reading(reading, inferred)) found.push_back(std::move(transition));
    apply(runner_.on_feedback(reading.id, readable ? as_bool(reading.value) : std::nullopt, now.mono), now,
          step);
  }
  settle(std::move(found), now, step);
  announce_quiet_zones(now, step);
  finish(now, step);
  return step;
}

Step Building::on_device(const std::string& device, bool online, const Error& why, const Stamp& now) {
  Step step;
  if (online == (lost_.count(device) == 0)) return step;
  if (online)
    lost_.erase(device);
  else
    lost_.insert(device);
  if (!online)  // what changed meanwhile is found by reading again
    for (const auto& [zone, points] : safety_points_)
      for (const auto& point : points)
        if (point.device == device) unseen_.insert(point);
  recorder_.event(wire::DeviceReport{device, online ? "back" : "lost", online ? "" : to_string(why)}, now,
                  step);
  const auto supervised =
      std::any_of(config_.rules.begin(), config_.rules.end(), [&](const alarm::BoundRule& bound) {
        return bound.point.device == device && bound.rule.name == "no-data";
      });
  std::vector<alarm::Transition> found;
  if (!supervised) {  // a device with a no-data rule tells of itself
    alarm::Declared lost;
    lost.key = {device, "device", "lost"};
    lost.active = !online;
    lost.reason = online ? "" : to_string(why);
    if (const auto known = config_.devices.find(device); known != config_.devices.end())
      lost.zone = known->second.zone;
    found = machine_.on_declared(lost, now);
  }
  settle(std::move(found), now, step);
  link(now, step);
  finish(now, step);
  return step;
}

Step Building::on_write_done(const Write& write, const Status& status, const Stamp& now) {
  Step step;
  if (write.effect.empty())
    annunciators_.on_write_done(write.output, status.has_value());
  else
    apply(runner_.on_write_done(write.effect, status, now.mono), now, step);
  finish(now, step);
  return step;
}

Step Building::on_pulse_stored(const linkage::Cell& cell, const Stamp& now) {
  Step step;
  apply(runner_.on_pulse_stored(cell, now.mono), now, step);
  finish(now, step);
  return step;
}

Step Building::on_tick(const Stamp& now) {
  Step step;
  settle(machine_.on_tick(now), now, step);
  if (linkage_due_ && *linkage_due_ <= now.mono) link(now, step);
  tick_orders(now, step);
  apply(runner_.on_tick(now.mono), now, step);
  finish(now, step);
  return step;
}

Step Building::on_declared(const alarm::Declared& condition, const Stamp& now) {
  Step step;
  settle(machine_.on_declared(condition, now), now, step);
  finish(now, step);
  return step;
}

Step Building::on_uplink(bool alarm_unacked_30s, const Stamp& now) {
  Step step;
  unacked_ = alarm_unacked_30s;
  finish(now, step);
  return step;
}

Step Building::on_event(const wire::EventReport& report, const Stamp& now) {
  Step step;
  recorder_.event(report, now, step);
  return step;
}

// Records what happened, then draws the conclusions: votes, causes, effects.
void Building::settle(std::vector<alarm::Transition> found, const Stamp& now, Step& step) {
  if (found.empty()) return;
  std::set<std::string> voting;
  for (const auto& transition : found)
    if (!transition.zone.empty() && zones_.with_fire_detectors().count(transition.zone) != 0)
      voting.insert(transition.zone);
  record(std::move(found), step);
  vote(voting, now, step);
  link(now, step);
}

void Building::record(std::vector<alarm::Transition> found, Step& step) {
  for (auto& transition : found) {
    changed_zones_.insert(transition.zone);
    maybe_quiet_.insert(transition.zone);
    recorder_.transition(transition, machine_, zones_.floor_of(transition.zone), step);
    if (transition.change == alarm::Change::raised) annunciators_.on_new_alarm();
    if (transition.change == alarm::Change::closed && acked_.erase(transition.alarm_id) != 0)
      step.change.state.push_back({"ack", transition.alarm_id, {}});
  }
}

void Building::vote(const std::set<std::string>& zones, const Stamp& now, Step& step) {
  for (const auto& zone : zones) {
    const auto result = zones_.fire_vote(zone, machine_);
    alarm::Declared fire{confirmed_key(zone),
                         AlarmClass::fire,
                         Stage::confirmed,
                         result.confirmed,
                         true,
                         zone,
                         result.cause,
                         ""};
    record(machine_.on_declared(fire, now), step);
  }
}

void Building::link(const Stamp& now, Step& step) {
  for (const auto& row : config_.matrix.rows)
    if (linkage::see(memory_, row.when, zones_.active(row.when, machine_, lost_), now.mono))
      memory_dirty_ = true;
  const auto desired =
      linkage::evaluate(config_.matrix, memory_.causes, memory_.pulses_done, standing_.overrides(), now.mono);
  linkage_due_.reset();
  for (const auto& one : desired)
    if (one.changes_at && (!linkage_due_ || *one.changes_at < *linkage_due_)) linkage_due_ = one.changes_at;
  apply(runner_.on_desired(desired, now.mono), now, step);
}

void Building::apply(EffectActions actions, const Stamp& now, Step& step) {
  for (auto& write : actions.writes) step.writes.push_back({write.effect, write.output, write.level});
  for (const auto& cell : actions.pulses_started) {
    if (cell.first > linkage::first_command_pulse) {  // its command is committed already
      standing_.taken(cell);
      apply(runner_.on_pulse_stored(cell, now.mono), now, step);
      continue;
    }
    memory_.pulses_done.insert(cell);
    memory_dirty_ = true;
    step.pulses_started.push_back(cell);
  }
  for (const auto& outcome : actions.outcomes) note_outcome(outcome, now, step);
  for (const auto& held : actions.held) note_held(held, now, step);
}

std::string Building::cause_alarm(const std::optional<linkage::Cause>& cause) const {
  if (!cause) return {};
  const auto alarms = zones_.alarms_of(*cause, machine_);
  return alarms.empty() ? "" : alarms.front()->alarm_id;
}

void Building::note_outcome(const EffectOutcome& outcome, const Stamp& now, Step& step) {
  auto& view = effects_[outcome.effect];
  const std::string alarm_id = outcome.cause ? cause_alarm(outcome.cause) : view.alarm_id;
  view = {outcome.effect, outcome.word, outcome.outcome, alarm_id, now, outcome.detail};
  if (!alarm_id.empty())
    recorder_.effect({alarm_id, outcome.effect, outcome.word, std::string(name_of(outcome.outcome)), now},
                     step);
  alarm::Declared failed;
  failed.key = {"effect/" + outcome.effect, "feedback", "linkage-failed"};
  failed.active = outcome.outcome == Outcome::failed;
  failed.reason = outcome.detail;
  for (const auto& effect : config_.matrix.effects)
    if (effect.name == outcome.effect) failed.zone = effect.zone;
  record(machine_.on_declared(failed, now), step);
  if (outcome.owner == linkage::Owner::command) on_effect_outcome(outcome, now, step);
}

Result<Step> Building::hold(const std::string& effect, std::optional<bool> level, const std::string& who,
                            const Stamp& now) {
  const auto& effects = config_.matrix.effects;
  const auto found =
      std::find_if(effects.begin(), effects.end(), [&](const auto& one) { return one.name == effect; });
  if (found == effects.end())
    return fail(Fault::not_found, "no effect '" + effect + "' in the configuration");
  Step step;
  standing_.hold(linkage::Owner::manual, effect, level, step.change.state);
  const std::string word = !level ? "given back" : "held " + (*level ? found->word_on : found->word_off);
  recorder_.event(wire::DeviceReport{"effect/" + effect, word, who}, now, step);
  link(now, step);
  finish(now, step);
  return step;
}

void Building::note_held(const EffectHeld& held, const Stamp& now, Step& step) {
  step.change.state.push_back({"linkage", held_prefix + held.effect, held.held ? Bytes{1} : Bytes{}});
  alarm::Declared waits;
  waits.key = {"effect/" + held.effect, "output", "waits-for-reset"};
  waits.cls = AlarmClass::supervisory;
  waits.active = held.held;
  waits.reason = held.reason;
  for (const auto& effect : config_.matrix.effects)
    if (effect.name == held.effect) waits.zone = effect.zone;
  record(machine_.on_declared(waits, now), step);
}

// "Every safety point of the zone has been read good and quiet": only then may a start move outputs to
// normal.
void Building::announce_quiet_zones(const Stamp& now, Step& step) {
  for (const auto& zone : std::exchange(maybe_quiet_, {})) {
    const auto known = safety_points_.find(zone);
    if (known == safety_points_.end() || quiet_zones_.count(zone) != 0) continue;
    const auto& points = known->second;
    const bool unread =
        std::any_of(points.begin(), points.end(), [&](const PointId& id) { return unseen_.count(id) != 0; });
    if (unread) continue;
    const auto open = machine_.open_in_zone(zone);
    if (std::any_of(open.begin(), open.end(), is_danger)) continue;
    quiet_zones_.insert(zone);
    apply(runner_.on_zone_quiet(zone, now.mono), now, step);
  }
}

void Building::finish(const Stamp& now, Step& step) {
  for (const auto& zone : changed_zones_) annunciators_.on_alarms(zone, machine_.open_in_zone(zone));
  changed_zones_.clear();
  for (auto& write : annunciators_.step(unacked_, now.mono)) step.writes.push_back(std::move(write));
  for (const auto& key : machine_.dirty())
    step.change.state.push_back({"alarm", key, machine_.state_of(key)});
  if (memory_dirty_) {
    step.change.state.push_back(
        {"linkage", "memory", linkage::encode(memory_, config_.matrix, now.boot, now.mono)});
    memory_dirty_ = false;
  }
}

std::optional<MonoTime> Building::next_due() const {
  std::optional<MonoTime> due;
  const auto consider = [&due](const std::optional<MonoTime>& one) {
    if (one && (!due || *one < *due)) due = one;
  };
  for (const auto& one : {machine_.next_due(), runner_.next_due(), annunciators_.next_due(), linkage_due_,
                          standing_.next_due()})
    consider(one);
  for (const auto& [id, command] : under_way_)
    if (command.acted) consider(*command.acted + longest_act);
  return due;
}

}  // namespace tocsin::flow
