#pragma once
// What the program takes from its database when it starts: the term of its ownership, what it knew of
// gateways and feeds.

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cloud/store/store.h"

namespace tocsin::cloud {

struct Opening {
  std::unique_ptr<Store> store;
  std::uint64_t term = 0;  // max(stored + 1, UTC milliseconds)
  std::vector<GatewayRow> gateways;
  std::set<std::string> silenced;         // gateways whose silence alarm is open
  std::map<std::string, FeedHead> feeds;  // by adcode
};

Result<Opening> open_state(const std::filesystem::path& directory, const std::set<std::string>& adcodes,
                           bool restored, UtcTime now);

}  // namespace tocsin::cloud
