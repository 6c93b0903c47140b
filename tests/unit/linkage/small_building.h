#pragma once
// A small building for the tests of linkage: an escape door, a gas valve, a fan and a lift's recall.

#include "core/linkage/matrix.h"

namespace tocsin::linkage::test {

inline MonoTime at(Duration since_start) {
  return MonoTime{1h + since_start};
}

inline Cause fire(const std::string& zone) {
  return {CauseKind::confirmed_fire, zone, {}};
}
inline Cause gas(const std::string& zone) {
  return {CauseKind::gas_a2, zone, {}};
}
inline Cause loss(const std::string& device) {
  return {CauseKind::loss, {}, device};
}

inline CauseState active_since(MonoTime since) {
  return {.active = true, .latched = true, .since = since};
}
inline CauseState latched_since(MonoTime since) {
  return {.active = false, .latched = true, .since = since};
}

// Door: locked by an energised coil. The other words are the coil's.
inline Effect door() {
  Effect effect;
  effect.name = "door";
  effect.zone = "3F";
  effect.output = {"relay-1", "ch1"};
  effect.feedback = PointId{"relay-1", "in1"};
  effect.word_off = "open";
  effect.word_on = "locked";
  effect.escape = true;
  return effect;
}

// Valve: held open by an energised coil.
inline Effect valve() {
  Effect effect;
  effect.name = "valve";
  effect.zone = "kitchen";
  effect.output = {"relay-1", "ch2"};
  effect.feedback = PointId{"relay-1", "in2"};
  effect.word_off = "closed";
  effect.word_on = "open";
  effect.valve = true;
  effect.ex_rated = true;
  return effect;
}

// Off until a row starts it.
inline Effect starter(const std::string& name, const std::string& zone, int channel) {
  Effect effect;
  effect.name = name;
  effect.zone = zone;
  effect.output = {"relay-1", "ch" + std::to_string(channel)};
  effect.feedback = PointId{"relay-1", "in" + std::to_string(channel)};
  effect.normal = false;
  effect.active = true;
  return effect;
}

inline Row row(Cause when, std::vector<std::string> then, Mode mode = Mode::latch, Duration delay = {}) {
  Row row;
  row.when = std::move(when);
  row.then = std::move(then);
  row.mode = mode;
  row.delay = delay;
  if (mode == Mode::pulse) row.pulse = 1s;
  return row;
}

inline Matrix small_building() {
  Effect fan = starter("fan", "kitchen", 3);
  fan.ex_rated = true;
  return {.effects = {door(), valve(), fan, starter("lift", "3F", 4)},
          .rows = {row(fire("3F"), {"door"}), row(gas("kitchen"), {"valve", "fan"}),
                   row(fire("3F"), {"lift"}, Mode::pulse)}};
}

inline const Desired& of(const std::vector<Desired>& all, const std::string& effect) {
  for (const Desired& desired : all)
    if (desired.effect == effect) return desired;
  throw std::logic_error("no effect " + effect);
}

}  // namespace tocsin::linkage::test
