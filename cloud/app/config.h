#pragma once
// cloud.toml (design section 12). Text in, values out; every problem is collected, none stops the reading.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cloud/desk/desk.h"
#include "cloud/desk/webhook.h"
#include "cloud/feeds/site_document.h"
#include "cloud/ingest/apply.h"
#include "core/config/document.h"
#include "sync/mqtt/mqtt_port.h"

namespace tocsin::cloud {

struct Broker {
  std::string url;  // mqtts://host:port; mqtt:// to loopback only
  mqtt::Credentials credentials;
};

struct Config {
  std::string aggregator;  // this cloud's name in heartbeats and client ids
  Broker field;
  std::optional<Broker> city;  // nothing: no city feed
  std::string listen_host;     // loopback: TLS ends in a proxy before the API
  std::uint16_t listen_port = 0;
  std::string signing_key;  // name of the key for orders; empty: the only one in the state directory
  std::vector<Place> places;
  std::vector<SiteRecord> sites;
  std::vector<Webhook> webhooks;
  DeskSettings desk;
};

// `directory`: what relative file names are relative to.
Config read_config(const config::Table& document, const std::filesystem::path& directory);

// The whole way from the file. Nothing when it has problems.
std::optional<Config> load_config(const std::filesystem::path& file, config::Problems& problems);

}  // namespace tocsin::cloud
