#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "cloud/api/tokens.h"
#include "cloud/app/aggregator.h"

namespace {

using namespace tocsin;

std::optional<cloud::CloudConfig> read_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return std::nullopt;
  }
  config::Problems problems;
  auto config = cloud::load_config(text.str(), path, problems);
  for (const auto& problem : problems.list()) std::fprintf(stderr, "%s\n", to_string(problem).c_str());
  return config;
}

int run(const std::string& config_path, const std::string& state) {
  auto config = read_config(config_path);
  if (!config) return 2;
  std::signal(SIGPIPE, SIG_IGN);
  spdlog::set_default_logger(spdlog::stderr_logger_st("tocsin-cloud"));
  boost::asio::io_context io(1);
  cloud::Aggregator aggregator(io, std::move(*config), state);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) {
    spdlog::info("stopping");
    aggregator.stop();
    io.stop();
  });
  aggregator.start();
  std::printf("ready api=%s\n", aggregator.api_address().c_str());
  std::fflush(stdout);
  io.run();
  return 0;
}

int make_token(const std::string& role, const std::string& state) {
  const auto token = cloud::create_token(state, *cloud::role_of(role));
  if (!token) {
    std::fprintf(stderr, "%s\n", to_string(token.error()).c_str());
    return 1;
  }
  std::fprintf(stderr, "This token is shown once; keep it safe:\n");
  std::printf("%s\n", token->c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "tocsin-cloud: the aggregator that listens to the gateways\n\nExample:\n  tocsin-cloud run --config "
      "cloud.toml --state "
      "/var/lib/tocsin-cloud"};
  app.require_subcommand(1);
  app.set_version_flag("--version", TOCSIN_VERSION);
  std::string config, state, role;
  int exit_code = 0;
  auto* run_command = app.add_subcommand("run", "run the aggregator until SIGTERM");
  run_command->add_option("--config", config, "configuration file (TOML)")->required();
  run_command->add_option("--state", state, "folder for cloud.db and tokens")->required();
  run_command->callback([&] { exit_code = run(config, state); });
  auto* check = app.add_subcommand("check", "check a configuration (exit 2 when it is refused)");
  check->add_option("--config", config, "configuration file")->required();
  check->callback([&] {
    exit_code = read_config(config) ? 0 : 2;
    if (exit_code == 0) std::printf("%s: good\n", config.c_str());
  });
  auto* token = app.add_subcommand("token", "tokens of the API");
  token->require_subcommand(1);
  auto* create = token->add_subcommand("create", "make a token; it is shown once");
  create->add_option("--role", role, "viewer, operator, manager, admin or city")
      ->required()
      ->check(CLI::IsMember({"viewer", "operator", "manager", "admin", "city"}));
  create->add_option("--state", state, "the aggregator's folder")->required();
  create->callback([&] { exit_code = make_token(role, state); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot start: %s\n", error.what());
    return 1;
  }
  return exit_code;
}
