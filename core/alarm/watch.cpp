#include "core/alarm/watch.h"

#include <algorithm>

namespace tocsin::alarm {

bool is_usable(const Reading& reading) {
  if (reading.quality == Quality::bad) return false;
  return std::holds_alternative<std::string>(reading.value) || as_number(reading.value);
}

void Debounce::note(bool now_present, MonoTime now) {
  if (present == now_present) return;
  present = now_present;
  changed = now;
}

void Debounce::settle(MonoTime now, Duration on_delay, Duration off_delay) {
  if (present != active && now - changed >= (present ? on_delay : off_delay)) active = present;
}

std::optional<MonoTime> Debounce::due(Duration on_delay, Duration off_delay) const {
  if (present == active) return std::nullopt;
  return changed + (present ? on_delay : off_delay);
}

Watch::Watch(const BoundRule& rule) : rule_(&rule) {
  for (const Level& level : rule.rule.levels)
    levels_.push_back({{}, memory_for(level.condition, rule.period), {}});
}

void Watch::arm(MonoTime now) {
  for (LevelState& level : levels_)
    if (auto* silence = std::get_if<SilenceTimer>(&level.memory); silence && !silence->last)
      silence->last = now;
}

bool Watch::on_sample(const Reading& reading, bool inferred, MonoTime now) {
  t_source_ = reading.t_source;
  inferred_ = inferred;
  trouble_.clear();
  bool save = false;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    LevelState& level = levels_[i];
    const auto found = alarm::on_sample(rule_->rule.levels[i].condition, level.memory, reading.value, now,
                                        level.debounce.present);
    if (!found) continue;
    const Duration delay = found->present ? rule_->rule.on_delay : rule_->rule.off_delay;
    save |= found->save || (found->present != level.debounce.present && delay > Duration{});
    level.debounce.note(found->present, now);
    level.measured = found->measured;
  }
  settle(now);
  return save;
}

bool Watch::on_unusable(const Reading& reading, MonoTime now) {
  trouble_ = reading.quality == Quality::bad ? quality_text(reading) : "no usable value";
  return note_silence(now);
}

bool Watch::on_time(MonoTime now) {
  const bool silent = note_silence(now);
  settle(now);
  return silent;
}

bool Watch::note_silence(MonoTime now) {
  bool changed = false;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const auto* silence = std::get_if<SilenceTimer>(&levels_[i].memory);
    if (!silence || levels_[i].debounce.present) continue;
    const auto end = silence->due(std::get<NoData>(rule_->rule.levels[i].condition));
    if (!end || now < *end) continue;
    levels_[i].debounce.note(true, now);
    levels_[i].debounce.settle(now, rule_->rule.on_delay, rule_->rule.off_delay);
    changed = true;
  }
  return changed;
}

void Watch::settle(MonoTime now) {
  for (LevelState& level : levels_) level.debounce.settle(now, rule_->rule.on_delay, rule_->rule.off_delay);
}

Signal Watch::signal() const {
  std::size_t standing = levels_.size();  // one past the highest level that is active
  while (standing > 0 && !levels_[standing - 1].debounce.active) --standing;
  Signal signal;
  signal.active = standing > 0;
  signal.inferred = inferred_;
  signal.t_source = t_source_;
  if (levels_.empty()) return signal;
  const std::size_t decided = signal.active ? standing - 1 : 0;
  const Condition& condition = rule_->rule.levels[decided].condition;
  signal.stage = rule_->rule.levels[decided].stage;
  signal.value = levels_[decided].measured;
  signal.unit = std::holds_alternative<RateOfRise>(condition) ? rule_->unit + "/min" : rule_->unit;
  signal.threshold = threshold_of(condition);
  if (signal.active && std::holds_alternative<NoData>(condition)) {
    signal.reason = trouble_.empty() ? "no reading" : trouble_;
    signal.inferred = false;
    signal.t_source.reset();
  }
  return signal;
}

bool Watch::is_cause_present() const {
  return std::any_of(levels_.begin(), levels_.end(),
                     [](const LevelState& level) { return level.debounce.present; });
}

std::optional<MonoTime> Watch::due() const {
  std::optional<MonoTime> next;
  const auto consider = [&](std::optional<MonoTime> time) {
    if (time && (!next || *time < *next)) next = time;
  };
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const LevelState& level = levels_[i];
    consider(level.debounce.due(rule_->rule.on_delay, rule_->rule.off_delay));
    const auto* silence = std::get_if<SilenceTimer>(&level.memory);
    if (silence && !level.debounce.present)
      consider(silence->due(std::get<NoData>(rule_->rule.levels[i].condition)));
  }
  return next;
}

bool Watch::is_blank() const {
  return std::all_of(levels_.begin(), levels_.end(), [](const LevelState& level) {
    return level.debounce.is_blank() && std::holds_alternative<std::monostate>(level.memory);
  });
}

}  // namespace tocsin::alarm
