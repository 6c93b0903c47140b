#include "gateway/flow/annunciators.h"

#include <algorithm>

namespace tocsin::flow {
namespace {

constexpr Duration rewrite_after = 3s;

std::set<gateway::Signal> signals_of(const std::vector<alarm::Record>& open, const std::string& zone) {
  std::set<gateway::Signal> found;
  for (const auto& record : open) {
    if (record.bits.disabled || (!zone.empty() && record.zone != zone)) continue;
    if (!record.bits.active && !record.bits.latched) continue;
    if (!is_life_safety(record.cls)) {
      if (record.cls == AlarmClass::fault) found.insert(gateway::Signal::fault);
      continue;
    }
    const bool certain =
        record.stage == Stage::confirmed || (record.cls != AlarmClass::fire && record.stage >= Stage::a2);
    found.insert(certain ? gateway::Signal::confirmed : gateway::Signal::prealarm);
  }
  return found;
}

}  // namespace

Annunciators::Annunciators(const std::vector<gateway::Annunciator>& configured) {
  for (const auto& one : configured) states_.push_back({one, false, std::nullopt, {}});
}

void Annunciators::on_alarms(const std::vector<alarm::Record>& open) {
  for (auto& state : states_) {
    const auto present = signals_of(open, state.configured.zone);
    state.alarmed = std::any_of(present.begin(), present.end(), [&](gateway::Signal signal) {
      return state.configured.on.count(signal) != 0;
    });
  }
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
