#pragma once
// A drain by our programs: tocsin-gateway with a backlog in data.db, tocsin-cloud with an empty store.

#include <filesystem>
#include <string>
#include <vector>

#include "core/bytes/reader.h"

namespace tocsin::bench {

// Seconds from `resume` until the cloud has acknowledged every block.
double product_drain(const std::vector<Bytes>& blocks, const std::string& field_broker,
                     const std::string& city_broker, const std::filesystem::path& programs,
                     const std::filesystem::path& profiles, const std::filesystem::path& folder);

}  // namespace tocsin::bench
