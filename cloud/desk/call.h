#pragma once
// When people are called for an alarm, and who (design section 8): at once the first contact of the duty
// list, after 30 and 60 s the next ones, after 180 s all of them, and then the city. An answer (acknowledge,
// confirm, close) ends it. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cloud/alarms/alarm.h"
#include "cloud/store/store.h"

namespace tocsin::cloud {

// One who is on duty: a role such as "guard", never a person's name.
struct Contact {
  std::string name;
  std::string webhook;  // [webhook.NAME]
};

// Of one community, in the order they are called.
struct Duty {
  std::vector<Contact> contacts;
};

// What is to be done about one alarm now.
struct CallPlan {
  std::optional<CallRow> call;    // what remains to be done later; nothing: no more
  std::vector<std::size_t> tell;  // places in the duty list, each once
  bool forward = false;           // the city is told although nobody confirmed it
  bool unshelve = false;          // its time on the shelf is over
};

// Something changed. `before`: what was still to be done; `calls`: raised, risen or back.
CallPlan on_change(const Alarm& alarm, const std::optional<CallRow>& before, bool calls, UtcTime now);

// The row is due. `inhibited`: its gateway is silent, which says it already (faults, disablements and
// supervisory alarms; never life safety).
CallPlan on_due(const Alarm& alarm, const CallRow& row, const Duty& duty, bool inhibited, UtcTime now);

// Whether people are called for it at all: severity 401 and up, not closed, shelved, under test or disabled.
bool calls_people(const Alarm& alarm);

// Faults, disablements and supervisory alarms are hidden by the silence of their gateway.
bool can_be_inhibited(const Alarm& alarm);

}  // namespace tocsin::cloud
