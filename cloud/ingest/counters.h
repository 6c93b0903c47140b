#pragma once
// Counters of the aggregator, by name and cause, as /metrics shows them. Owned by the Asio thread.

#include <cstdint>
#include <map>
#include <string>

namespace tocsin::cloud {

struct Counters {
  std::map<std::string, std::uint64_t> rejected;  // by cause: foreign-shard, unknown-gateway, malformed …
  std::uint64_t records = 0, duplicates = 0, commits_failed = 0, alarms_changed = 0, feed_published = 0;
};

}  // namespace tocsin::cloud
