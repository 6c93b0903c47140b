#pragma once
// Inside gateway/config: what the parts of the loader share.

#include <memory>
#include <set>

#include "gateway/config/config.h"

namespace tocsin::gateway {

struct Loading {
  const Files& files;
  config::Problems& problems;
  Config config;
  std::map<std::string, std::string> ports;                                // of the board
  std::map<std::string, std::shared_ptr<const driver::Profile>> profiles;  // nullptr: could not be read

  const driver::PointSpec* find(const PointId& id) const {
    const auto device = config.devices.find(id.device);
    return device == config.devices.end() ? nullptr : device->second.spec.profile->find(id.point);
  }
};

void load_board(Loading& loading, const config::Table& gateway);
void load_buses(Loading& loading, const config::Table& root);
void load_zones(Loading& loading, const config::Table& root);
void load_devices(Loading& loading, const config::Table& root);
void load_effects(Loading& loading, const config::Table& root);  // [effect.*], [[linkage]] and their lints
void load_annunciators(Loading& loading, const config::Table& root);
void load_keys(Loading& loading, const config::Table& root);  // [key.*]

void check_sources(Loading& loading, const driver::Profile& profile);  // once per profile
// Refuses a bus on which a life-safety point can miss its detection deadline (design section 5).
void check_deadlines(Loading& loading, const config::Table& root);

// "relay-1/ch3": the point must exist (and be writable, for an output).
std::optional<PointId> read_point(const Loading& loading, const config::Table& table, std::string_view key,
                                  bool writable);

}  // namespace tocsin::gateway
