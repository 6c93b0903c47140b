#include "cloud/app/desk_config.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace tocsin::cloud {
namespace {

constexpr std::size_t shortest_secret = 16;  // bytes
constexpr mode_t for_others = 0077;

// One line of text. Nobody but the owner may read the file.
std::string read_secret(const config::Table& table, const std::filesystem::path& directory) {
  const std::string name = table.text("secret_file");
  if (name.empty()) return {};
  const std::filesystem::path file = directory / name;
  struct stat info {};
  std::ifstream in(file);
  std::string secret;
  if (::stat(file.c_str(), &info) != 0 || !in) {
    table.problem("secret_file", "a readable file with the secret; for example: openssl rand -hex 32 > FILE");
    return {};
  }
  if ((info.st_mode & for_others) != 0)
    table.problem("secret_file", "a file that only its owner can read; for example: chmod 0400 FILE");
  std::getline(in, secret);
  if (secret.size() < shortest_secret)
    table.problem("secret_file", "a file with a secret of at least 16 bytes");
  return secret;
}

Webhook read_webhook(const std::string& name, const config::Table& table,
                     const std::filesystem::path& directory) {
  table.only({"url", "secret_file", "ca", "communities"});
  Webhook webhook;
  webhook.name = name;
  const std::string text = table.text("url");
  if (const auto url = parse_webhook_url(text)) {
    webhook.tls = url->tls;
    webhook.host = url->host;
    webhook.port = url->port;
    webhook.path = url->path;
    if (!url->tls && !is_loopback(url->host)) table.problem("url", "https:// (without TLS only to loopback)");
  } else if (!text.empty()) {
    table.problem("url", "https://HOST[:PORT]/PATH");
  }
  webhook.secret = read_secret(table, directory);
  if (table.has("ca")) {
    webhook.ca = (directory / table.text("ca")).string();
    if (!std::ifstream(webhook.ca)) table.problem("ca", "a readable PEM file of the receiver's authority");
  }
  return webhook;
}

bool is_known(const std::vector<Webhook>& webhooks, const std::string& name) {
  return std::any_of(webhooks.begin(), webhooks.end(), [&](const Webhook& one) { return one.name == name; });
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::vector<Webhook> read_webhooks(const config::Table& document, const std::filesystem::path& directory) {
  std::vector<Webhook> webhooks;
  for (const auto& [name, table] : document.tables("webhook"))
    webhooks.push_back(read_webhook(name, table, directory));
  return webhooks;
}

DeskSettings read_desk(const config::Table& document, const std::set<std::string>& communities,
                       const std::vector<Webhook>& webhooks) {
  DeskSettings desk;
  for (const auto& [name, table] : document.tables("webhook"))
    for (const std::string& community : table.texts_or("communities", {})) {
      if (!communities.contains(community))
        table.problem("communities", "names of [community.NAME]; not '" + community + "'");
      desk.feeds[community].insert(name);
    }
  const auto duty = document.table("duty");
  for (const std::string& community : duty ? duty->keys() : std::vector<std::string>{}) {
    if (!communities.contains(community)) duty->problem(community, "a community of [community.NAME]");
    for (const config::Table& entry : duty->list(community)) {
      entry.only({"contact", "webhook"});
      const Contact contact{entry.name("contact"), entry.text("webhook")};
      if (!contact.webhook.empty() && !is_known(webhooks, contact.webhook))
        entry.problem("webhook", "the name of a [webhook.NAME]");
      desk.duty[community].contacts.push_back(contact);
    }
  }
  return desk;
}

}  // namespace tocsin::cloud
