#include <array>

#include "drivers/profiles/load.h"

namespace tocsin::profiles {
namespace {

using alarm::Condition;
using config::Table;

constexpr std::array<std::string_view, 10> condition_keys{
    "above", "below", "any_bit", "equals", "rise_per_minute", "stuck", "no_data", "twa", "stel", "co_dose"};

std::optional<Condition> read_condition(const Table& level) {
  constexpr auto longest = Duration(24h * 31);
  std::optional<Condition> found;
  int count = 0;
  for (const auto key : condition_keys) count += level.has(key) ? 1 : 0;
  if (count != 1) {
    level.problem("",
                  "exactly one condition: above, below, any_bit, equals, rise_per_minute, stuck, no_data, "
                  "twa, stel or co_dose");
    return std::nullopt;
  }
  if (level.has("above")) found = alarm::Above{level.number("above"), level.number_or("deadband", 0)};
  if (level.has("below")) found = alarm::Below{level.number("below"), level.number_or("deadband", 0)};
  if (level.has("any_bit"))
    found = alarm::AnyBit{static_cast<std::uint64_t>(level.integer("any_bit", 1, 0xFFFFFFFF))};
  if (level.has("equals")) found = alarm::Equals{level.integer("equals", -0x80000000LL, 0x7FFFFFFF)};
  if (level.has("rise_per_minute"))
    found = alarm::RateOfRise{level.number("rise_per_minute"), level.duration_or("window", 60s, 5s, 30min)};
  if (level.has("stuck")) found = alarm::Stuck{level.duration_or("stuck", 24h, 1min, longest)};
  if (level.has("no_data")) found = alarm::NoData{level.duration_or("no_data", 10s, 1s, longest)};
  if (level.has("twa")) found = alarm::Twa{level.number("twa")};
  if (level.has("stel")) found = alarm::Stel{level.number("stel")};
  if (level.has("co_dose")) found = alarm::CoDose{};
  return found;
}

}  // namespace

alarm::Rule read_rule(const Table& table) {
  table.only({"point", "name", "class", "latch", "latch_from", "on_delay", "off_delay", "levels"});
  alarm::Rule rule;
  rule.name = table.name("name");
  rule.cls = alarm_class(table.choice("class", {"fire", "gas", "toxic", "sos", "intrusion", "door", "parking",
                                                "meter", "environment", "lift", "supervisory", "fault"}))
                 .value_or(AlarmClass::fault);
  rule.latching = table.boolean_or("latch", false);
  rule.latch_from = stage_of(table.choice_or("latch_from", "", {"prealarm", "a1", "a2", "confirmed"}))
                        .value_or(Stage::none);
  if (table.has("latch_from") && !rule.latching)
    table.problem("latch_from", "latch = true beside it, or no latch_from");
  rule.on_delay = table.duration_or("on_delay", 0s, 0s, 1h);
  rule.off_delay = table.duration_or("off_delay", 0s, 0s, 24h);
  if (is_life_safety(rule.cls) && rule.on_delay != 0s)
    table.problem("on_delay", "no on_delay for a life-safety class");
  const auto levels = table.list("levels");
  if (levels.empty())
    table.problem("levels", "at least one level, such as levels = [{ stage = \"a1\", above = 25 }]");
  for (const auto& level : levels) {
    level.only({"stage", "deadband", "window", "above", "below", "any_bit", "equals", "rise_per_minute",
                "stuck", "no_data", "twa", "stel", "co_dose"});
    const Stage stage =
        stage_of(level.choice_or("stage", "", {"prealarm", "a1", "a2", "confirmed"})).value_or(Stage::none);
    if (rule.cls == AlarmClass::fire && stage != Stage::prealarm)
      level.problem("stage", "\"prealarm\": one detector alone never confirms a fire (GB 50116 4.1.6)");
    if (!rule.levels.empty() && stage <= rule.levels.back().stage)
      level.problem("stage", "a stage above the one before");
    if (const auto condition = read_condition(level)) rule.levels.push_back({stage, *condition});
  }
  return rule;
}

}  // namespace tocsin::profiles
