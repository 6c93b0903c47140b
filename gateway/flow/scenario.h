#pragma once
// A story about a building that a fire engineer can read and write: at a time this happens, and that is
// expected. The format is described in docs/how-to/write-a-linkage-scenario.md. Pure.

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/config/document.h"
#include "gateway/flow/virtual_site.h"

namespace tocsin::flow {

struct ResetZone {
  std::string zone;
};
struct ResetAlarm {
  std::string alarm;
};  // "gas-1/gas gas", as alarm_text() begins
struct Restart {
  bool clean = false;
  Duration down{};
};
struct Disable {
  std::string device;
  Duration time{};
};
struct Enable {
  std::string device;
};
struct WalkTest {
  std::string zone;
  std::optional<Duration> time;
};
struct Hold {
  std::string effect;
  std::optional<std::string> word;
};  // nothing: given back
using Act = std::variant<ResetZone, ResetAlarm, Restart, Disable, Enable, WalkTest, Hold>;

struct ScenarioStep {
  Duration at{};
  std::string at_text;
  // What happens, in this order.
  std::map<std::string, Value> set;
  std::vector<std::string> follow, lose, back;
  std::optional<Act> act;
  bool refused = false;  // the act is
  // What is expected after it.
  std::map<std::string, std::string> expect;       // effect or annunciator -> word
  std::map<std::string, std::string> outcome;      // effect -> confirmed, failed, unknown
  std::map<std::string, Value> activations;        // effect -> how often it came to its active level so far
  std::optional<std::vector<std::string>> alarms;  // exactly these are open
};

struct Scenario {
  std::string description, source;
  std::string building;  // name of the configuration it is about
  std::vector<ScenarioStep> steps;
};

// Nothing when there is any error in `problems`.
std::optional<Scenario> read_scenario(const std::string& text, const std::string& file,
                                      config::Problems& problems);

// Plays it on a new site. What differed, one line each: "00:12: stair-door is locked, expected open".
std::vector<std::string> play(const Scenario& scenario, VirtualSite& site);

// "zone/3F/fire confirmed", "gas-1/gas gas a2 latched": key, stage, and what is special about it.
std::string alarm_text(const alarm::Record& record);

}  // namespace tocsin::flow
