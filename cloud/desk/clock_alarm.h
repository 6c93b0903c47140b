#pragma once
// A life-safety alarm that took more than 10 s from the sensor to the city is itself an alarm (design section
// 6; GB 26875.1 and GB 25506 give 10 s): device = gateway id, point "clock", rule "late", class supervisory.
// Runs inside a transaction.

#include <map>
#include <string>

#include "cloud/ingest/apply.h"

namespace tocsin::cloud {

inline constexpr std::chrono::milliseconds latest_arrival{10'000};

// From the device's own time, or from its detection, to the city's log; to the cloud when the city was not
// told.
std::chrono::milliseconds total_time(const Alarm& alarm);

alarm::Key late_key(const std::string& gateway);

// Raises it, or counts one more while it is open. An operator closes it by acknowledging it.
void note_breach(Store& store, const std::map<std::string, Place>& places, const Alarm& alarm, UtcTime now,
                 Applied& applied);

}  // namespace tocsin::cloud
