#pragma once
// Carries the matrix's answers to the outputs: start rule, stagger, re-assertion, pulses, retry and outcome
// of every effect (design section 8). Pure: time comes with each call. Owned by the gateway's Asio thread.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/result/result.h"
#include "gateway/flow/effect_actions.h"
#include "gateway/flow/effect_channel.h"

namespace tocsin::flow {

struct StartCondition {
  bool clean_stop = false;     // the last run ended in order; true as well for the very first start
  std::set<std::string> held;  // effects that waited for a reset then (EffectHeld)
};

enum class ResetFrom : std::uint8_t { on_site, remote };

class EffectRunner {
 public:
  EffectRunner(const linkage::Matrix& matrix, const StartCondition& start, MonoTime now);

  // All that evaluate() said; call it at start before anything else, and after each change.
  EffectActions on_desired(const std::vector<linkage::Desired>& desired, MonoTime now);
  // The cell is committed to pulses_done: only now the pulse is driven.
  EffectActions on_pulse_stored(const linkage::Cell& cell, MonoTime now);
  // Each reading of a point, changed or not; nothing: bad quality.
  EffectActions on_feedback(const PointId& point, std::optional<bool> level, MonoTime now);
  EffectActions on_write_done(const std::string& effect, const Status& status, MonoTime now);
  // Once after the start: every safety point of the zone has been read good and quiet.
  EffectActions on_zone_quiet(const std::string& zone, MonoTime now);
  // An authorised reset, after on_desired() with what it left: for effects of the zone and of rows with a
  // cause in it. A valve opens again only after a reset on site.
  EffectActions reset(const std::string& zone, ResetFrom from, MonoTime now);
  EffectActions on_tick(MonoTime now);

  std::optional<MonoTime> next_due() const;                    // when on_tick has something to do
  const EffectChannel* find(const std::string& effect) const;  // nullptr when there is none

 private:
  MonoTime slot_for(const linkage::Desired& desired, const EffectChannel& channel, MonoTime now);

  linkage::Matrix matrix_;
  std::vector<EffectChannel> channels_;        // in the order of matrix_.effects
  std::map<std::string, std::size_t> index_;   // of channels_, by name
  std::map<std::size_t, MonoTime> next_slot_;  // by row: when the next of its effects may start
};

}  // namespace tocsin::flow
