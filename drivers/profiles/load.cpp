#include "drivers/profiles/load.h"

#include <array>
#include <set>

namespace tocsin::profiles {
namespace {

using config::Table;
using driver::PointSpec;
using driver::Profile;

constexpr Duration slowest_detection = 6s;  // design section 5

std::map<std::int64_t, std::string> read_states(const Table& point) {
  std::map<std::int64_t, std::string> states;
  const auto table = point.table("states");
  if (!table) return states;
  for (const auto& [word, value] : table->scalars()) {
    if (const auto* raw = std::get_if<std::int64_t>(&value))
      states.emplace(*raw, word);
    else
      table->problem(word, "the whole number that the device reports for this state");
  }
  return states;
}

// What guards a meter's total (gateway/meter/counter_guard.h).
void read_counter(const Table& table, PointSpec& point) {
  point.counter = table.boolean_or("counter", false);
  point.digits = static_cast<int>(table.integer_or("digits", point.digits, 3, 15));
  point.resolution = table.number_or("resolution", point.resolution);
  point.max_rate = table.number_if("max_rate");
  point.identity = table.boolean_or("identity", false);
  point.freezes = table.text_or("freezes", "");
  for (const char* key : {"digits", "resolution", "max_rate"})
    if (table.has(key) && !point.counter) table.problem(key, "counter = true beside it");
  if (point.resolution <= 0) table.problem("resolution", "a number above 0: what the last digit counts");
  if (point.max_rate && *point.max_rate <= 0)
    table.problem("max_rate", "a number above 0: the most that can be counted in an hour");
}

// One point tells the meter's identity; a frozen point names its counter.
void check_meter_points(const Table& root, const Profile& profile) {
  int identities = 0;
  const auto tables = root.list("point");
  for (std::size_t i = 0; i < profile.points.size(); ++i) {
    const PointSpec& point = profile.points[i];
    if (point.identity && ++identities > 1) tables[i].problem("identity", "one point of a profile only");
    if (point.freezes.empty()) continue;
    const PointSpec* counter = profile.find(point.freezes);
    if (counter == nullptr || !counter->counter)
      tables[i].problem("freezes", "a point of this profile with counter = true");
  }
}

using Band = driver::SupervisedLine::Band;

Band read_band(const Table& table, std::string_view key) {
  const auto ends = table.integers_or(key, {});
  if (ends.size() == 2 && ends[0] <= ends[1])
    return {static_cast<double>(ends[0]), static_cast<double>(ends[1])};
  table.problem(key, "the lowest and the highest number of this state, such as [3500, 6500]");
  return {};
}

std::optional<driver::SupervisedLine> read_supervised(const Table& point) {
  const auto table = point.table("supervised");
  if (!table) return std::nullopt;
  table->only({"normal", "active", "open", "short"});
  const driver::SupervisedLine line{read_band(*table, "normal"), read_band(*table, "active"),
                                    read_band(*table, "open"), read_band(*table, "short")};
  const std::array bands{line.normal, line.active, line.open, line.shorted};
  for (std::size_t i = 0; i < bands.size(); ++i)
    for (std::size_t k = i + 1; k < bands.size(); ++k)
      if (bands[i].least <= bands[k].most && bands[k].least <= bands[i].most) {
        point.problem("supervised", "four bands of numbers of which no two overlap");
        return line;
      }
  return line;
}

// Where danger lies for a point is what its life-safety rules say.
void mark_danger(PointSpec& point, const alarm::Rule& rule) {
  if (!is_life_safety(rule.cls)) return;
  for (const alarm::Level& level : rule.levels) {
    const auto& condition = level.condition;
    if (std::holds_alternative<alarm::Below>(condition)) point.danger_below = true;
    if (std::holds_alternative<alarm::Above>(condition) || std::holds_alternative<alarm::Twa>(condition) ||
        std::holds_alternative<alarm::Stel>(condition) || std::holds_alternative<alarm::CoDose>(condition))
      point.danger_above = true;
  }
}

PointSpec read_point(const Table& table) {
  table.only({"name",        "label",    "from",    "unit",    "scale",      "offset",
              "min",         "max",      "invalid", "warm_up", "states",     "supervised",
              "life_safety", "writable", "counter", "digits",  "resolution", "max_rate",
              "identity",    "freezes",  "period",  "deadline"});
  PointSpec point;
  point.name = table.name("name");
  point.label = table.text_or("label", "");
  point.source = table.required_table("from").scalars();
  point.unit = table.text_or("unit", "");
  point.scale = table.number_or("scale", 1);
  if (point.scale == 0) table.problem("scale", "a factor that is not 0");
  point.offset = table.number_or("offset", 0);
  point.min = table.number_if("min");
  point.max = table.number_if("max");
  if (point.min && point.max && *point.min >= *point.max) table.problem("max", "more than min");
  point.invalid = table.integers_or("invalid", {});
  point.warm_up = table.integers_or("warm_up", {});
  point.states = read_states(table);
  point.supervised = read_supervised(table);
  point.life_safety = table.boolean_or("life_safety", false);
  point.writable = table.boolean_or("writable", false);
  read_counter(table, point);
  point.period = table.duration_or("period", point.life_safety ? 1s : 10s, 50ms, 24h);
  point.deadline = table.duration_or("deadline", 3s, 200ms, slowest_detection);
  return point;
}

driver::Limits read_limits(const Table& root) {
  driver::Limits limits;
  const auto table = root.table("limits");
  if (!table) return limits;
  table->only({"max_registers", "max_bits", "gaps", "response_timeout", "answer", "turnaround", "retries"});
  limits.max_registers = static_cast<int>(table->integer_or("max_registers", limits.max_registers, 1, 125));
  limits.max_bits = static_cast<int>(table->integer_or("max_bits", limits.max_bits, 1, 2000));
  limits.gaps = table->boolean_or("gaps", limits.gaps);
  limits.response_timeout = table->duration_or("response_timeout", limits.response_timeout, 20ms, 10s);
  if (table->has("answer"))
    limits.answer = table->duration_or("answer", limits.response_timeout, 1ms, limits.response_timeout);
  limits.turnaround = table->duration_or("turnaround", limits.turnaround, 0s, 1s);
  limits.retries = static_cast<int>(table->integer_or("retries", limits.retries, 0, 5));
  return limits;
}

}  // namespace

std::shared_ptr<Profile> load(const std::string& text, const std::string& file, const std::string& name,
                              config::Problems& problems) {
  const auto root = config::parse(text, file, problems);
  if (!root) return nullptr;
  root->only({"label", "protocol", "source", "fire_detector", "call_point", "watchdog_s", "limits", "point",
              "rule"});
  auto profile = std::make_shared<Profile>();
  profile->name = name;
  profile->label = root->text("label");
  profile->protocol = root->choice("protocol", {"modbus", "dlt645", "cjt188", "mbus"});
  profile->source = root->text("source");
  profile->fire_detector = root->boolean_or("fire_detector", false);
  profile->call_point = root->boolean_or("call_point", false);
  if (root->has("watchdog_s")) profile->watchdog_s = static_cast<int>(root->integer("watchdog_s", 1, 600));
  profile->limits = read_limits(*root);

  std::set<std::string> names;
  for (const auto& table : root->list("point")) {
    profile->points.push_back(read_point(table));
    if (!names.insert(profile->points.back().name).second)
      table.problem("name", "a name that no other point has");
  }
  if (profile->points.empty()) root->problem("point", "at least one [[point]]");
  check_meter_points(*root, *profile);
  for (const auto& table : root->list("rule")) {
    driver::RuleSpec spec{table.name("point"), read_rule(table)};
    if (profile->find(spec.point) == nullptr)
      table.problem("point", "a point of this profile");
    else if (is_life_safety(spec.rule.cls) && !profile->find(spec.point)->life_safety)
      table.problem("point", "a point with life_safety = true, because the rule is of a life-safety class");
    for (PointSpec& point : profile->points)
      if (point.name == spec.point) mark_danger(point, spec.rule);
    profile->rules.push_back(std::move(spec));
  }
  return profile;
}

}  // namespace tocsin::profiles
