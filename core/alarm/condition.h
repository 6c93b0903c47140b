#pragma once
// One condition at work: what it remembers between readings and what it says about a new one.

#include <optional>
#include <variant>

#include "core/alarm/exposure.h"
#include "core/alarm/rate.h"
#include "core/alarm/rule.h"
#include "core/alarm/supervision.h"

namespace tocsin::alarm {

// Nothing for conditions that need only the value.
using Memory = std::variant<std::monostate, RateWindow, SilenceTimer, StuckTimer, MinuteSlots, DoseTimers>;

Memory memory_for(const Condition& condition, Duration period);

struct Finding {
  bool present = false;
  Value measured;     // what was compared with the limit: the reading, the rate, the average
  bool save = false;  // the memory changed by something that a restart must not lose
};

// What a usable reading says; nothing when the condition cannot tell and what it said before stands.
// `was`: the condition held until now. `value` has a number, or text for conditions on the readings
// themselves.
std::optional<Finding> on_sample(const Condition& condition, Memory& memory, const Value& value, MonoTime now,
                                 bool was);

std::optional<double> threshold_of(const Condition& condition);

}  // namespace tocsin::alarm
