#pragma once
// The life of one alarm key: opened, risen, returned, back, closed; the folding of chatter; the latch.
// Everything that happens to a record happens here. Pure; driven by level, so that saying the same signal
// twice changes nothing.

#include <optional>
#include <vector>

#include "core/alarm/record.h"
#include "core/result/result.h"

namespace tocsin::alarm {

// What does not change while a record is open.
struct Subject {
  Key key;
  AlarmClass cls = AlarmClass::fault;
  std::string zone;
  bool latching = false;
  Stage latch_from = Stage::none;  // of a latching subject: from this stage on
  Duration off_delay{};            // already waited when a signal ends
};

// What a rule or a declaration says now, after its delays.
struct Signal {
  bool active = false;
  Stage stage = Stage::none;
  Value value;
  std::string unit;
  std::optional<double> threshold;
  std::vector<std::string> cause;
  std::optional<UtcTime> t_source;
  bool inferred = false;
  std::string reason;
};

class Lifecycle {
 public:
  // ISA-18.2 calls an alarm chattering at 3 annunciations in 60 s. From then on the record stays active until
  // the signal was gone for 60 s, and repeats are told at most once per 60 s, with their count.
  static constexpr std::size_t chatter_activations = 3;
  static constexpr Duration chatter_window = 60s;

  // Brings the record in line with the signal. `marks` are the disabled and test bits of an activation now.
  std::optional<Transition> step(const Subject& subject, const Signal& signal, const Stamp& now,
                                 const Bits& marks);
  // Fault::not_found when nothing is latched, Fault::refused while the record is active.
  Result<Transition> reset(const Stamp& now, const std::string& who);
  // Nothing when the record is not open or has these marks already. The latch that a walk-test left behind
  // stays `test` after its end, or each test would end in alarms; its next activation is none.
  std::optional<Transition> mark(const Bits& marks, const Stamp& now, const std::string& reason);
  void bind(const std::string& alarm_id) {
    if (record_) record_->alarm_id = alarm_id;
  }
  void rename(const Key& key) {
    if (record_) record_->key = key;
  }  // a stored record does not repeat its key

  std::optional<MonoTime> due() const;  // step() has something to do then, even with the same signal
  const std::optional<Record>& record() const { return record_; }
  bool is_blank(MonoTime now) const;  // nothing here that a restart could lose

  template <class Archive, class Self>
  static void persist(Archive& archive, Self& self) {
    archive.optional(self.record_, [&](auto& record) { archive.record(record); });
    archive.list(self.activations_, chatter_activations, [&](auto& at) { archive.time(at); });
    archive.flag(self.chattering_);
    archive.optional(self.hold_until_, [&](auto& at) { archive.time(at); });
    archive.time(self.told_at_);
    archive.count(self.told_count_);
  }

 private:
  std::optional<Transition> step_active(const Subject& subject, const Signal& signal, const Stamp& now,
                                        const Bits& marks);
  std::optional<Transition> step_inactive(const Subject& subject, const Signal& signal, const Stamp& now);
  std::optional<Transition> tell_repeats(const Signal& signal, const Stamp& now);
  Transition open(const Subject& subject, const Signal& signal, const Stamp& now, const Bits& marks);
  Transition tell(Change change, const Stamp& now);
  void take_evidence(const Signal& signal);
  void note_activation(MonoTime now);

  std::optional<Record> record_;
  std::vector<MonoTime> activations_;  // the latest few, also of records that closed meanwhile
  bool chattering_ = false;
  std::optional<MonoTime> hold_until_;  // the signal is gone, chatter keeps the record active until then
  MonoTime told_at_{};
  std::uint32_t told_count_ = 0;
};

}  // namespace tocsin::alarm
