#pragma once
// Alarm rules as data: which point, which condition, which stage. Profiles give the defaults (values from the
// standards named there), the gateway's configuration overrides them per device.

#include <string>
#include <variant>
#include <vector>

#include "core/value/point.h"

namespace tocsin::alarm {

// Conditions. Numbers are in the point's own unit.
struct Above {
  double limit = 0;
  double deadband = 0;  // returns below limit - deadband
};
struct Below {
  double limit = 0;
  double deadband = 0;
};
struct AnyBit {
  std::uint64_t mask = ~std::uint64_t{0};  // a bool counts as bit 0
};
struct Equals {
  std::int64_t value = 0;  // an enumeration's member
};
struct RateOfRise {
  double per_minute = 0;
  Duration window{};
};
struct Stuck {
  Duration longest{};  // good readings, but never a changed value
};
struct NoData {
  Duration longest{};  // no good or uncertain reading for this long
};
struct Twa {
  double limit = 0;  // 8-hour time-weighted average, always divided by 8 h (GBZ 2.1)
};
struct Stel {
  double limit = 0;  // highest rolling 15-minute mean
};
struct CoDose {};  // EN 50291-1: 50 ppm 60..90 min, 100 ppm 10..40 min, 300 ppm under 3 min
using Condition = std::variant<Above, Below, AnyBit, Equals, RateOfRise, Stuck, NoData, Twa, Stel, CoDose>;

struct Level {
  Stage stage = Stage::none;
  Condition condition;
};

struct Rule {
  std::string name;  // "smoke", "gas", "no-data": the last part of the alarm's key
  AlarmClass cls = AlarmClass::fault;
  std::vector<Level> levels;  // rising: one open record whose stage may rise
  Duration on_delay{};        // 0 for life safety (design section 8)
  Duration off_delay{};
  bool latching = false;           // stays until an authorised reset
  Stage latch_from = Stage::none;  // of a latching rule: a lower stage closes by itself (gas latches at a2)
};

// A rule bound to one point of one device.
struct BoundRule {
  PointId point;
  std::string zone;  // empty when the device has none
  std::string unit;
  Rule rule;
  Duration period{};  // expected between readings; half of them make a minute of TWA valid. 0: unknown
};

}  // namespace tocsin::alarm
