#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include "gateway/app/daemon.h"

int main(int argc, char** argv) {
  using namespace tocsin;
  CLI::App app{
      "Tocsin gateway: the edge daemon of one building.\n\nExample:\n  tocsin-gateway --config gateway.toml "
      "--state "
      "/var/lib/tocsin --socket /run/tocsin/control --profiles /usr/share/tocsin/profiles"};
  gateway::DaemonOptions options;
  std::string state;
  app.add_option("--config", options.config_path, "configuration file (TOML)")->required();
  app.add_option("--state", state, "folder for alarm.db and data.db")->required();
  app.add_option("--socket", options.socket_path, "control socket for the tocsin command")->required();
  app.add_option("--profiles", options.profiles_dir, "folder of device profiles")->required();
  app.set_version_flag("--version", TOCSIN_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.state_dir = state;
  std::signal(SIGPIPE, SIG_IGN);

  const auto files = gateway::read_files(options.config_path, options.profiles_dir);
  if (!files) {
    std::fprintf(stderr, "%s\n", files.error().detail.c_str());
    return 2;
  }
  config::Problems problems;
  auto config = gateway::load_config(*files, problems);
  for (const auto& problem : problems.list()) std::fprintf(stderr, "%s\n", to_string(problem).c_str());
  if (!config) {
    std::fprintf(stderr, "%s is not used: correct the lines above; `tocsin check` tells when it is good\n",
                 options.config_path.c_str());
    return 2;
  }
  try {
    boost::asio::io_context io(1);
    gateway::Daemon daemon(io, options, std::move(*config));
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) {
      spdlog::info("stopping");
      daemon.stop();
    });
    daemon.start();
    spdlog::info("gateway {} is watching; control socket {}", daemon.config().id, options.socket_path);
    io.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot start: %s\n", error.what());
    return 1;
  }
  return 0;
}
