#pragma once
// One effect from demand to outcome: drives its output, holds it there, and judges it by its feedback (design
// section 8). Pure; part of EffectRunner. Each on_…() takes note; advance() then does what is due.
//
// A demand ends confirmed, failed or unknown within 20 s, with one retry at 10 s. A level is written again at
// least every 3 s, so that a relay module's communication watchdog (10 s) never takes the gateway for dead. A
// pulse is driven once.

#include <optional>
#include <string>

#include "gateway/flow/effect_actions.h"
#include "gateway/flow/output_gate.h"

namespace tocsin::flow {

class EffectChannel {
 public:
  EffectChannel(linkage::Effect effect, const OutputGate::Start& start, MonoTime now);

  // Nothing is written before `not_before` (stagger of the row).
  void on_desired(const linkage::Desired& wanted, MonoTime not_before, EffectActions& actions);
  void on_pulse_stored(const linkage::Cell& cell, MonoTime now);
  void on_feedback(std::optional<bool> level);  // nothing: bad quality
  void on_write_done(bool accepted, MonoTime now);
  void on_zone_quiet() { gate_.on_zone_quiet(); }
  void reset(bool on_site);
  void advance(MonoTime now, EffectActions& actions);

  const linkage::Effect& effect() const { return effect_; }
  const linkage::Desired& wanted() const { return base_; }
  std::optional<bool> driven() const { return target_; }  // nothing while the output is left as it is
  bool waits_for_reset() const { return gate_.waits_for_reset(); }
  bool knows(const linkage::Cell& cell) const { return pulse_ && pulse_->cell == cell; }
  std::optional<MonoTime> next_due() const;

 private:
  // What has to be shown by the feedback, and how far that is.
  struct Episode {
    linkage::Desired wanted;
    MonoTime started{};
    bool retried = false;
    bool accepted = false;  // the module took a write of this level
    std::optional<Outcome> outcome;
    std::optional<Outcome> told;
  };
  struct Pulse {
    enum class Stage : std::uint8_t { storing, driving, over };
    linkage::Cell cell;
    Duration width{};
    Stage stage = Stage::storing;
    bool wanted = true;             // evaluate() still asks for it
    std::optional<MonoTime> until;  // known once the module took the write
    bool watched = false;           // a good reading of the feedback fell into the pulse
    Episode episode;
  };

  linkage::Desired current() const;
  bool pulsing() const { return pulse_ && pulse_->stage == Pulse::Stage::driving; }
  void on_pulse_wanted(const linkage::Desired& wanted, MonoTime not_before, EffectActions& actions);
  void step_pulse(MonoTime now, EffectActions& actions);
  void judge_pulse(MonoTime now, EffectActions& actions);
  void aim(const linkage::Desired& wanted, MonoTime now, EffectActions& actions);
  void begin_episode(const linkage::Desired& wanted, MonoTime now, EffectActions& actions);
  void judge(Episode& episode, MonoTime now, EffectActions& actions);
  void overtake(Episode& episode, MonoTime now, EffectActions& actions);
  void conclude(Episode& episode, Outcome outcome, std::string detail, MonoTime now, EffectActions& actions);
  void write_when_due(MonoTime now, EffectActions& actions);
  void tell_held(EffectActions& actions);
  std::string missed(const Episode& episode) const;
  std::string word(bool level) const { return level ? effect_.word_on : effect_.word_off; }

  linkage::Effect effect_;
  OutputGate gate_;
  linkage::Desired base_;   // what is wanted apart from pulses
  linkage::Desired aimed_;  // what target_ comes from
  std::optional<Pulse> pulse_;
  std::optional<Episode> episode_;
  MonoTime not_before_;

  std::optional<bool> target_;
  std::optional<bool> feedback_;
  bool fresh_ = false;  // feedback_ was read after the first write of this level

  std::optional<bool> issued_;  // level of the last write
  int in_flight_ = 0;           // writes without an answer yet
  MonoTime issued_at_{};
  MonoTime next_write_{};
  bool write_now_ = false;
  bool told_failed_ = false;   // the last outcome told was a failure
  bool pulse_failed_ = false;  // of a pulse: being at rest does not end it, the next pulse or a reset does
  bool told_held_ = false;
};

}  // namespace tocsin::flow
