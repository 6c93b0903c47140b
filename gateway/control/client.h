#pragma once
// The other end of the control socket, for the CLI: blocking.

#include <functional>
#include <string>

#include <boost/json/object.hpp>

#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::control {

// One request, one answer. Fault::unreachable when no daemon listens; Fault::timeout after `within`.
Result<boost::json::object> ask(const std::string& socket, const boost::json::object& request,
                                Duration within);

// One request, many answers: until `each` returns false or the daemon closes.
Status stream(const std::string& socket, const boost::json::object& request,
              const std::function<bool(const boost::json::object&)>& each);

}  // namespace tocsin::control
