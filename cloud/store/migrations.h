#pragma once
// The numbered steps from an empty file to today's tables. A step that was released never changes: add the
// next one.

#include <array>
#include <string_view>

namespace tocsin::cloud {

// migrations[i] leads from version i to version i + 1, each in one transaction; PRAGMA user_version holds the
// version.
extern const std::array<const char*, 4> migrations;

}  // namespace tocsin::cloud
