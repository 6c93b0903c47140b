#include <algorithm>

#include "gateway/config/loader.h"

namespace tocsin::gateway {
namespace {

using config::Table;

bool is_adcode(const std::string& text) {
  return text.size() == 6 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_gateway_id(const std::string& text) {
  return text.size() >= 3 && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_loopback(const std::string& broker) {
  for (const std::string_view host : {"127.0.0.1", "localhost", "[::1]"})
    if (broker.starts_with("mqtt://" + std::string(host) + ":") || broker == "mqtt://" + std::string(host))
      return true;
  return false;
}

void load_gateway(Loading& loading, const Table& root) {
  const Table gateway = root.required_table("gateway");
  gateway.only({"id", "board"});
  loading.config.id = gateway.text("id");
  if (!is_gateway_id(loading.config.id)) gateway.problem("id", "3 to 32 of a-z, 0-9 and dash");
  loading.config.board = gateway.name("board");
  load_board(loading, gateway);

  const Table site = root.required_table("site");
  site.only({"adcode", "community", "building", "lat", "lon"});
  loading.config.site = {site.text("adcode"), site.name("community"), site.name("building"),
                         site.number_or("lat", 0), site.number_or("lon", 0)};
  if (!is_adcode(loading.config.site.adcode))
    site.problem("adcode", "the six digits of GB/T 2260, such as \"110105\"");
}

void load_cloud(Loading& loading, const Table& root) {
  const Table cloud = root.required_table("cloud");
  cloud.only({"brokers", "ca", "cert", "key"});
  loading.config.cloud = {cloud.texts_or("brokers", {}), cloud.text_or("ca", ""), cloud.text_or("cert", ""),
                          cloud.text_or("key", "")};
  if (loading.config.cloud.brokers.empty())
    cloud.problem("brokers", "at least one broker, such as [\"mqtts://field.example:8883\"]");
  for (const auto& broker : loading.config.cloud.brokers) {
    const bool secure = broker.starts_with("mqtts://");
    if (!secure && !is_loopback(broker))
      cloud.problem("brokers",
                    "mqtts://host:port; '" + broker + "' without TLS is accepted only to loopback");
    if (secure && loading.config.cloud.ca.empty())
      cloud.problem("ca", "the file of the certificate authority, for mqtts");
    if (secure && (loading.config.cloud.cert.empty() || loading.config.cloud.key.empty()))
      cloud.problem("cert", "cert and key of this gateway, for mqtts");
  }
}

}  // namespace

void load_board(Loading& loading, const Table& gateway) {
  const auto text = loading.files.board(loading.config.board);
  if (!text) {
    gateway.problem("board", "a board that has a file boards/<board>.toml, such as \"generic-x86\"");
    return;
  }
  const auto board = config::parse(*text, "boards/" + loading.config.board + ".toml", loading.problems);
  if (!board) return;
  board->only({"label", "ports", "supervision"});
  if (const auto ports = board->table("ports")) loading.ports = ports->texts();
  if (const auto supervision = board->table("supervision"))
    for (const auto& [input, point] : supervision->texts())
      if (point == "not fitted") loading.config.not_fitted.emplace(input, point);
}

std::optional<PointId> read_point(const Loading& loading, const Table& table, std::string_view key,
                                  bool writable) {
  const std::string text = table.text(key);
  if (text.empty()) return std::nullopt;
  const auto id = parse_point_id(text);
  if (!id) {
    table.problem(key, "DEVICE/POINT, such as \"relay-1/ch3\"");
    return std::nullopt;
  }
  const auto* spec = loading.find(*id);
  if (spec == nullptr) {
    table.problem(key, "a point of a configured device");
    return std::nullopt;
  }
  if (writable && !spec->writable) {
    table.problem(key, "an output: the profile does not mark this point writable");
    return std::nullopt;
  }
  return *id;
}

std::optional<Config> load_config(const Files& files, config::Problems& problems, Deadlines deadlines) {
  Loading loading{files, problems, {}, {}, {}};
  const auto root = config::parse(files.config, files.config_name, problems);
  if (root) {
    root->only(
        {"gateway", "site", "cloud", "bus", "zone", "device", "effect", "annunciator", "linkage", "key"});
    load_gateway(loading, *root);
    load_cloud(loading, *root);
    load_zones(loading, *root);
    load_buses(loading, *root);
    load_devices(loading, *root);
    load_effects(loading, *root);
    load_annunciators(loading, *root);
    load_keys(loading, *root);
    if (deadlines == Deadlines::checked && problems.ok()) check_deadlines(loading, *root);
  }
  problems.sort();
  if (!problems.ok()) return std::nullopt;
  return std::move(loading.config);
}

}  // namespace tocsin::gateway
