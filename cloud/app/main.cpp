// tocsin-cloud run | check | token create | key create | audit verify. Exit 0 good, 1 a fault was found, 2
// wrong use or configuration.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <set>

#include <CLI/CLI.hpp>
#include <sodium.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "cloud/api/audit.h"
#include "cloud/api/tokens.h"
#include "cloud/app/audit_anchor.h"
#include "cloud/app/cloud.h"
#include "cloud/commands/signing_key.h"
#include "cloud/store/sqlite_store.h"

namespace {

using namespace tocsin;         // NOLINT(google-build-using-namespace): the program's own words
using namespace tocsin::cloud;  // NOLINT(google-build-using-namespace)

constexpr int found_fault = 1;
constexpr int wrong_use = 2;

int complain(const Error& error) {
  std::cerr << "tocsin-cloud: " << to_string(error) << "\n";
  return found_fault;
}

std::optional<Config> load(const std::string& file) {
  config::Problems problems;
  auto config = load_config(file, problems);
  for (const config::Problem& problem : problems.list()) std::cerr << to_string(problem) << "\n";
  return config;
}

// The state directory belongs to this user alone.
Status make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::create_directories(directory, error)) ::chmod(directory.c_str(), 0700);
  if (error) return fail(Fault::io, directory.string() + ": " + error.message(), error.value());
  return {};
}

int run(const std::string& file, const RunOptions& options) {
  const auto config = load(file);
  if (!config) return wrong_use;
  if (const Status made = make_directory(options.state); !made) return complain(made.error());
  const Status ran = run_cloud(*config, options);
  return ran ? 0 : complain(ran.error());
}

int create_token_for(const std::string& role, const std::vector<std::string>& communities,
                     const std::filesystem::path& state) {
  const auto known = role_of(role);
  if (!known) {
    std::cerr << "tocsin-cloud: found role '" << role
              << "', expected viewer, city, operator, manager or admin\n";
    return wrong_use;
  }
  for (const std::string& community : communities)
    if (!is_name(community)) {
      std::cerr << "tocsin-cloud: found community '" << community << "', expected a name\n";
      return wrong_use;
    }
  if (const Status made = make_directory(state); !made) return complain(made.error());
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto token = create_token(state / "tokens", *known, communities, now);
  if (!token) return complain(token.error());
  std::cout << *token << "\n";
  return 0;
}

int create_key_of(const std::string& name, const std::filesystem::path& state) {
  if (const Status made = make_directory(state); !made) return complain(made.error());
  const auto open = create_signing_key(state, name);
  if (!open) return complain(open.error());
  std::cout << "# for gateway.toml; strike out what this key may not do, or add zones = [\"…\"]\n"
            << "[key." << name << "]\npublic = \"" << *open << "\"\n"
            << "may = [\"doors\", \"valves-close\", \"effects\", \"reset\", \"ack\", \"desired\"]\n";
  return 0;
}

// `expected`: a head that was noted elsewhere, as "NUMBER:HASH"; else the one of audit.head counts.
int check(const std::string& file) {
  const auto config = load(file);
  if (!config) return wrong_use;
  std::set<std::string> communities;
  for (const Place& place : config->places) communities.insert(place.site.community);
  std::cout << file << ": good. " << communities.size() << " communities, " << config->places.size()
            << " gateways\n";
  return 0;
}

int verify(const std::filesystem::path& state, std::string expected) {
  std::replace(expected.begin(), expected.end(), ':', ' ');
  const auto noted = audit_head_from(expected);
  if (!expected.empty() && !noted) {
    std::cerr << "tocsin-cloud: --expect is NUMBER:HASH, as `audit verify` prints them\n";
    return wrong_use;
  }
  const auto anchor = read_anchor(state);
  if (!anchor) return complain(anchor.error());
  if (!std::filesystem::exists(state / "cloud.db"))
    return complain(fail(Fault::not_found, (state / "cloud.db").string()));
  auto store = open_sqlite_store(state / "cloud.db");
  if (!store) return complain(store.error());
  AuditReport report;
  const Status read = (*store)->transact([&] { report = verify_audit(**store, noted ? noted : *anchor); });
  if (!read) return complain(read.error());
  if (report.broken_at) {
    std::cout << "audit: broken at entry " << *report.broken_at << "\n";
    return found_fault;
  }
  if (report.truncated) {
    const AuditHead& missing = noted ? *noted : **anchor;
    std::cout << "audit: truncated: entry " << missing.number
              << " was written and is missing, or another stands in its place\n";
    return found_fault;
  }
  std::cout << "audit: " << report.entries << " entries, the chain is whole";
  if (report.entries > 0) std::cout << "; head " << report.head.number << ":" << report.head.hash;
  std::cout << (noted || *anchor ? "" : " (no audit.head to compare its end with)") << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(0077);  // the database, its WAL and the tokens are this user's alone
  spdlog::set_default_logger(spdlog::stderr_color_mt("tocsin-cloud"));
  if (sodium_init() < 0) return complain(fail(Fault::unsupported, "no source of random numbers"));

  CLI::App app{"The aggregator: takes alarms and data of many gateways, feeds the city and the API"};
  app.require_subcommand(1);
  std::string config, state, role, expected, key_name;
  std::vector<std::string> communities;
  bool restored = false;

  CLI::App* run_command = app.add_subcommand("run", "Runs until SIGTERM");
  run_command->add_option("--config", config, "cloud.toml")->required();
  run_command->add_option("--state", state, "Directory of the database and the tokens")->required();
  run_command->add_flag("--restored", restored, "The database came back from a backup");
  CLI::App* check_command = app.add_subcommand("check", "Checks a configuration and starts nothing");
  check_command->add_option("--config", config, "cloud.toml")->required();
  CLI::App* token_command = app.add_subcommand("token", "Bearer tokens of the API")->require_subcommand(1);
  CLI::App* create_command = token_command->add_subcommand("create", "Makes a token and shows it once");
  create_command->add_option("--role", role, "viewer, city, operator, manager or admin")->required();
  create_command->add_option("--community", communities, "Only this community; may be repeated");
  create_command->add_option("--state", state, "Directory of the tokens")->required();
  CLI::App* key_command =
      app.add_subcommand("key", "Keys that sign orders to gateways")->require_subcommand(1);
  CLI::App* new_key = key_command->add_subcommand(
      "create", "Makes a key (mode 0400) and prints its public half for gateway.toml");
  new_key->add_option("--name", key_name, "What the gateways call it")->required();
  new_key->add_option("--state", state, "Directory of the keys")->required();
  new_key->footer("Example:\n  tocsin-cloud key create --name desk --state /var/lib/tocsin-cloud");
  CLI::App* audit_command = app.add_subcommand("audit", "What people did")->require_subcommand(1);
  CLI::App* verify_command =
      audit_command->add_subcommand("verify", "Checks the chain; not while the cloud runs");
  verify_command->add_option("--state", state, "Directory of the database")->required();
  verify_command->add_option(
      "--expect", expected,
      "NUMBER:HASH of a head noted earlier, for example from a call that a webhook got");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : wrong_use;
  }
  if (run_command->parsed()) return run(config, {state, restored});
  if (check_command->parsed()) return check(config);
  if (create_command->parsed()) return create_token_for(role, communities, state);
  if (new_key->parsed()) return create_key_of(key_name, state);
  return verify(state, expected);
}
