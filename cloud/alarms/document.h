#pragma once
// The alarm document "tocsin/alarm/1" (docs/schemas/alarm.schema.json): what the API lists, the city receives
// and the store keeps. Pure.

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "cloud/alarms/alarm.h"

namespace tocsin::cloud {

enum class Audience : std::uint8_t {
  operators,
  city,  // no person's name leaves the community: `assigned` is null
};

std::string to_document(const Alarm& alarm, Audience audience);

// Fault::bad_input when the text is no alarm document. `epoch` and `seq` are not part of it.
Result<Alarm> from_document(std::string_view text);

// Compact JSON with numbers as people write them (39.99, not 3.999E1).
std::string json_text(const boost::json::value& value);

}  // namespace tocsin::cloud
