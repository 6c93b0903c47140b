#include "gateway/flow/annunciators.h"

#include <algorithm>

namespace tocsin::flow {
namespace {

constexpr Duration rewrite_after = 3s;

std::set<gateway::Signal> signals_of(const std::vector<const alarm::Record*>& open) {
  std::set<gateway::Signal> found;
  for (const auto* record : open) {
    if (record->bits.disabled || (!record->bits.active && !record->bits.latched)) continue;
    if (!is_life_safety(record->cls)) {
      if (record->cls == AlarmClass::fault) found.insert(gateway::Signal::fault);
      continue;
    }
    const bool certain =
        record->stage == Stage::confirmed || (record->cls != AlarmClass::fire && record->stage >= Stage::a2);
    found.insert(certain ? gateway::Signal::confirmed : gateway::Signal::prealarm);
  }
  return found;
}

}  // namespace

Annunciators::Annunciators(const std::vector<gateway::Annunciator>& configured) {
  for (const auto& one : configured) states_.push_back({one, false, std::nullopt, {}});
}

void Annunciators::on_alarms(const std::string& zone, const std::vector<const alarm::Record*>& open) {
  auto signals = signals_of(open);
  if (signals.empty())
    present_.erase(zone);
  else
    present_[zone] = std::move(signals);
  for (auto& state : states_)
    if (state.configured.zone.empty() || state.configured.zone == zone)
      state.alarmed = is_alarmed(state.configured);
}

bool Annunciators::is_alarmed(const gateway::Annunciator& one) const {
  return std::any_of(present_.begin(), present_.end(), [&](const auto& zone) {
    if (!one.zone.empty() && one.zone != zone.first) return false;
    return std::any_of(zone.second.begin(), zone.second.end(),
                       [&](gateway::Signal signal) { return one.on.count(signal) != 0; });
  });
}

std::vector<Write> Annunciators::step(bool unacked, MonoTime now) {
  std::vector<Write> writes;
  for (auto& state : states_) {
    const bool shows = state.alarmed || (unacked && state.configured.on.count(gateway::Signal::unacked) != 0);
    const bool level = shows && !silenced_;
    const bool due = now - state.written >= rewrite_after || state.written == MonoTime{};
    const bool changed = state.driven.has_value() && *state.driven != level;
    if (!changed && !due) continue;
    state.driven = level;
    state.written = now;
    writes.push_back({"", state.configured.output, level});
  }
  return writes;
}

void Annunciators::on_write_done(const PointId& output, bool good) {
  for (auto& state : states_)
    if (state.configured.output == output && !good) state.driven.reset();
}

std::optional<MonoTime> Annunciators::next_due() const {
  std::optional<MonoTime> due;
  for (const auto& state : states_)
    if (!due || state.written + rewrite_after < *due) due = state.written + rewrite_after;
  return due;
}

}  // namespace tocsin::flow
