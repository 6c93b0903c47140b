#include "cloud/app/config.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "cloud/app/desk_config.h"
#include "sync/mqtt/broker_url.h"
#include "sync/wire/topics.h"

namespace tocsin::cloud {
namespace {

struct Community {
  std::string adcode;
  std::vector<std::string> gateways;
};

bool is_adcode(const std::string& text) {
  return text.size() == 6 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "wangjing-west/b12"
bool is_site_name(std::string_view text) {
  return parse_point_id(text).has_value();
}

Broker read_broker(const config::Table& table, const std::filesystem::path& directory) {
  table.only({"broker", "ca", "cert", "key"});
  Broker broker{table.text("broker"), {}};
  const auto url = mqtt::parse_broker_url(broker.url);
  if (!broker.url.empty() && !url) table.problem("broker", "mqtts://HOST:PORT, or mqtt:// to loopback");
  if (!url) return broker;
  if (!url->tls) {
    if (!is_loopback(url->host)) table.problem("broker", "mqtts:// (without TLS only to loopback)");
    return broker;
  }
  const auto file = [&](std::string_view key) { return (directory / table.text(key)).string(); };
  broker.credentials = {file("ca"), file("cert"), file("key")};
  return broker;
}

void read_listen(const std::optional<config::Table>& api, Config& config) {
  const std::string listen = api ? api->text_or("listen", "127.0.0.1:8080") : "127.0.0.1:8080";
  if (api) api->only({"listen"});
  const auto colon = listen.rfind(':');
  const std::string port = colon == std::string::npos ? std::string() : listen.substr(colon + 1);
  config.listen_host = listen.substr(0, colon);
  if (config.listen_host.starts_with("[") && config.listen_host.ends_with("]"))
    config.listen_host = config.listen_host.substr(1, config.listen_host.size() - 2);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), config.listen_port);
  if (api && (port.empty() || error != std::errc{} || end != port.data() + port.size()))
    api->problem("listen", "HOST:PORT, for example 127.0.0.1:8080; port 0 takes a free one");
  else if (api && !is_loopback(config.listen_host))
    api->problem("listen", "a loopback address; a TLS proxy stands before the API");
}

std::map<std::string, Community> read_communities(const config::Table& document) {
  std::map<std::string, Community> communities;
  std::set<std::string> known;
  for (const auto& [name, table] : document.tables("community")) {
    table.only({"adcode", "gateways"});
    Community community{table.text("adcode"), table.texts_or("gateways", {})};
    if (!community.adcode.empty() && !is_adcode(community.adcode))
      table.problem("adcode", "the six digits of GB/T 2260");
    for (const std::string& gateway : community.gateways) {
      if (!wire::is_gateway_id(gateway))
        table.problem("gateways",
                      "gateway ids of a-z, 0-9 and dash, 3 to 32 characters; not '" + gateway + "'");
      else if (!known.insert(gateway).second)
        table.problem("gateways", "each gateway once; '" + gateway + "' stands twice");
    }
    communities[name] = std::move(community);
  }
  return communities;
}

struct NamedSite {
  SiteRecord record;
  std::vector<std::string> gateways;  // that stand in it; empty: found by the building's name
};

std::vector<NamedSite> read_sites(const config::Table& document,
                                  const std::map<std::string, Community>& communities) {
  std::vector<NamedSite> sites;
  const auto all = document.table("site");
  for (const std::string& name : all ? all->keys() : std::vector<std::string>{}) {
    if (!is_site_name(name)) {
      all->problem(name, "a site's name as \"COMMUNITY/BUILDING\"");
      continue;
    }
    const config::Table table = all->required_table(name);
    table.only(
        {"address", "phone", "entrances", "hydrants", "hazards", "plan_url", "lat", "lon", "gateways"});
    const auto slash = name.find('/');
    NamedSite site;
    SiteRecord& record = site.record;
    record.community = name.substr(0, slash);
    record.building = name.substr(slash + 1);
    record.address = table.text_or("address", "");
    record.phone = table.text_or("phone", "");
    record.entrances = table.texts_or("entrances", {});
    record.hydrants = table.texts_or("hydrants", {});
    record.hazards = table.texts_or("hazards", {});
    record.plan_url = table.text_or("plan_url", "");
    record.lat = table.number_if("lat");
    record.lon = table.number_if("lon");
    site.gateways = table.texts_or("gateways", {});
    const auto community = communities.find(record.community);
    if (community == communities.end())
      all->problem(name, "a site of a [community.NAME] of this file");
    else
      record.adcode = community->second.adcode;
    sites.push_back(std::move(site));
  }
  return sites;
}

bool lists(const NamedSite& site, const std::string& gateway) {
  return std::find(site.gateways.begin(), site.gateways.end(), gateway) != site.gateways.end();
}

// docs/adr/0003: the site that lists the gateway, else the one whose building ends its id ("wangjing-b12"),
// else the only site of the community. Without a site the building is the gateway's id.
Site site_of(const std::string& gateway, const std::string& community, const std::string& adcode,
             const std::vector<NamedSite>& sites) {
  std::vector<const NamedSite*> here;
  for (const NamedSite& site : sites)
    if (site.record.community == community) here.push_back(&site);
  const NamedSite* found = here.size() == 1 ? here.front() : nullptr;
  for (const NamedSite* site : here)
    if (gateway.ends_with("-" + site->record.building)) found = site;
  for (const NamedSite* site : here)
    if (lists(*site, gateway)) found = site;
  if (found) return {adcode, community, found->record.building, found->record.lat, found->record.lon};
  return {adcode, community, gateway, {}, {}};
}

}  // namespace

Config read_config(const config::Table& document, const std::filesystem::path& directory) {
  document.only(
      {"aggregator", "field", "city", "api", "store", "community", "site", "webhook", "duty", "commands"});
  Config config;
  config.aggregator = document.text_or("aggregator", "cloud-1");
  if (!is_name(config.aggregator))
    document.problem("aggregator", "a name of letters, digits, dot, dash, underscore");
  config.field = read_broker(document.required_table("field"), directory);
  if (const auto city = document.table("city")) config.city = read_broker(*city, directory);
  read_listen(document.table("api"), config);
  if (const auto store = document.table("store")) {
    store->only({"url"});
    if (store->text_or("url", "sqlite:") != "sqlite:")
      store->problem("url", "\"sqlite:\" (a file in --state)");
  }
  if (const auto commands = document.table("commands")) {
    commands->only({"key"});
    config.signing_key = commands->name("key");
  }
  const auto communities = read_communities(document);
  const auto sites = read_sites(document, communities);
  for (const auto& [name, community] : communities)
    for (const std::string& gateway : community.gateways)
      config.places.push_back({gateway, site_of(gateway, name, community.adcode, sites)});
  for (const NamedSite& site : sites) config.sites.push_back(site.record);
  std::set<std::string> names;
  for (const auto& [name, community] : communities) names.insert(name);
  config.webhooks = read_webhooks(document, directory);
  config.desk = read_desk(document, names, config.webhooks);
  for (const Place& place : config.places) config.desk.places[place.gateway] = place;
  if (config.places.empty()) document.problem("community", "at least one [community.NAME] with gateways");
  return config;
}

std::optional<Config> load_config(const std::filesystem::path& file, config::Problems& problems) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    problems.add({file.string(), 0, "", "no readable file", "a cloud.toml"});
    return std::nullopt;
  }
  std::ostringstream text;
  text << in.rdbuf();
  const auto document = config::parse(text.str(), file.string(), problems);
  if (!document) return std::nullopt;
  Config config = read_config(*document, file.parent_path());
  problems.sort();
  return problems.ok() ? std::optional(std::move(config)) : std::nullopt;
}

}  // namespace tocsin::cloud
