#pragma once
// What the effect runner asks its caller to do. Plain data; the caller does it in the order of the members.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/linkage/matrix.h"

namespace tocsin::flow {

// How a demand ended (design section 8). `unknown`: written, but nothing tells whether it acted.
enum class Outcome : std::uint8_t { confirmed, failed, unknown };
std::string_view name_of(Outcome outcome);

struct OutputWrite {
  std::string effect;
  PointId output;
  bool level = false;
  linkage::Owner owner = linkage::Owner::normal;
  bool pulse = false;

  friend bool operator==(const OutputWrite&, const OutputWrite&) = default;
};

// Of a return to normal only a failure, and its end, is told. A later outcome of one demand replaces the
// earlier one.
struct EffectOutcome {
  std::string effect;
  bool level = false;
  std::string word;  // the level as people say it: "open"
  Outcome outcome = Outcome::unknown;
  linkage::Owner owner = linkage::Owner::normal;
  std::optional<linkage::Cause> cause;
  MonoTime at{};
  std::string detail;  // one line; empty when confirmed
};

// The effect began or ceased to wait for a reset: a supervisory alarm, and part of the next StartCondition.
struct EffectHeld {
  std::string effect;
  bool held = false;
  std::string reason;

  friend bool operator==(const EffectHeld&, const EffectHeld&) = default;
};

struct EffectActions {
  std::vector<OutputWrite> writes;
  std::vector<linkage::Cell> pulses_started;  // commit them to pulses_done, then call on_pulse_stored()
  std::vector<EffectOutcome> outcomes;
  std::vector<EffectHeld> held;  // commit them as well
};

}  // namespace tocsin::flow
