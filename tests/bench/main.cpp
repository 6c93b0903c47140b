// tocsin-bench [NAME] [--json]: exit code 0 when every goal is met, 1 when one is missed, 2 for wrong use.

#include <cstdio>
#include <exception>
#include <map>

#include <CLI/CLI.hpp>

#include "tests/bench/benches.h"

int main(int argc, char** argv) {
  using namespace tocsin::bench;
  const std::map<std::string, std::vector<Finding> (*)(const Options&)> benches = {
      {"alarm", bench_alarm}, {"bus", bench_bus}, {"sync", bench_sync}, {"gateway", bench_gateway}};

  Options options;
  options.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  options.profiles = "drivers/profiles";
  std::string name;
  bool json = false;
  CLI::App app("Our path beside the same hops as bare library calls, interleaved in one run");
  app.add_option("name", name, "alarm, bus, gateway, sync; all of them when left out");
  app.add_flag("--json", json, "one object per line");
  app.add_option("--events", options.events, "alarms on each side")->check(CLI::Range(50, 100000));
  app.add_option("--bin", options.programs, "folder of tocsin-gateway and tocsin-cloud");
  app.add_option("--profiles", options.profiles, "folder of the device profiles");
  CLI11_PARSE(app, argc, argv);
  if (!name.empty() && !benches.contains(name)) {
    std::fprintf(stderr, "there is no bench '%s'\n", name.c_str());
    return 2;
  }

  std::vector<Finding> found;
  try {
    for (const auto& [one, run] : benches)
      if (name.empty() || name == one)
        for (Finding& finding : run(options)) found.push_back(std::move(finding));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  if (json)
    for (const Finding& finding : found) std::printf("%s\n", to_json(finding).c_str());
  else
    std::printf("%s", to_table(found).c_str());
  for (const Finding& finding : found)
    if (!finding.ok) return 1;
  return 0;
}
