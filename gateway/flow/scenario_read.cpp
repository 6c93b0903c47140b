#include <charconv>

#include "gateway/flow/scenario.h"

namespace tocsin::flow {
namespace {

using config::Table;

// "MM:SS", "H:MM:SS", each with decimals of a second.
std::optional<Duration> read_time(const std::string& text) {
  double seconds = 0;
  const char* from = text.data();
  const char* const end = from + text.size();
  int parts = 0;
  while (true) {
    double part = 0;
    const auto [stop, error] = std::from_chars(from, end, part, std::chars_format::fixed);
    if (error != std::errc{} || part < 0 || (parts > 0 && part >= 60)) return std::nullopt;
    seconds = seconds * 60 + part;
    ++parts;
    if (stop == end) break;
    if (*stop != ':' || parts == 3) return std::nullopt;
    from = stop + 1;
  }
  if (parts < 2 || seconds > 86'400) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000 + 0.5));
}

Act read_act(const Table& act) {
  act.only({"reset", "reset_alarm", "restart", "down", "disable", "enable", "walk_test", "end_walk_test",
            "hold", "at", "give_back", "time"});
  int kinds = 0;
  Act found = ResetZone{};
  const auto is = [&](std::string_view key) { return act.has(key) && ++kinds == 1; };
  if (is("reset")) found = ResetZone{act.name("reset")};
  if (is("reset_alarm")) found = ResetAlarm{act.text("reset_alarm")};
  if (is("restart"))
    found =
        Restart{act.choice("restart", {"clean", "killed"}) == "clean", act.duration_or("down", 2s, 0s, 1h)};
  if (is("disable")) found = Disable{act.name("disable"), act.duration_or("time", 1h, 1s, 24h)};
  if (is("enable")) found = Enable{act.name("enable")};
  if (is("walk_test")) found = WalkTest{act.name("walk_test"), act.duration_or("time", 10min, 1s, 24h)};
  if (is("end_walk_test")) found = WalkTest{act.name("end_walk_test"), std::nullopt};
  if (is("hold")) found = Hold{act.name("hold"), act.text("at")};
  if (is("give_back")) found = Hold{act.name("give_back"), std::nullopt};
  if (kinds != 1)
    act.problem("",
                "exactly one act: reset, reset_alarm, restart, disable, enable, walk_test, end_walk_test, "
                "hold or give_back");
  return found;
}

ScenarioStep read_step(const Table& table) {
  table.only({"at", "set", "follow", "lose", "back", "act", "refused", "expect", "outcome", "activations",
              "alarms"});
  ScenarioStep step;
  step.at_text = table.text("at");
  if (const auto at = read_time(step.at_text))
    step.at = *at;
  else
    table.problem("at", "minutes and seconds from the start, such as \"00:12\" or \"1:05:00\"");
  if (const auto set = table.table("set")) step.set = set->scalars();
  step.follow = table.texts_or("follow", {});
  step.lose = table.texts_or("lose", {});
  step.back = table.texts_or("back", {});
  if (const auto act = table.table("act")) step.act = read_act(*act);
  step.refused = table.boolean_or("refused", false);
  if (step.refused && !step.act) table.problem("refused", "an act that is refused");
  if (const auto expect = table.table("expect")) step.expect = expect->texts();
  if (const auto outcome = table.table("outcome")) step.outcome = outcome->texts();
  if (const auto activations = table.table("activations")) step.activations = activations->scalars();
  if (table.has("alarms")) step.alarms = table.texts_or("alarms", {});
  return step;
}

}  // namespace

std::optional<Scenario> read_scenario(const std::string& text, const std::string& file,
                                      config::Problems& problems) {
  const auto root = config::parse(text, file, problems);
  if (!root) return std::nullopt;
  root->only({"description", "source", "building", "step"});
  Scenario scenario{root->text("description"), root->text("source"), root->name("building"), {}};
  for (const auto& table : root->list("step")) {
    scenario.steps.push_back(read_step(table));
    const auto& steps = scenario.steps;
    if (steps.size() > 1 && steps.back().at < steps[steps.size() - 2].at)
      table.problem("at", "a time after the step before");
  }
  if (scenario.steps.empty()) root->problem("step", "at least one [[step]]");
  if (!problems.ok()) return std::nullopt;
  return scenario;
}

}  // namespace tocsin::flow
