#pragma once
// Carries out what people do with an alarm (cloud/desk/act.h). Every act is an audit record in the same
// transaction.

#include <string>

#include "cloud/api/routes.h"
#include "cloud/desk/act.h"

namespace tocsin::cloud {

// Inside a transaction. 409 when the alarm's state does not allow it.
StoreAnswer perform(Store& store, const Alarm& alarm, const Act& act, const Grant& grant, UtcTime now);

std::string epoch_text(std::uint64_t epoch);  // 16 hex digits, as in alarm ids

}  // namespace tocsin::cloud
