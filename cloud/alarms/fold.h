#pragma once
// How one record of lane `alarm` changes one alarm. Pure. Every transition carries the whole state of its
// alarm, so an alarm whose first record was lost is still shown.

#include <optional>
#include <string>

#include "cloud/alarms/alarm.h"
#include "sync/wire/codec.h"

namespace tocsin::cloud {

// Where a record comes from, and its clock.
struct Arrival {
  std::string gateway;
  Site site;
  std::uint64_t epoch = 0, seq = 0;
  UtcTime stored{}, sent{}, cloud{};
};

enum class Effectiveness : std::uint8_t {
  nothing,  // older than what is known, or without a subject
  filled,   // the body of something that up/now had told already: saved, but triggers nothing again
  changed,  // news for people and feeds
};

struct Folded {
  std::optional<Alarm> alarm;  // to be saved, unless `nothing`
  Effectiveness effect = Effectiveness::nothing;
  bool calls = false;  // of `changed`: raised, risen or back, so that people must hear of it
};

// The alarm that a record speaks of.
std::string subject_of(const wire::DecodedAlarmBody& body, const Arrival& arrival);

Folded fold(const std::optional<Alarm>& before, const wire::DecodedAlarmBody& body, const Arrival& arrival);

}  // namespace tocsin::cloud
