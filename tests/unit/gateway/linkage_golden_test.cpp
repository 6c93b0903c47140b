// Every scenario of tests/golden/linkage, and what the player itself notices.

#include <filesystem>

#include <doctest/doctest.h>

#include "gateway/flow/dry_run.h"
#include "gateway/flow/scenario.h"
#include "tests/support/sample_config.h"

using namespace tocsin;
namespace fs = std::filesystem;

namespace {

const fs::path folder = fs::path(test::source_dir()) / "tests/golden/linkage";

std::string text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  REQUIRE_MESSAGE(stream.good(), path.string());
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

gateway::Config building(const std::string& name) {
  config::Problems problems;
  auto config =
      gateway::load_config(test::sample_files(text_of(folder / "buildings" / (name + ".toml"))), problems);
  REQUIRE_MESSAGE(config.has_value(), test::text_of(problems));
  return *config;
}

flow::Scenario scenario_of(const std::string& text, const std::string& file) {
  config::Problems problems;
  auto scenario = flow::read_scenario(text, file, problems);
  REQUIRE_MESSAGE(scenario.has_value(), test::text_of(problems));
  return *scenario;
}

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string all_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::string played(const std::string& steps) {
  const auto config = building("apartment");
  flow::VirtualSite site(config);
  return all_of(flow::play(
      scenario_of("description = \"d\"\nsource = \"s\"\nbuilding = \"apartment\"\n" + steps, "test"), site));
}

std::string problems_of(const std::string& text) {
  config::Problems problems;
  CHECK_FALSE(flow::read_scenario(text, "test", problems).has_value());
  return test::text_of(problems);
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every linkage scenario goes as it says, and together they touch the whole matrix") {
  flow::Coverage coverage;
  const auto files = scenario_files();
  CHECK(files.size() >= 20);
  for (const auto& file : files) {
    CAPTURE(file.filename().string());
    const auto scenario = scenario_of(text_of(file), file.filename().string());
    const auto config = building(scenario.building);
    flow::VirtualSite site(config);
    const auto failures = flow::play(scenario, site);
    CHECK_MESSAGE(failures.empty(), all_of(failures));
    coverage.add(site);
  }
  const auto config = building("apartment");
  CHECK(coverage.rows.size() == config.matrix.rows.size());
  CHECK(coverage.zones.size() == config.zones.size());
  for (const auto& effect : config.matrix.effects) {
    CAPTURE(effect.name);
    // The light that is not rated for gas must never have come on.
    CHECK((coverage.effects.count(effect.name) == 1) == (effect.name != "kitchen-light"));
  }
}

TEST_CASE("a dry run finds every row of the apartment good") {
  const auto config = building("apartment");
  const auto runs = flow::dry_run(config);
  REQUIRE(runs.size() == config.matrix.rows.size());
  for (const auto& run : runs) {
    CAPTURE(linkage::to_string(run.cause));
    CHECK_MESSAGE(run.failures.empty(), all_of(run.failures));
  }
  CHECK(runs[0].raised_by.size() == 2);
  CHECK(runs.back().raised_by == std::vector<std::string>{"smoke-1"});
}

TEST_CASE("a dry run tells of a row that nothing can raise, and of an effect that does not act") {
  auto config = building("apartment");
  std::erase_if(config.rules, [](const auto& bound) { return bound.zone == "pumps"; });
  for (auto& effect : config.matrix.effects)
    if (effect.name == "call-bell") effect.normal = effect.active;  // nothing is seen to move
  config.matrix.rows.front().then.push_back("call-bell");
  const auto runs = flow::dry_run(config);
  CHECK(says(all_of(runs[8].failures), "no detectors of this site can raise it: toxic A2 in pumps"));
  CHECK(runs[9].failures.empty());
}

TEST_CASE("the player tells each difference") {
  const std::string fire =
      "[[step]]\nat = \"00:20\"\nset = { \"smoke-1/smoke\" = true, \"smoke-2/smoke\" = true }\n";
  const auto later = [&](const std::string& expected) {
    return played(fire + "[[step]]\nat = \"00:25\"\n" + expected);
  };
  CHECK(later("expect = { stair-door-3f = \"open\", lobby = \"on\" }\n").empty());
  CHECK(later("expect = { stair-door-3f = \"locked\" }\n") ==
        "00:25: stair-door-3f is open, expected locked\n");
  CHECK(later("expect = { lobby = \"off\" }\n") == "00:25: lobby is on, expected off\n");
  CHECK(later("outcome = { stair-door-3f = \"failed\" }\n") ==
        "00:25: stair-door-3f is confirmed, expected failed\n");
  CHECK(later("activations = { barrier = 2 }\n") == "00:25: barrier was activated 1 times, expected 2\n");
  CHECK(says(later("alarms = [\"zone/3F/fire confirmed\"]\n"), "smoke-1/smoke smoke prealarm"));
  CHECK(later("act = { reset = \"3F\" }\nrefused = true\n").empty());
  CHECK(says(later("act = { reset = \"3F\" }\n"), "the act is refused"));
  CHECK(says(later("act = { disable = \"smoke-1\" }\nrefused = true\n"),
             "the act is accepted, expected refused"));
  CHECK(later("set = { \"smoke-9/smoke\" = true }\n") == "00:25: there is no point smoke-9/smoke\n");
  CHECK(later("lose = [\"smoke-9\"]\n") == "00:25: there is no device smoke-9\n");
  CHECK(later("expect = { nothing = \"on\" }\n") == "00:25: there is no effect nothing\n");
}

TEST_CASE("what a wrong scenario is told") {
  const std::string head = "description = \"d\"\nsource = \"s\"\nbuilding = \"b\"\n";
  CHECK(says(problems_of(head), "at least one [[step]]"));
  CHECK(says(problems_of(head + "[[step]]\nat = \"12\"\n"), "minutes and seconds"));
  CHECK(says(problems_of(head + "[[step]]\nat = \"00:61\"\n"), "minutes and seconds"));
  CHECK(says(problems_of(head + "[[step]]\nat = \"00:10\"\n[[step]]\nat = \"00:09\"\n"),
             "after the step before"));
  CHECK(says(problems_of(head + "[[step]]\nat = \"00:10\"\nexpects = {}\n"), "an unknown key"));
  CHECK(says(problems_of(head + "[[step]]\nat = \"00:10\"\nact = { reset = \"3F\", enable = \"smoke-1\" }\n"),
             "exactly one act"));
  CHECK(says(problems_of(head + "[[step]]\nat = \"00:10\"\nrefused = true\n"), "an act that is refused"));
}
