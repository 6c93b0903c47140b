#pragma once
// What a command means in this building. Pure: reads the words of an order against the configuration.

#include <set>
#include <string>
#include <variant>

#include "core/linkage/matrix.h"
#include "gateway/command/key.h"
#include "gateway/command/refusal.h"
#include "sync/wire/orders.h"

namespace tocsin::command {

enum class Operation : std::uint8_t { hold, release, pulse, reset, acknowledge, silence };

struct Intent {
  Operation operation{};
  const linkage::Effect* effect = nullptr;  // of hold, release, pulse; lives as long as the matrix
  std::string zone;                         // of the effect, or to be reset
  std::string alarm_id;                     // of reset and acknowledge; its zone is the caller's to fill in
  bool level = false;                       // of hold
  Duration width{};                         // of pulse
};

// Points: "effect/NAME" or the effect's output "DEVICE/POINT", "zone/NAME", "alarm/ID", "annunciators".
std::variant<Refused, Intent> read_intent(const wire::CommandOrder& order, const linkage::Matrix& matrix,
                                          const std::set<std::string>& zones);

// A door: an escape door, or an effect one of whose words is "locked".
bool is_door(const linkage::Effect& effect);
Permission permission_for(const linkage::Effect& effect);
Permission permission_for(const Intent& intent);
// Doors, valves and resets: an order that was not signed in this very connection is not obeyed.
bool needs_session(const Intent& intent);

const linkage::Effect* find_effect(const linkage::Matrix& matrix, const std::string& point);
// Nothing when it is no word of this effect.
std::optional<bool> level_of(const linkage::Effect& effect, const std::string& word);
std::string words_of(const linkage::Effect& effect);  // "open or locked"

}  // namespace tocsin::command
