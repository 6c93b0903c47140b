#pragma once
// Bearer tokens of the API: shown once when made, kept only as a hash. One file of mode 0600 in the state
// folder.

#include <filesystem>
#include <optional>
#include <string>

#include "core/result/result.h"

namespace tocsin::cloud {

enum class Role : std::uint8_t { viewer, operators, manager, admin, city };
std::optional<Role> role_of(const std::string& name);
std::string name_of(Role role);

// Adds a token of this role and gives its text.
Result<std::string> create_token(const std::filesystem::path& state, Role role);

// The role of a token that comes with a request; nothing when it is not known. Reads the file each time:
// tokens made while the server runs count at once.
std::optional<Role> check_token(const std::filesystem::path& state, const std::string& authorization);

}  // namespace tocsin::cloud
