#pragma once
// Virtual time, readings and rules for the tests of the alarm machine.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "core/alarm/machine.h"

namespace tocsin::alarm {

inline Stamp at(Duration time, std::uint64_t boot = 1) {
  Stamp stamp;
  stamp.mono = MonoTime{time};
  stamp.boot = boot;
  return stamp;
}

inline Reading good(const PointId& point, Value value, Duration time) {
  Reading reading;
  reading.id = point;
  reading.value = std::move(value);
  reading.t_gateway = at(time);
  return reading;
}

inline Reading bad(const PointId& point, Duration time, Fault fault = Fault::timeout) {
  Reading reading;
  reading.id = point;
  reading.quality = Quality::bad;
  reading.fault = fault;
  reading.t_gateway = at(time);
  return reading;
}

constexpr std::string_view name_of(Change change) {
  switch (change) {
    case Change::raised: return "raised";
    case Change::stage_rose: return "rose";
    case Change::returned: return "returned";
    case Change::reactivated: return "reactivated";
    case Change::closed: return "closed";
    case Change::marked: return "marked";
  }
  return "?";
}

// "raised smoke-1/smoke/smoke prealarm AL x1": change, key, stage, set bits (Active Latched Disabled Test),
// count.
inline std::string describe(const Transition& said) {
  std::string text = std::string(name_of(said.change)) + " " + said.key.device + "/" + said.key.point + "/" +
                     said.key.rule + " ";
  if (said.stage != Stage::none) text += std::string(tocsin::name_of(said.stage)) + " ";
  std::string bits;
  if (said.bits.active) bits += 'A';
  if (said.bits.latched) bits += 'L';
  if (said.bits.disabled) bits += 'D';
  if (said.bits.test) bits += 'T';
  return text + (bits.empty() ? "-" : bits) + " x" + std::to_string(said.count);
}

inline std::string describe(const std::vector<Transition>& said) {
  std::string text;
  for (const Transition& one : said) text += (text.empty() ? "" : ", ") + describe(one);
  return text;
}

// A machine with one rule on sensor-1/value in zone 3F.
struct OneRule {
  explicit OneRule(Rule rule, Duration period = {}) : machine({{point, "3F", "u", rule, period}}) {
    key = {point.device, point.point, rule.name};
  }
  std::string read(Value value, Duration time) {
    return describe(machine.on_reading(good(point, std::move(value), time)));
  }
  std::string tick(Duration time) { return describe(machine.on_tick(at(time))); }

  PointId point{"sensor-1", "value"};
  Key key;
  Machine machine;
};

}  // namespace tocsin::alarm
