#pragma once
// The part of the API that gives orders to gateways: commands, desired outputs, and the reset of an alarm
// (docs/protocols/commands.md). Each order is an audit record in the same transaction.

#include <optional>
#include <string>
#include <vector>

#include "cloud/api/routes.h"

namespace tocsin::cloud {

// Nothing when the path is none of these. `parts`: the path, split; "api", "v1" in front.
std::optional<Routed> route_orders(const HttpRequest& request, const std::vector<std::string>& parts,
                                   const Grant& grant, const SystemFigures& figures, UtcTime now);

}  // namespace tocsin::cloud
