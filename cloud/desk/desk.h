#pragma once
// The alarm desk: looks at each change of each alarm once, calls people by the duty list, tells webhooks,
// takes alarms from the shelf when their time is over. It runs on the store thread inside one transaction:
// what it decides, its place in the news and its audit lines are committed together, so a restart repeats
// nothing.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cloud/desk/call.h"
#include "cloud/ingest/apply.h"

namespace tocsin::cloud {

struct DeskSettings {
  std::map<std::string, Duty> duty;                    // by community
  std::map<std::string, std::set<std::string>> feeds;  // by community: webhooks that get every change
  std::map<std::string, Place> places;                 // by gateway
};

struct DeskOutcome {
  Applied applied;
  std::set<std::string> targets;    // webhooks that have something new to send
  std::vector<Alarm> clocked;       // as they were when people were to hear of them: for the alarm clock
  std::optional<UtcTime> next_due;  // of a call
  bool more = false;                // this run took its share; there is more to do at once
};

// `silent`: gateways whose silence alarm is open.
DeskOutcome run_desk(Store& store, const DeskSettings& settings, const std::set<std::string>& silent,
                     UtcTime now);

// Up to which number of the news the desk has come.
std::uint64_t desk_position(Store& store);

}  // namespace tocsin::cloud
