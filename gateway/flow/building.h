#pragma once
// The whole building as one pure state machine: readings, people's acts and time in; writes and one database
// change out. A fire can be replayed from its inputs in a millisecond. Owned by the gateway's Asio thread.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/alarm/machine.h"
#include "core/linkage/memory.h"
#include "gateway/command/intake.h"
#include "gateway/config/config.h"
#include "gateway/flow/annunciators.h"
#include "gateway/flow/effect_runner.h"
#include "gateway/flow/recorder.h"
#include "gateway/flow/standing.h"
#include "gateway/flow/zones.h"

namespace tocsin::flow {

// What the last run left in alarm.db: (kind, key, body) of its state rows.
struct Restored {
  Numbering numbering;
  std::vector<std::pair<std::string, Bytes>> alarms;  // kind "alarm"
  std::vector<std::pair<std::string, Bytes>>
      linkage;  // kind "linkage": key "memory", "held/<effect>", "manual/<effect>", "command/<effect>"
  std::vector<std::string> acknowledged;  // kind "ack": alarm ids
  bool clean_stop = false;                // kind "run": the last run ended in order, or there was none
  std::vector<std::pair<std::string, Bytes>> commands = {},
                                             command_marks = {};  // kinds "command", "command-key"
  std::vector<std::pair<std::string, Bytes>> desired = {};        // kind "desired"
};

// How an effect stands, for status and documents.
struct EffectView {
  std::string effect, word;
  std::optional<Outcome> outcome;  // nothing while it is under way, or at rest
  std::string alarm_id;            // what drove it
  Stamp at;
  std::string detail;
};

// A command without an outcome for so long has failed; an effect ends within 20 s (design section 8).
inline constexpr Duration longest_act = 30s;

class Building {
 public:
  Building(const gateway::Config& config, const Restored& restored, const Stamp& now);

  // First of all, and its change before any other: marks the run as not ended in order.
  Step start(const Stamp& now);
  Step on_readings(const std::vector<Reading>& readings, const Stamp& now);
  Step on_device(const std::string& device, bool online, const Error& why, const Stamp& now);
  Step on_write_done(const Write& write, const Status& status, const Stamp& now);
  Step on_pulse_stored(const linkage::Cell& cell, const Stamp& now);
  Step on_tick(const Stamp& now);
  // A condition of the gateway itself: store failing, records lost, uplink away.
  Step on_declared(const alarm::Declared& condition, const Stamp& now);
  Step on_uplink(bool alarm_unacked_30s, const Stamp& now);
  Step on_event(const wire::EventReport& report, const Stamp& now);
  Step stop(const Stamp& now);  // a stop in order

  // Orders of the cloud (orders.cpp; design section 9): the exact bytes of down/command and down/desired.
  Step on_command(ByteView signed_bytes, const command::Circumstances& at);
  Step on_desired(ByteView signed_bytes, const command::Circumstances& at);
  // One that the uplink did not even open: retained, oversize, malformed.
  Step on_flawed_order(command::Refusal why, const Stamp& now);
  // The acceptance is committed: only now the command acts.
  Step on_command_stored(const Bytes& id, const Stamp& now);

  // People's acts; `who` goes into the record. Fault::not_found, Fault::refused say why. A valve opens again
  // only after a reset on site.
  Result<Step> reset_alarm(const std::string& alarm_id, const std::string& who, const Stamp& now,
                           ResetFrom from = ResetFrom::on_site);
  Result<Step> reset_zone(const std::string& zone, const std::string& who, const Stamp& now,
                          ResetFrom from = ResetFrom::on_site);
  Result<Step> acknowledge(const std::string& alarm_id, const std::string& who, const Stamp& now);
  Step silence(const std::string& who, const Stamp& now);
  // Its alarms count for nothing for `time`, at most 8 h; shown and reported all the while.
  Result<Step> disable(const std::string& device, Duration time, const std::string& who,
                       const std::string& reason, const Stamp& now);
  Step enable(const std::string& device, const std::string& who, const Stamp& now);
  // For at most 60 min; without a time it ends.
  Result<Step> walk_test(const std::string& zone, std::optional<Duration> time, const std::string& who,
                         const Stamp& now);
  // Manual: before the matrix, never before the release of an escape door. Stays until given back (nothing).
  Result<Step> hold(const std::string& effect, std::optional<bool> level, const std::string& who,
                    const Stamp& now);

  // Why an order for this effect would be without effect now; empty when it would be obeyed.
  std::string obstacle(const linkage::Effect& effect, const linkage::Override& wanted, MonoTime now) const;

  std::optional<MonoTime> next_due() const;
  std::uint64_t desired_version() const { return standing_.desired().version; }
  const command::Intake& intake() const { return intake_; }
  std::size_t commands_under_way() const { return under_way_.size(); }
  std::vector<alarm::Record> open() const { return machine_.open(); }
  std::size_t open_count() const { return machine_.open_count(); }
  bool acknowledged(const std::string& alarm_id) const { return acked_.count(alarm_id) != 0; }
  const std::map<PointId, Reading>& readings() const { return latest_; }
  const std::map<std::string, EffectView>& effects() const { return effects_; }
  const std::set<std::string>& lost() const { return lost_; }
  const linkage::Memory& linkage_memory() const { return memory_; }
  bool silenced() const { return annunciators_.silenced(); }

 private:
  // A command that was accepted.
  struct UnderWay {
    command::Intent intent;
    std::string who;
    MonoTime act_by{};              // stored later than this, it is not done any more
    std::optional<MonoTime> acted;  // its effect has been driven; the outcome is awaited
  };

  void restore_memory(const Restored& restored, const Stamp& now);
  void clear_latches(const std::string& zone, const std::string& device, ResetFrom from, const Stamp& now,
                     Step& step);
  void settle(std::vector<alarm::Transition> found, const Stamp& now, Step& step);
  void record(std::vector<alarm::Transition> found, Step& step);
  void vote(const std::set<std::string>& zones, const Stamp& now, Step& step);
  void link(const Stamp& now, Step& step);
  void apply(EffectActions actions, const Stamp& now, Step& step);
  void note_outcome(const EffectOutcome& outcome, const Stamp& now, Step& step);
  void note_held(const EffectHeld& held, const Stamp& now, Step& step);
  void announce_quiet_zones(const Stamp& now, Step& step);
  // orders.cpp
  void refuse(const command::Refused& refused, const Stamp& now, Step& step);
  std::optional<command::Refused> objection(const command::AuthenticCommand& command,
                                            const command::Intent& intent, MonoTime now) const;
  std::optional<command::Refused> objection(const command::AuthenticDesired& order) const;
  linkage::Desired outcome_of(const linkage::Effect& effect, const linkage::Override& wanted,
                              MonoTime now) const;
  void act(const Bytes& id, const Stamp& now, Step& step);
  void act_on_alarms(const Bytes& id, const UnderWay& command, const Stamp& now, Step& step);
  void overtake(const std::string& effect, const Bytes& by, const Stamp& now, Step& step);
  void conclude(const Bytes& id, const std::string& outcome, const std::string& detail, const Stamp& now,
                Step& step);
  void on_effect_outcome(const EffectOutcome& outcome, const Stamp& now, Step& step);
  void resume_commands(const Stamp& now, Step& step);
  void tick_orders(const Stamp& now, Step& step);

  void finish(const Stamp& now, Step& step);  // annunciators and changed state rows: last in every step
  std::string cause_alarm(const std::optional<linkage::Cause>& cause) const;

  const gateway::Config& config_;
  alarm::Machine machine_;
  Zones zones_;
  linkage::Memory memory_;
  Standing standing_;
  command::Intake intake_;
  std::map<Bytes, UnderWay> under_way_;  // by id
  EffectRunner runner_;
  Annunciators annunciators_;
  Recorder recorder_;
  std::map<PointId, Reading> latest_;
  std::set<PointId> unseen_;  // life-safety points without a good reading since start or outage
  std::map<std::string, std::set<PointId>> safety_points_;  // by zone
  std::set<std::string> quiet_zones_;                       // told to the runner
  std::set<std::string> maybe_quiet_;  // something has changed in them since the last look
  std::set<std::string> lost_;
  std::map<std::string, EffectView> effects_;
  std::set<std::string> acked_;
  std::optional<MonoTime> linkage_due_;  // end of a delay or pulse
  bool unacked_ = false;
  std::set<std::string> changed_zones_;  // whose alarms the annunciators must look at again
  bool memory_dirty_ = false;
  bool memory_lost_ = false;  // its row was damaged
};

}  // namespace tocsin::flow
