#include <cstdio>

#include <boost/json/array.hpp>

#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"
#include "gateway/config/config.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

json::object problem_json(const config::Problem& problem) {
  return {{"file", problem.file},         {"line", problem.line},
          {"where", problem.where},       {"found", problem.found},
          {"expected", problem.expected}, {"severity", problem.warning ? "warning" : "error"}};
}

}  // namespace

// 0 good (warnings allowed), 2 when the configuration is refused.
int run_check(const Context& context, const std::string& config_path, const std::string& profiles) {
  const auto files = gateway::read_files(config_path, profiles);
  config::Problems problems;
  std::optional<gateway::Config> config;
  if (files)
    config = gateway::load_config(*files, problems);
  else
    problems.add({config_path, 0, "", "", files.error().detail});
  if (context.json) {
    json::array list;
    for (const auto& problem : problems.list()) list.push_back(problem_json(problem));
    print_json({{"ok", config.has_value()}, {"problems", list}});
    return config ? 0 : 2;
  }
  for (const auto& problem : problems.list())
    std::fprintf(stderr, "%s\n",
                 paint(to_string(problem), problem.warning ? Colour::yellow : Colour::red).c_str());
  if (!config) {
    std::fprintf(stderr, "%s: refused\n", config_path.c_str());
    return 2;
  }
  std::printf("%s: good. %zu buses, %zu devices, %zu zones, %zu effects, %zu linkage rows\n",
              config_path.c_str(), config->buses.size(), config->devices.size(), config->zones.size(),
              config->matrix.effects.size(), config->matrix.rows.size());
  return 0;
}

}  // namespace tocsin::cli
