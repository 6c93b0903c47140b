#include "gateway/flow/virtual_site.h"

#include <algorithm>

namespace tocsin::flow {
namespace {

constexpr Duration poll_period = 1s;
// Any moment does; it is fixed so that a scenario gives the same records each time.
constexpr Stamp first_moment{MonoTime(1h), UtcTime(std::chrono::hours(500'000)), 7,
                             ClockQuality::synchronised};

bool is_bit(const driver::PointSpec& spec) {
  const auto table = spec.source.find("table");
  if (table == spec.source.end()) return false;
  return table->second == Value(std::string("coil")) || table->second == Value(std::string("discrete"));
}

Value typed(double number, const driver::PointSpec& spec) {
  if (is_bit(spec)) return number != 0;
  if (spec.scale == 1 && spec.offset == 0 && number == static_cast<double>(static_cast<std::int64_t>(number)))
    return static_cast<std::int64_t>(number);
  return number;
}

// A value at which no rule of the point holds: 0, unless a rule is about a low value.
Value quiet_value(const gateway::Config& config, const PointId& id, const driver::PointSpec& spec) {
  std::optional<double> lowest, highest;
  bool zero_is_bad = false;
  for (const auto& bound : config.rules) {
    if (bound.point != id) continue;
    for (const auto& level : bound.rule.levels) {
      if (const auto* below = std::get_if<alarm::Below>(&level.condition))
        lowest = std::max(lowest.value_or(below->limit), below->limit + below->deadband);
      if (const auto* above = std::get_if<alarm::Above>(&level.condition))
        highest = std::min(highest.value_or(above->limit), above->limit - above->deadband);
      if (const auto* equals = std::get_if<alarm::Equals>(&level.condition))
        zero_is_bad = zero_is_bad || equals->value == 0;
    }
  }
  if (lowest) return typed(highest ? (*lowest + *highest) / 2 : *lowest + 1, spec);
  return typed(zero_is_bad ? 1 : 0, spec);
}

}  // namespace

std::optional<Value> trigger_of(const alarm::Condition& condition, const driver::PointSpec& spec) {
  if (const auto* above = std::get_if<alarm::Above>(&condition)) return typed(above->limit + 1, spec);
  if (const auto* below = std::get_if<alarm::Below>(&condition)) return typed(below->limit - 1, spec);
  if (const auto* equals = std::get_if<alarm::Equals>(&condition))
    return typed(static_cast<double>(equals->value), spec);
  if (const auto* bits = std::get_if<alarm::AnyBit>(&condition))
    return is_bit(spec) ? Value(true) : Value(static_cast<std::int64_t>(bits->mask));
  return std::nullopt;
}

VirtualSite::VirtualSite(const gateway::Config& config)
    : config_(config), now_(first_moment), next_poll_(now_.mono) {
  for (const auto& [name, device] : config.devices)
    for (const auto& spec : device.spec.profile->points) {
      const PointId id{name, spec.name};
      if (spec.writable)
        outputs_[id] = false;
      else
        quiet_[id] = quiet_value(config, id, spec);
    }
  for (const auto& effect : config.matrix.effects) {
    outputs_[effect.output] = effect.normal;
    if (effect.feedback) output_of_[*effect.feedback] = effect.output;
  }
  building_.emplace(config_, restored(true), now_);
  take(building_->start(now_));
}

bool VirtualSite::output(const PointId& point) const {
  const auto found = outputs_.find(point);
  return found != outputs_.end() && found->second;
}

int VirtualSite::activations(const std::string& effect) const {
  const auto found = activations_.find(effect);
  return found == activations_.end() ? 0 : found->second;
}

void VirtualSite::lose(const std::string& device) {
  lost_.insert(device);
  take(building_->on_device(device, false, Error{Fault::timeout, 0, "no answer"}, now_));
}

void VirtualSite::bring_back(const std::string& device) {
  lost_.erase(device);
  take(building_->on_device(device, true, {}, now_));
}

void VirtualSite::restart(bool clean, Duration down) {
  if (clean) take(building_->stop(now_));
  now_.mono += down;
  now_.utc += std::chrono::duration_cast<std::chrono::milliseconds>(down);
  next_poll_ = now_.mono;
  for (const auto& effect : config_.matrix.effects) {
    const auto watchdog = config_.devices.at(effect.output.device).spec.profile->watchdog_s;
    if (watchdog && down > std::chrono::seconds(*watchdog)) drive(effect.output, false);
  }
  const auto row = state_.find({"run", "clean-stop"});
  building_.emplace(config_, restored(row != state_.end()), now_);
  take(building_->start(now_));
}

Restored VirtualSite::restored(bool clean) const {
  Restored found;
  found.numbering = {config_.id, 1, alarm_head_, event_head_};
  found.clean_stop = clean;
  for (const auto& [key, body] : state_) {
    if (key.first == "alarm") found.alarms.emplace_back(key.second, body);
    if (key.first == "linkage") found.linkage.emplace_back(key.second, body);
    if (key.first == "ack") found.acknowledged.push_back(key.second);
  }
  return found;
}

void VirtualSite::take(const Step& step) {
  for (const auto& put : step.change.state) {
    if (put.body.empty())
      state_.erase({put.kind, put.key});
    else
      state_[{put.kind, put.key}] = put.body;
  }
  for (const auto& [lane, record] : step.change.records)
    ++(lane == wire::Lane::alarm ? alarm_head_ : event_head_);
  observe();
  for (const auto& one : step.writes) write(one);
  for (const auto& cell : step.pulses_started) take(building_->on_pulse_stored(cell, now_));
}

void VirtualSite::write(const Write& write) {
  const bool answers = lost_.count(write.output.device) == 0;
  if (answers) drive(write.output, write.level);
  const Status status = answers ? Status{} : Status{fail(Fault::timeout, "no answer")};
  take(building_->on_write_done(write, status, now_));
}

void VirtualSite::drive(const PointId& output, bool level) {
  const bool moved = outputs_[output] != level;
  outputs_[output] = level;
  if (!moved) return;
  for (const auto& effect : config_.matrix.effects)
    if (effect.output == output && effect.active == level) ++activations_[effect.name];
}

void VirtualSite::observe() {
  for (const auto& [cause, state] : building_->linkage_memory().causes)
    if (state.active) causes_seen_.insert(cause);
  for (const auto& record : building_->open())
    if (is_life_safety(record.cls)) zones_alarmed_.insert(record.zone);
}

void VirtualSite::read(const PointId& id, const driver::PointSpec& spec, std::vector<Reading>& batch) const {
  Reading reading;
  reading.id = id;
  reading.t_gateway = now_;
  const auto given = readings_.find(id);
  const auto output = output_of_.find(id);
  if (lost_.count(id.device) != 0) {
    reading.quality = Quality::bad;
    reading.fault = Fault::timeout;
  } else if (given != readings_.end()) {
    reading.value = given->second;
  } else if (output != output_of_.end()) {
    reading.value = outputs_.at(output->second);
  } else {
    reading.value = spec.writable ? Value(outputs_.at(id)) : quiet_.at(id);
  }
  batch.push_back(std::move(reading));
}

void VirtualSite::poll() {
  std::vector<Reading> batch;
  for (const auto& [name, device] : config_.devices)
    for (const auto& spec : device.spec.profile->points) read({name, spec.name}, spec, batch);
  take(building_->on_readings(batch, now_));
}

void VirtualSite::run_for(Duration time) {
  const MonoTime end = now_.mono + time;
  while (now_.mono < end) {
    MonoTime next = std::min(end, next_poll_);
    // What is due already has been told; it is asked again with the next poll.
    if (const auto due = building_->next_due(); due && *due > now_.mono) next = std::min(next, *due);
    now_.utc += std::chrono::duration_cast<std::chrono::milliseconds>(next - now_.mono);
    now_.mono = next;
    take(building_->on_tick(now_));
    if (now_.mono < next_poll_) continue;
    next_poll_ += poll_period;
    poll();
  }
}

}  // namespace tocsin::flow
