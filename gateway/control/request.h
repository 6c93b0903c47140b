#pragma once
// One line on the control socket, as the daemon reads it. Pure.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::control {

// Fault::bad_input for anything but one JSON object.
Result<boost::json::object> parse_request(std::string_view line);

std::string text_of(const boost::json::object& request, std::string_view key);  // empty when there is none

inline constexpr Duration longest_time = std::chrono::hours(24);
// "minutes" of a request: 0 when there are none or fewer, never more than longest_time.
Duration minutes_of(const boost::json::object& request);

}  // namespace tocsin::control
