// `tocsin linkage show` and `tocsin linkage test`: the matrix as people read it, and tried out without a bus.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <boost/json/array.hpp>

#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"
#include "gateway/flow/dry_run.h"
#include "gateway/flow/scenario.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

void print_problems(const config::Problems& problems) {
  for (const auto& problem : problems.list())
    std::fprintf(stderr, "%s\n",
                 paint(to_string(problem), problem.warning ? Colour::yellow : Colour::red).c_str());
}

std::optional<gateway::Config> load(const std::string& path, const std::string& profiles) {
  const auto files = gateway::read_files(path, profiles);
  config::Problems problems;
  if (!files) {
    std::fprintf(stderr, "%s\n", files.error().detail.c_str());
    return std::nullopt;
  }
  auto config = gateway::load_config(*files, problems);
  print_problems(problems);
  return config;
}

std::string word(const linkage::Effect& effect, bool level) {
  return level ? effect.word_on : effect.word_off;
}

const linkage::Effect* find(const linkage::Matrix& matrix, const std::string& name) {
  for (const auto& effect : matrix.effects)
    if (effect.name == name) return &effect;
  return nullptr;
}

std::string mode_text(const linkage::Row& row) {
  std::string text = row.mode == linkage::Mode::latch          ? "latched until a reset"
                     : row.mode == linkage::Mode::while_active ? "while it lasts"
                                                               : "once, " + to_string(row.pulse);
  if (row.delay != 0s) text += ", after " + to_string(row.delay);
  if (row.stagger != 0s) text += ", each " + to_string(row.stagger) + " after the one before";
  return text;
}

std::string then_text(const linkage::Matrix& matrix, const linkage::Row& row) {
  std::string text;
  for (const auto& name : row.then) {
    const auto* effect = find(matrix, name);
    text +=
        (text.empty() ? "" : ", ") + name + " " + (effect != nullptr ? word(*effect, effect->active) : "?");
  }
  return text;
}

std::string marks_text(const linkage::Effect& effect) {
  std::string text;
  if (effect.escape) text += " escape";
  if (effect.valve) text += " valve";
  if (effect.ex_rated) text += " ex-rated";
  return text.empty() ? "" : text.substr(1);
}

json::object show_json(const gateway::Config& config) {
  json::array rows, effects;
  for (const auto& row : config.matrix.rows) {
    json::array then(row.then.begin(), row.then.end());
    rows.push_back({{"when", linkage::to_string(row.when)}, {"then", then}, {"mode", mode_text(row)}});
  }
  for (const auto& effect : config.matrix.effects)
    effects.push_back({{"effect", effect.name},
                       {"zone", effect.zone},
                       {"output", to_string(effect.output)},
                       {"feedback", effect.feedback ? json::value(to_string(*effect.feedback)) : nullptr},
                       {"safe", word(effect, effect.safe)},
                       {"normal", word(effect, effect.normal)},
                       {"active", word(effect, effect.active)},
                       {"marks", marks_text(effect)}});
  return {{"matrix", linkage::hash_of(config.matrix)}, {"rows", rows}, {"effects", effects}};
}

// One dry run or scenario, as it is shown.
struct Outcome {
  std::string name, detail;
  std::vector<std::string> failures;
};

std::vector<Outcome> try_rows(const gateway::Config& config) {
  std::vector<Outcome> outcomes;
  for (const auto& run : flow::dry_run(config)) {
    std::string raised;
    for (const auto& point : run.raised_by) raised += (raised.empty() ? "" : " + ") + point;
    outcomes.push_back({"row " + std::to_string(outcomes.size() + 1),
                        linkage::to_string(run.cause) + (raised.empty() ? "" : ", by " + raised),
                        run.failures});
  }
  return outcomes;
}

// Nothing when the file is unusable: the reason has been printed.
std::optional<Outcome> try_scenario(const gateway::Config& config, const std::string& path,
                                    flow::Coverage& coverage) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return std::nullopt;
  }
  config::Problems problems;
  const auto scenario = flow::read_scenario(text.str(), path, problems);
  print_problems(problems);
  if (!scenario) return std::nullopt;
  flow::VirtualSite site(config);
  Outcome outcome{path, scenario->description, flow::play(*scenario, site)};
  coverage.add(site);
  return outcome;
}

json::array json_of(const std::vector<Outcome>& outcomes) {
  json::array list;
  for (const auto& outcome : outcomes)
    list.push_back({{"name", outcome.name},
                    {"detail", outcome.detail},
                    {"ok", outcome.failures.empty()},
                    {"failures", json::array(outcome.failures.begin(), outcome.failures.end())}});
  return list;
}

std::ptrdiff_t failed_of(const std::vector<Outcome>& outcomes) {
  return std::count_if(outcomes.begin(), outcomes.end(),
                       [](const Outcome& outcome) { return !outcome.failures.empty(); });
}

void print(const std::vector<Outcome>& outcomes) {
  for (const auto& outcome : outcomes) {
    const bool good = outcome.failures.empty();
    std::printf("%s %s: %s\n", paint(good ? "ok  " : "FAIL", good ? Colour::green : Colour::red).c_str(),
                outcome.name.c_str(), outcome.detail.c_str());
    for (const auto& failure : outcome.failures) std::printf("       %s\n", failure.c_str());
  }
}

// "2 of 3 effects; never: pump-fan"
std::string covered_text(std::string_view what, const std::vector<std::string>& all,
                         const std::set<std::string>& touched) {
  std::string never;
  std::size_t count = 0;
  for (const auto& name : all) {
    if (touched.count(name) != 0)
      ++count;
    else
      never += (never.empty() ? "" : ", ") + name;
  }
  return std::to_string(count) + " of " + std::to_string(all.size()) + " " + std::string(what) +
         (never.empty() ? "" : "; never: " + never);
}

struct Covered {
  std::string rows, effects, zones;
};

Covered covered_by(const flow::Coverage& coverage, const gateway::Config& config) {
  std::vector<std::string> rows, effects, zones;
  std::set<std::string> touched;
  for (std::size_t i = 1; i <= config.matrix.rows.size(); ++i) rows.push_back(std::to_string(i));
  for (const auto row : coverage.rows) touched.insert(std::to_string(row));
  for (const auto& effect : config.matrix.effects) effects.push_back(effect.name);
  for (const auto& [name, zone] : config.zones) zones.push_back(name);
  return {covered_text("rows", rows, touched), covered_text("effects", effects, coverage.effects),
          covered_text("zones", zones, coverage.zones)};
}

}  // namespace

int run_linkage_show(const Context& context, const std::string& config_path, const std::string& profiles) {
  const auto config = load(config_path, profiles);
  if (!config) return 2;
  if (context.json) {
    print_json(show_json(*config));
    return 0;
  }
  Table rows({"ROW", "WHEN", "THEN", "HOW"});
  for (std::size_t i = 0; i < config->matrix.rows.size(); ++i) {
    const auto& row = config->matrix.rows[i];
    rows.add({{std::to_string(i + 1)},
              {linkage::to_string(row.when)},
              {then_text(config->matrix, row)},
              {mode_text(row)}});
  }
  Table effects({"EFFECT", "ZONE", "OUTPUT", "FEEDBACK", "SAFE", "NORMAL", "ACTIVE", ""});
  for (const auto& effect : config->matrix.effects)
    effects.add({{effect.name},
                 {effect.zone},
                 {to_string(effect.output)},
                 {effect.feedback ? to_string(*effect.feedback) : "-"},
                 {word(effect, effect.safe)},
                 {word(effect, effect.normal)},
                 {word(effect, effect.active)},
                 {marks_text(effect)}});
  std::printf("%s\n%s\nmatrix %s\n", rows.text().c_str(), effects.text().c_str(),
              linkage::hash_of(config->matrix).c_str());
  return 0;
}

// 0 all good, 1 when a row or a scenario fails, 2 when a file is unusable.
int run_linkage_test(const Context& context, const std::string& config_path, const std::string& profiles,
                     const std::vector<std::string>& scenario_paths) {
  const auto config = load(config_path, profiles);
  if (!config) return 2;
  const auto rows = try_rows(*config);
  flow::Coverage coverage;
  std::vector<Outcome> scenarios;
  for (const auto& path : scenario_paths) {
    auto outcome = try_scenario(*config, path, coverage);
    if (!outcome) return 2;
    scenarios.push_back(std::move(*outcome));
  }
  const auto failed = failed_of(rows) + failed_of(scenarios);
  const Covered covered = covered_by(coverage, *config);
  if (context.json) {
    print_json(
        {{"ok", failed == 0},
         {"matrix", linkage::hash_of(config->matrix)},
         {"rows", json_of(rows)},
         {"scenarios", json_of(scenarios)},
         {"coverage", {{"rows", covered.rows}, {"effects", covered.effects}, {"zones", covered.zones}}}});
    return failed == 0 ? 0 : 1;
  }
  print(rows);
  print(scenarios);
  if (!scenarios.empty())
    std::printf("\nscenarios touch %s\n                %s\n                %s\n", covered.rows.c_str(),
                covered.effects.c_str(), covered.zones.c_str());
  std::printf("%zu rows and %zu scenarios, %td failed\n", rows.size(), scenarios.size(), failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace tocsin::cli
