#pragma once
// A device model as data: drivers/profiles/<kind>/<model>.toml read into this (drivers/profiles/load.h). What
// a point's `source` means is known to its protocol alone.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/alarm/rule.h"
#include "core/value/point.h"

namespace tocsin::driver {

// A contact on a line with an end-of-line resistor: a broken or shorted line is a fault, never `normal`. Each
// band is of the scaled number; what lies in none is bad:out-of-range.
struct SupervisedLine {
  struct Band {
    double least = 0, most = 0;
    bool holds(double number) const { return number >= least && number <= most; }
  };
  Band normal, active, open, shorted;
};

struct PointSpec {
  std::string name;
  std::string label;  // for people; may be Chinese
  std::map<std::string, Value>
      source;  // the protocol's own keys, e.g. {table="discrete", address=2, type="u16"}
  std::string unit;
  double scale = 1, offset = 0;                     // value = raw * scale + offset
  std::optional<double> min, max;                   // outside: bad:out-of-range, unless danger lies there
  bool danger_above = false, danger_below = false;  // beyond max or min: the limit itself, uncertain
  std::optional<SupervisedLine> supervised;         // the value is then true (active) or false (normal)
  std::vector<std::int64_t> invalid;                // raw values that mean "no value": bad:invalid-marker
  std::vector<std::int64_t> warm_up;                // raw values that mean "not ready": bad:warming-up
  std::map<std::int64_t, std::string> states;       // an enumeration's words
  bool life_safety = false;  // two agreeing reads before a change counts; has a detection deadline
  bool writable = false;
  bool counter =
      false;       // a meter's total, guarded (gateway/meter): reset, rollover, replacement, zeros, jumps
  int digits = 8;  // of a counter's register; it rolls over behind the last
  double resolution = 0.01;        // of a counter: what its last digit counts, in `unit`
  std::optional<double> max_rate;  // of a counter, `unit` per hour: more between two reads is not plausible
  bool identity = false;           // tells one meter from the next: its number. One point of a profile
  std::string
      freezes;  // the counter whose total at midnight this point gives; its Sample says which midnight
  Duration period = 1s;
  Duration deadline = 3s;  // detection deadline of a life-safety point
};

struct RuleSpec {
  std::string point;
  alarm::Rule rule;
};

struct Limits {
  int max_registers = 125;  // per read
  int max_bits = 2000;
  bool gaps = true;  // reads may span registers nobody asked for
  Duration response_timeout = 500ms;
  // Slowest ordinary answer, end of request to first byte; a slower one is a fault of the plan. Nothing: what
  // is usual on the line (LineCost::answer).
  std::optional<Duration> answer;
  Duration
      turnaround{};  // pause before the next request on the same line, when 3.5 characters are not enough
  int retries = 1;
};

struct Profile {
  std::string name;  // "smoke/uniguard-ug3"
  std::string label;
  std::string protocol;  // "modbus", "dlt645", "cjt188", "mbus"
  std::string source;    // where the map comes from
  std::vector<PointSpec> points;
  std::vector<RuleSpec> rules;
  Limits limits;
  bool call_point = false;  // a manual call point in the sense of GB 50116
  bool fire_detector = false;
  std::optional<int>
      watchdog_s;  // relay modules: outputs fall to their safe state after so long without a request

  const PointSpec* find(const std::string& point) const {
    for (const auto& spec : points)
      if (spec.name == point) return &spec;
    return nullptr;
  }
};

// What may be done to the valve of a meter. A gas valve is never opened from here: a person opens it on the
// spot.
enum class ValveControl : std::uint8_t { none, close, open_and_close };

// One configured device on a bus.
struct DeviceSpec {
  std::string name;
  std::shared_ptr<const Profile> profile;
  std::string address;                      // "17", or a meter's digits
  std::map<std::string, Duration> periods;  // per point, where the configuration overrides the profile
  std::map<std::string, Duration> deadlines;
  ValveControl valve = ValveControl::none;
};

}  // namespace tocsin::driver
