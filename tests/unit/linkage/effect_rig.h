#pragma once
// An effect runner on a simulated relay module, with a clock that jumps from one due time to the next.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/linkage/memory.h"
#include "gateway/flow/effect_runner.h"
#include "tests/unit/linkage/small_building.h"

namespace tocsin::flow::test {

class EffectRig {
 public:
  explicit EffectRig(linkage::Matrix matrix_of_building) : matrix(std::move(matrix_of_building)) {}

  // What the world is like; a test changes it at any time.
  linkage::Matrix matrix;
  linkage::Memory memory;  // stored: survives a crash
  std::map<std::string, linkage::Override> overrides;
  std::map<std::string, bool> coil;   // by effect
  std::map<std::string, bool> stuck;  // what a stuck feedback reads instead of the coil
  std::set<std::string> mute;         // effects whose feedback has no good reading
  bool module_answers = true;
  bool stores_pulses = true;
  Duration poll = 1s;

  // What happened.
  struct Write {
    MonoTime at;
    OutputWrite write;
  };
  std::vector<Write> writes;
  std::vector<EffectOutcome> outcomes;
  std::set<std::string> held;  // stored as well
  int pulses_stored = 0;
  int pulse_edges = 0;
  MonoTime now = linkage::test::at(0s);

  void start(bool clean_stop) {
    runner.emplace(matrix, StartCondition{clean_stop, held}, now);
    evaluate();
  }
  void crash() { runner.reset(); }

  void evaluate() { take(runner->on_desired(answer(), now)); }
  std::vector<linkage::Desired> answer() const {
    return linkage::evaluate(matrix, memory.causes, memory.pulses_done, overrides, now);
  }
  void cause(const linkage::Cause& cause, bool active) {
    linkage::see(memory, cause, active, now);
    evaluate();
  }
  void reset(const linkage::Cause& cause, ResetFrom from = ResetFrom::on_site) {
    const Status status = linkage::reset(memory, matrix, cause);
    if (status.has_error() && status.error().fault == Fault::refused) return;
    evaluate();
    take(runner->reset(cause.zone, from, now));
  }
  void zone_quiet(const std::string& zone) { take(runner->on_zone_quiet(zone, now)); }
  void read_feedback() {
    for (const linkage::Effect& effect : matrix.effects) {
      if (!effect.feedback) continue;
      const bool level = stuck.contains(effect.name) ? stuck.at(effect.name) : coil[effect.name];
      take(runner->on_feedback(*effect.feedback,
                               mute.contains(effect.name) ? std::nullopt : std::optional(level), now));
    }
  }

  // Lets time pass: ticks when the runner asks for it, polls the feedback, evaluates when a delay ends.
  void run(Duration span) {
    const MonoTime end = now + span;
    while (true) {
      MonoTime next = std::min(end, next_poll_);
      if (const auto due = runner->next_due()) next = std::min(next, std::max(*due, now));
      for (const linkage::Desired& desired : answer())
        if (desired.changes_at) next = std::min(next, *desired.changes_at);
      now = std::max(now, next);
      evaluate();
      take(runner->on_tick(now));
      if (now >= next_poll_) {
        read_feedback();
        next_poll_ = now + poll;
      }
      if (now >= end) return;
    }
  }

  std::vector<Write> writes_to(const std::string& effect) const {
    std::vector<Write> found;
    for (const Write& entry : writes)
      if (entry.write.effect == effect) found.push_back(entry);
    return found;
  }
  const EffectOutcome& first_outcome_of(const std::string& effect) const {
    for (const EffectOutcome& outcome : outcomes)
      if (outcome.effect == effect) return outcome;
    throw std::logic_error("no outcome of " + effect);
  }
  // "open failed, open confirmed"
  std::string outcomes_of(const std::string& effect) const {
    std::string found;
    for (const EffectOutcome& outcome : outcomes) {
      if (outcome.effect != effect) continue;
      if (!found.empty()) found += ", ";
      found += outcome.word + " " + std::string(name_of(outcome.outcome));
    }
    return found;
  }

  std::optional<EffectRunner> runner;

 private:
  void take(const EffectActions& actions) {
    for (const EffectHeld& entry : actions.held) {
      if (entry.held)
        held.insert(entry.effect);
      else
        held.erase(entry.effect);
    }
    outcomes.insert(outcomes.end(), actions.outcomes.begin(), actions.outcomes.end());
    for (const OutputWrite& write : actions.writes) {
      writes.push_back({now, write});
      if (module_answers) {
        if (write.pulse && write.level && !coil[write.effect]) ++pulse_edges;
        coil[write.effect] = write.level;
      }
      take(
          runner->on_write_done(write.effect, module_answers ? Status{} : Status{fail(Fault::timeout)}, now));
    }
    if (!stores_pulses) return;
    for (const linkage::Cell& cell : actions.pulses_started) {
      if (memory.pulses_done.insert(cell).second) ++pulses_stored;
      take(runner->on_pulse_stored(cell, now));
    }
  }

  MonoTime next_poll_ = linkage::test::at(0s);
};

}  // namespace tocsin::flow::test
