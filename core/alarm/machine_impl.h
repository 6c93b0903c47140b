#pragma once
// The inside of the machine: entries by key, the queue of timers, what is suspended, what is to be saved.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/alarm/entry.h"
#include "core/alarm/machine.h"
#include "core/alarm/open_index.h"

namespace tocsin::alarm {

struct Machine::Impl {
  struct ByTime {  // ties by key, so that a run can be repeated exactly
    bool operator()(const std::pair<MonoTime, Entry*>& a, const std::pair<MonoTime, Entry*>& b) const {
      return a.first != b.first ? a.first < b.first : a.second->subject.key < b.second->subject.key;
    }
  };

  using Timers = std::set<std::pair<MonoTime, Entry*>, ByTime>;

  explicit Impl(std::vector<BoundRule> bound_rules);

  // The step's moment: readings of several buses may arrive a little out of order, time never runs back.
  Stamp enter(const Stamp& now);
  // Brings the record of one entry up to date and appends what happened.
  void step(Entry& entry, const Stamp& now, std::vector<Transition>& out);
  void expire(Entry& entry, const Stamp& now, std::vector<Transition>& out);
  void schedule(Entry& entry);
  std::vector<Entry*> take_due(MonoTime now);  // in the order of their times
  void touch(Entry& entry);

  // suspension.cpp
  Entry* suspended(Origin origin, const std::string& name);
  std::vector<Transition> suspend(Origin origin, const std::string& name, MonoTime until, const Stamp& now,
                                  const std::string& reason);
  std::vector<Transition> resume(Origin origin, const std::string& name, const Stamp& now,
                                 const std::string& reason);
  void end(Entry& suspension, const Stamp& now, const std::string& reason, std::vector<Transition>& out);
  void end_tests_for(const Transition& alarm, const Stamp& now, std::vector<Transition>& out);
  Bits marks_of(const Entry& entry) const;
  void refresh_marks(const Stamp& now, const std::string& reason, std::vector<Transition>& out);

  // restore.cpp
  Status load(const Key& key, ByteView body, const Stamp& now);
  void adopt(Entry& entry, Entry stored, const Key& key, MonoTime now);

  std::vector<BoundRule> rules;  // never changed after construction: watches point into it
  std::map<Key, Entry> entries;
  std::map<PointId, std::vector<Entry*>> by_point;
  std::map<std::string, std::string> zone_of_device;
  std::set<std::string> zones;
  Timers timers;
  std::map<std::string, Entry*> disabled;  // by device
  std::map<std::string, Entry*> tested;    // by zone
  OpenIndex open;
  std::vector<Entry*> to_save;
  std::optional<MonoTime> reconcile_at;  // after a restore: compare the marks of records with the suspensions
  Stamp last;                            // of the latest step
  bool started = false;
};

std::string to_text(const Key& key);                   // "device/point/rule"
std::optional<Key> key_from(const std::string& text);  // a device may have slashes: "zone/3F"

}  // namespace tocsin::alarm
