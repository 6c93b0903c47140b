#pragma once
// Who may order what: the [key.NAME] tables of gateway.toml. Deny by default. Pure data.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tocsin::command {

enum class Permission : std::uint8_t {
  doors,         // drive effects that lock or release a door
  valves_close,  // close gas valves; there is no permission to open one
  effects,       // drive every other effect
  reset,         // reset alarms and zones
  ack,           // acknowledge alarms, silence annunciators
  desired,       // set desired outputs; doors and valves as well
};
std::string_view name_of(Permission permission);  // "valves-close"
std::optional<Permission> permission_of(std::string_view name);

using PublicKey = std::array<std::uint8_t, 32>;  // Ed25519

struct Key {
  std::string name;
  PublicKey public_key{};
  std::set<Permission> may;
  std::set<std::string> zones, effects;  // only there; both empty: the whole building
};
using Keys = std::map<std::string, Key>;  // by name

// `zone` and `effect` are empty for what concerns the whole building.
bool covers(const Key& key, Permission permission, const std::string& zone, const std::string& effect);

}  // namespace tocsin::command
