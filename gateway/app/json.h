#pragma once
// What the control socket shows, as JSON. Pure functions of the daemon's state.

#include <boost/json/object.hpp>

#include "gateway/app/alarm_clock.h"
#include "gateway/config/config.h"
#include "gateway/flow/building.h"
#include "sync/session/uplink.h"

namespace tocsin::gateway {

// {"point", "label", "value", "unit", "quality", "time"}; value is null when there is none, never 0.
boost::json::object reading_json(const Config& config, const Reading& reading);
// The alarm document of design section 10.
boost::json::object alarm_json(const Config& config, const flow::Building& building,
                               const alarm::Record& record, const AlarmClock& clock);
boost::json::array clock_json(const AlarmClock& clock);  // the hops to the cloud: p50, p99, max
boost::json::object uplink_json(const session::UplinkStatus& status);
std::vector<session::OpenAlarm> open_alarms(const flow::Building& building);

}  // namespace tocsin::gateway
