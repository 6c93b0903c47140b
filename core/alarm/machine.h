#pragma once
// The alarm state machine of one gateway. Pure: time comes with each call. Owned by the gateway's Asio
// thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/alarm/record.h"
#include "core/alarm/rule.h"
#include "core/alarm/transition.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::alarm {

// What something else than a rule decided: confirmed fire, a failed effect, a lost device, a full disk.
struct Declared {
  Key key;
  AlarmClass cls = AlarmClass::fault;
  Stage stage = Stage::none;
  bool active = false;
  bool latching = false;
  std::string zone;
  std::vector<std::string> cause;
  std::string reason;
};

class Machine {
 public:
  explicit Machine(std::vector<BoundRule> rules);
  ~Machine();
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) noexcept;

  // Each returns the transitions in the order they happened, at most a few per call.
  std::vector<Transition> on_reading(const Reading& reading, bool inferred = false);
  // Without effect for a key that a rule decides.
  std::vector<Transition> on_declared(const Declared& condition, const Stamp& now);
  std::vector<Transition> on_tick(const Stamp& now);

  // Names the alarm that a `raised` transition opened; call it before the next step.
  void bind(const Key& key, const std::string& alarm_id);

  // Fault::refused while the cause is present, Fault::not_found when nothing is latched.
  Result<std::vector<Transition>> reset(const Key& key, const Stamp& now, const std::string& who);
  // Life-safety classes can only be disabled, for at most 8 h (design section 8); renewing ends one record
  // and opens the next. The disablement is the alarm DEVICE/device/disabled. Fault::not_found for a device
  // without rules.
  Result<std::vector<Transition>> disable(const std::string& device, MonoTime until, const Stamp& now,
                                          const std::string& who, const std::string& reason);
  std::vector<Transition> enable(const std::string& device, const Stamp& now, const std::string& who);
  // Walk-test of a zone, at most 60 min: its alarms carry `test`; without `until` it ends. Shown as the
  // record zone/ZONE/zone/walk-test, itself `test`. It ends at once on a confirmed fire or an alarm in a zone
  // not under test.
  Result<std::vector<Transition>> set_test(const std::string& zone, std::optional<MonoTime> until,
                                           const Stamp& now, const std::string& who);

  std::optional<MonoTime> next_due() const;  // when on_tick has something to do
  const Record* find(const Key& key) const;  // nullptr when not open
  const Record* find_id(const std::string& alarm_id) const;
  std::vector<Record> open() const;  // copies, by key
  // The records themselves, by key; valid until the machine's next step.
  std::vector<const Record*> open_in_zone(const std::string& zone) const;
  std::vector<const Record*> open_of_device(const std::string& device) const;
  std::size_t open_count() const;

  // Everything that must survive a restart, per key ("device/point/rule"): open record, running timers,
  // windows of TWA. dirty() lists the keys changed since the last call; state_of() is empty when the row is
  // to be deleted.
  std::vector<std::string> dirty();
  Bytes state_of(const std::string& key) const;
  Status restore(const std::string& key, ByteView state, const Stamp& now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::alarm
