#pragma once
// The aggregator's configuration (design section 12): read once, checked whole.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloud/alarms/alarm.h"
#include "core/config/document.h"

namespace tocsin::cloud {

struct BrokerConfig {
  std::string broker;  // mqtts://host:port; mqtt:// only to loopback
  std::string ca, cert, key;
};

// What the city is told of a building, retained.
struct SiteCard {
  std::string adcode, community, building;
  std::string address, phone, plan_url;
  std::vector<std::string> entrances, hydrants, hazards;
};

struct GatewayConfig {
  std::string community;
  Site site;
};

struct CloudConfig {
  std::string name = "aggregator-1";  // in heartbeat topics
  BrokerConfig field, city;
  std::string listen;  // "127.0.0.1:8080"; port 0 takes a free one
  std::vector<std::string> adcodes;
  std::map<std::string, GatewayConfig> gateways;
  std::vector<SiteCard> sites;
};

// Nothing when there is any error in `problems`.
std::optional<CloudConfig> load_config(const std::string& text, const std::string& file,
                                       config::Problems& problems);

}  // namespace tocsin::cloud
