#include "cloud/app/config.h"

#include <algorithm>
#include <set>

namespace tocsin::cloud {
namespace {

using config::Table;

bool is_loopback(const std::string& broker) {
  return broker.starts_with("mqtt://127.0.0.1:") || broker.starts_with("mqtt://localhost:") ||
         broker.starts_with("mqtt://[::1]:");
}

BrokerConfig read_broker(const Table& root, std::string_view name) {
  const Table table = root.required_table(name);
  table.only({"broker", "ca", "cert", "key"});
  BrokerConfig broker{table.text("broker"), table.text_or("ca", ""), table.text_or("cert", ""),
                      table.text_or("key", "")};
  const bool secure = broker.broker.starts_with("mqtts://");
  if (!secure && !is_loopback(broker.broker))
    table.problem("broker", "mqtts://host:port; mqtt:// without TLS is accepted only to loopback");
  if (secure && (broker.ca.empty() || broker.cert.empty() || broker.key.empty()))
    table.problem("ca", "the files ca, cert and key, for mqtts");
  return broker;
}

bool is_adcode(const std::string& text) {
  return text.size() == 6 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void read_communities(const Table& root, CloudConfig& config) {
  std::set<std::string> adcodes;
  for (const auto& [name, table] : root.tables("community")) {
    table.only({"adcode", "gateways", "label"});
    const std::string adcode = table.text("adcode");
    if (!is_adcode(adcode)) table.problem("adcode", "the six digits of GB/T 2260, such as \"110105\"");
    adcodes.insert(adcode);
    for (const auto& gateway : table.texts_or("gateways", {})) {
      if (config.gateways.count(gateway) != 0)
        table.problem("gateways", "gateways that no other community has; '" + gateway + "' is twice");
      GatewayConfig entry;
      entry.community = name;
      entry.site.adcode = adcode;
      entry.site.community = name;
      entry.site.building = gateway;
      config.gateways[gateway] = std::move(entry);
    }
  }
  if (config.gateways.empty())
    root.problem("community", "at least one [community.NAME] with gateways = [...]");
  config.adcodes.assign(adcodes.begin(), adcodes.end());
}

// [site."community/building"]: its gateways are listed, or are those of the community whose id ends with
// "-<building>", or all of them when the community has one site.
void read_site(const std::string& key, const Table& table, std::size_t sites_of_community,
               CloudConfig& config) {
  table.only({"address", "phone", "entrances", "hydrants", "hazards", "plan_url", "gateways", "lat", "lon"});
  const auto slash = key.find('/');
  SiteCard card;
  card.community = key.substr(0, slash);
  card.building = slash == std::string::npos ? "" : key.substr(slash + 1);
  card.address = table.text_or("address", "");
  card.phone = table.text_or("phone", "");
  card.plan_url = table.text_or("plan_url", "");
  card.entrances = table.texts_or("entrances", {});
  card.hydrants = table.texts_or("hydrants", {});
  card.hazards = table.texts_or("hazards", {});
  const auto listed = table.texts_or("gateways", {});
  for (auto& [id, gateway] : config.gateways) {
    if (gateway.community != card.community) continue;
    card.adcode = gateway.site.adcode;
    const bool named = std::find(listed.begin(), listed.end(), id) != listed.end();
    const bool meant = !listed.empty() ? named : sites_of_community == 1 || id.ends_with("-" + card.building);
    if (!meant) continue;
    gateway.site.building = card.building;
    gateway.site.lat = table.number_if("lat");
    gateway.site.lon = table.number_if("lon");
  }
  if (card.adcode.empty() || !is_name(card.building))
    table.problem("", "a site named \"community/building\" of a configured community");
  config.sites.push_back(std::move(card));
}

void read_sites(const Table& root, CloudConfig& config) {
  const auto sites = root.table("site");
  if (!sites) return;
  std::map<std::string, std::size_t> count;
  for (const auto& name : sites->keys()) ++count[name.substr(0, name.find('/'))];
  for (const auto& name : sites->keys())
    read_site(name, sites->required_table(name), count[name.substr(0, name.find('/'))], config);
}

}  // namespace

std::optional<CloudConfig> load_config(const std::string& text, const std::string& file,
                                       config::Problems& problems) {
  const auto root = config::parse(text, file, problems);
  if (!root) return std::nullopt;
  root->only({"name", "field", "city", "api", "store", "community", "site"});
  CloudConfig config;
  if (root->has("name")) config.name = root->name("name");
  config.field = read_broker(*root, "field");
  config.city = read_broker(*root, "city");
  const Table api = root->required_table("api");
  api.only({"listen"});
  config.listen = api.text("listen");
  if (const auto store = root->table("store")) {
    store->only({"url"});
    if (store->text_or("url", "sqlite:") != "sqlite:")
      store->problem("url", "\"sqlite:\"; PostgreSQL is not there yet");
  }
  read_communities(*root, config);
  read_sites(*root, config);
  problems.sort();
  if (!problems.ok()) return std::nullopt;
  return config;
}

}  // namespace tocsin::cloud
