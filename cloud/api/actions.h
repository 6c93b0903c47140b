#pragma once
// What people may do with an alarm: acknowledge, comment, assign, close. Every act is an audit record in the
// same transaction.

#include <string>

#include "cloud/api/routes.h"

namespace tocsin::cloud {

struct Act {
  std::string name;  // ack comment assign close
  std::string text;  // the comment, or who is assigned
};

// `body` is a JSON object {"text": "…"}, or empty. Fault::not_found when there is no such act.
Result<Act> parse_action(const std::string& name, const std::string& body);

// Inside a transaction. 409 when the alarm's state does not allow it: what is active or latched cannot be
// closed.
StoreAnswer perform(Store& store, Alarm alarm, const Act& act, const Grant& grant, UtcTime now);

std::string epoch_text(std::uint64_t epoch);  // 16 hex digits, as in alarm ids

}  // namespace tocsin::cloud
