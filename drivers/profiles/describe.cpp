// A profile as text for people and for the goldens: every value of it that changes a reading or an alarm.

#include "drivers/profiles/load.h"

namespace tocsin::profiles {
namespace {

using driver::PointSpec;

std::string number(double value) {
  return tocsin::to_string(Value(value));
}

std::string condition_text(const alarm::Condition& condition) {
  struct Text {
    std::string operator()(const alarm::Above& c) const {
      return "above " + number(c.limit) + band(c.deadband);
    }
    std::string operator()(const alarm::Below& c) const {
      return "below " + number(c.limit) + band(c.deadband);
    }
    std::string operator()(const alarm::AnyBit& c) const { return "any bit of " + std::to_string(c.mask); }
    std::string operator()(const alarm::Equals& c) const { return "equals " + std::to_string(c.value); }
    std::string operator()(const alarm::RateOfRise& c) const {
      return "rises " + number(c.per_minute) + " per minute over " + tocsin::to_string(c.window);
    }
    std::string operator()(const alarm::Stuck& c) const {
      return "stuck for " + tocsin::to_string(c.longest);
    }
    std::string operator()(const alarm::NoData& c) const {
      return "no data for " + tocsin::to_string(c.longest);
    }
    std::string operator()(const alarm::Twa& c) const { return "TWA above " + number(c.limit); }
    std::string operator()(const alarm::Stel& c) const { return "STEL above " + number(c.limit); }
    std::string operator()(const alarm::CoDose&) const { return "CO dose of EN 50291"; }
    static std::string band(double value) { return value == 0 ? "" : " (deadband " + number(value) + ")"; }
  };
  return std::visit(Text{}, condition);
}

std::string joined(const std::vector<std::int64_t>& values) {
  std::string text;
  for (const auto value : values) text += (text.empty() ? "" : ",") + std::to_string(value);
  return text;
}

std::string limits_text(const driver::Limits& limits) {
  const driver::Limits usual;
  std::string text;
  if (limits.max_registers != usual.max_registers)
    text += " registers=" + std::to_string(limits.max_registers);
  if (limits.max_bits != usual.max_bits) text += " bits=" + std::to_string(limits.max_bits);
  if (!limits.gaps) text += " no-gaps";
  if (limits.response_timeout != usual.response_timeout)
    text += " timeout=" + tocsin::to_string(limits.response_timeout);
  if (limits.answer) text += " answer=" + tocsin::to_string(*limits.answer);
  if (limits.turnaround != usual.turnaround) text += " turnaround=" + tocsin::to_string(limits.turnaround);
  if (limits.retries != usual.retries) text += " retries=" + std::to_string(limits.retries);
  return text.empty() ? "" : "limits" + text + "\n";
}

std::string counter_text(const PointSpec& point) {
  const PointSpec usual;
  std::string text = " counter";
  if (point.digits != usual.digits) text += " digits=" + std::to_string(point.digits);
  if (point.resolution != usual.resolution) text += " resolution=" + number(point.resolution);
  if (point.max_rate) text += " max-rate=" + number(*point.max_rate) + "/h";
  return text;
}

std::string supervised_text(const driver::SupervisedLine& line) {
  const auto band = [](const char* name, const driver::SupervisedLine::Band& ends) {
    return std::string(" ") + name + "=" + number(ends.least) + ".." + number(ends.most);
  };
  return " supervised" + band("normal", line.normal) + band("active", line.active) + band("open", line.open) +
         band("short", line.shorted);
}

std::string point_text(const PointSpec& point) {
  std::string text = "point " + point.name;
  for (const auto& [key, value] : point.source) text += " " + key + "=" + tocsin::to_string(value);
  if (!point.unit.empty()) text += " unit=" + point.unit;
  if (point.scale != 1) text += " scale=" + number(point.scale);
  if (point.offset != 0) text += " offset=" + number(point.offset);
  if (point.min) text += " min=" + number(*point.min);
  if (point.max) text += " max=" + number(*point.max);
  if (point.min && point.danger_below) text += " below=uncertain";
  if (point.max && point.danger_above) text += " above=uncertain";
  if (point.supervised) text += supervised_text(*point.supervised);
  if (!point.invalid.empty()) text += " invalid=" + joined(point.invalid);
  if (!point.warm_up.empty()) text += " warm-up=" + joined(point.warm_up);
  for (const auto& [raw, word] : point.states) text += " " + std::to_string(raw) + ":" + word;
  if (point.life_safety) text += " life-safety within " + tocsin::to_string(point.deadline);
  if (point.writable) text += " writable";
  if (point.counter) text += counter_text(point);
  if (point.identity) text += " identity";
  if (!point.freezes.empty()) text += " freezes " + point.freezes;
  return text + " every " + tocsin::to_string(point.period) + "\n";
}

std::string rule_text(const driver::RuleSpec& spec) {
  const alarm::Rule& rule = spec.rule;
  std::string text = "rule " + spec.point + " " + rule.name + " class " + std::string(name_of(rule.cls));
  if (rule.latching) text += " latching";
  if (rule.latch_from != Stage::none) text += " from " + std::string(name_of(rule.latch_from));
  if (rule.on_delay != 0s) text += " after " + tocsin::to_string(rule.on_delay);
  if (rule.off_delay != 0s) text += " until quiet for " + tocsin::to_string(rule.off_delay);
  for (const auto& level : rule.levels)
    text += "; " + (level.stage == Stage::none ? "" : std::string(name_of(level.stage)) + " ") +
            condition_text(level.condition);
  return text + "\n";
}

}  // namespace

std::string describe(const driver::Profile& profile) {
  std::string text = profile.name + ": " + profile.label + "\nprotocol " + profile.protocol + "\n";
  if (profile.fire_detector) text += "fire detector\n";
  if (profile.call_point) text += "manual call point\n";
  if (profile.watchdog_s) text += "communication watchdog " + std::to_string(*profile.watchdog_s) + " s\n";
  text += limits_text(profile.limits);
  for (const auto& point : profile.points) text += point_text(point);
  for (const auto& rule : profile.rules) text += rule_text(rule);
  return text;
}

}  // namespace tocsin::profiles
