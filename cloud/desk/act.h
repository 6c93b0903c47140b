#pragma once
// What people may do with an alarm at the desk, by its state and their role: acknowledge, confirm, shelve,
// unshelve, assign, comment, close. Pure; the caller saves, tells and writes the audit line.

#include <optional>
#include <string>

#include "cloud/alarms/alarm.h"
#include "core/result/result.h"

namespace tocsin::cloud {

struct Act {
  std::string name;              // ack comment assign close confirm shelve unshelve
  std::string text;              // the comment, the reason, or who is assigned
  std::chrono::minutes time{0};  // shelve
};

// `body` is a JSON object {"text": "…", "minutes": 30}, or empty. Fault::not_found when there is no such act,
// Fault::bad_input when the body does not fit it.
Result<Act> parse_act(const std::string& name, const std::string& body);

// Whether only managers may do it: what hides an alarm.
bool is_for_managers(const Act& act);

// The alarm afterwards. Fault::refused when its state or class does not allow it: life safety is never
// shelved, what is active or latched cannot be closed.
Result<Alarm> apply_act(Alarm alarm, const Act& act, const std::string& who, UtcTime now);

}  // namespace tocsin::cloud
