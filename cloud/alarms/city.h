#pragma once
// Which alarms the city hears of (design section 10), and under which topic. Pure.

#include <string>

#include "cloud/alarms/alarm.h"

namespace tocsin::cloud {

// Confirmed fire, gas A2, toxic A2, escalated SOS, and faults or disablement of life-safety points. Never a
// test.
bool concerns_city(const Alarm& alarm);

// What goes to the city when nobody answers: an SOS, or the fire of a single detector (the last step of
// escalation, design section 8).
bool may_be_forwarded(const Alarm& alarm);

// city/<adcode>/<community>/<building>/alarm/<class>/<alarm_id>
std::string city_topic(const Alarm& alarm);

// The alarm that the cloud raises itself when a gateway is silent: device = gateway id, point "link", rule
// "silence".
alarm::Key silence_key(const std::string& gateway);

}  // namespace tocsin::cloud
