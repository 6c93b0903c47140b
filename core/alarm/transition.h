#pragma once
// What the alarm machine says: one change of one alarm. A Transition is what a record on lane `alarm`
// carries.

#include <compare>
#include <string>
#include <vector>

#include "core/value/point.h"

namespace tocsin::alarm {

// Unique within a gateway; at most one open record per key.
struct Key {
  std::string device;  // also "zone/<name>", "effect/<name>", "gateway"
  std::string point;
  std::string rule;

  friend auto operator<=>(const Key&, const Key&) = default;
};

// ISA-18.2 states are derived from these (facts/lifesafety.md 1.1); the edge owns them, the cloud owns ack,
// shelve, assign.
struct Bits {
  bool active = false;
  bool latched = false;
  bool disabled = false;
  bool test = false;
  bool out_of_service = false;

  friend bool operator==(const Bits&, const Bits&) = default;
};

enum class Change : std::uint8_t {
  raised,  // opens a record: it names the alarm
  stage_rose,
  returned,     // condition gone, record still open (latched)
  reactivated,  // condition back while the record was open; repeats of chatter are folded into count
  closed,       // record ends
  marked,       // disabled, test or out_of_service changed
};

struct Transition {
  Key key;
  std::string alarm_id;  // empty in a `raised` transition until bind() names it
  AlarmClass cls = AlarmClass::fault;
  Stage stage = Stage::none;
  Change change = Change::raised;
  Bits bits;
  std::uint32_t count = 1;  // activations folded into this record
  std::string zone;
  Value value;  // the value that decided; none for bits of the system
  std::string unit;
  std::optional<double> threshold;
  std::vector<std::string> cause;  // "device/point" of what led to it
  std::optional<UtcTime> t_source;
  Stamp t_detected;
  bool inferred = false;  // found when reading again after an outage
  std::string reason;     // of a person's act or of a fault: one line
};

// Life safety comes first on every path.
inline bool is_urgent(const Transition& t) {
  return is_life_safety(t.cls);
}

}  // namespace tocsin::alarm
