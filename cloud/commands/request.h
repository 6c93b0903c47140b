#pragma once
// What a client of the API may ask a gateway to do: the bodies of the requests, checked. Pure.

#include <map>
#include <string>

#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::cloud {

struct CommandRequest {
  std::string point, operation;
  std::map<std::string, std::string> arguments;
  Duration valid_for = std::chrono::seconds(60);  // 5 s to 10 min
};
// {"point": "effect/stair-door-3f", "operation": "pulse", "arguments": {"seconds": "5"}, "valid_for_s": 60}
Result<CommandRequest> parse_command_request(const std::string& body);

struct DesiredRequest {
  std::map<std::string, std::string> outputs;  // effect -> word
  Duration valid_for{};                        // 10 s to 31 days
  std::string on_expiry;                       // hold, safe
};
// {"outputs": {"lobby-screen": "evacuate"}, "valid_for_s": 3600, "on_expiry": "safe"}
Result<DesiredRequest> parse_desired_request(const std::string& body);

// Operators answer what happens now; what stays (hold, release, desired outputs) is the manager's.
bool is_managers(const std::string& operation);

}  // namespace tocsin::cloud
