#include "gateway/command/key.h"

#include <algorithm>

namespace tocsin::command {
namespace {

constexpr std::array<std::string_view, 6> names{"doors", "valves-close", "effects",
                                                "reset", "ack",          "desired"};

}  // namespace

std::string_view name_of(Permission permission) {
  return names.at(static_cast<std::size_t>(permission));
}

std::optional<Permission> permission_of(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Permission>(found - names.begin());
}

bool covers(const Key& key, Permission permission, const std::string& zone, const std::string& effect) {
  if (!key.may.contains(permission)) return false;
  if (key.zones.empty() && key.effects.empty()) return true;
  return (!zone.empty() && key.zones.contains(zone)) || (!effect.empty() && key.effects.contains(effect));
}

}  // namespace tocsin::command
