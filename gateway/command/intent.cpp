#include "gateway/command/intent.h"

#include <charconv>
#include <map>

namespace tocsin::command {
namespace {

constexpr int longest_pulse = 600;  // seconds

using Arguments = std::map<std::string, std::string>;

Refused refuse(const wire::CommandOrder& order, Refusal why, std::string detail) {
  return {why, std::move(detail), order.id, true, 0};
}

std::optional<std::string> after(const std::string& text, std::string_view prefix) {
  if (!text.starts_with(prefix) || text.size() == prefix.size()) return std::nullopt;
  return text.substr(prefix.size());
}

// The one argument called `name`; nothing when it is missing or not alone.
std::optional<std::string> only_argument(const Arguments& arguments, const std::string& name) {
  const auto found = arguments.find(name);
  if (found == arguments.end() || arguments.size() != 1) return std::nullopt;
  return found->second;
}

std::optional<Duration> seconds_of(const std::string& text) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 1 || seconds > longest_pulse)
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::variant<Refused, Intent> read_effect(const wire::CommandOrder& order, const linkage::Effect& effect) {
  Intent intent;
  intent.effect = &effect;
  intent.zone = effect.zone;
  if (order.operation == "hold") {
    intent.operation = Operation::hold;
    const auto word = only_argument(order.arguments, "word");
    const auto level = word ? level_of(effect, *word) : std::nullopt;
    if (!level)
      return refuse(order, Refusal::bad_argument,
                    "hold takes one argument, word: " + words_of(effect) + " for " + effect.name);
    intent.level = *level;
    if (effect.valve && intent.level != effect.safe)
      return refuse(order, Refusal::valve, "nobody opens the gas valve " + effect.name + " remotely");
    return intent;
  }
  if (order.operation == "release") {
    intent.operation = Operation::release;
    if (!order.arguments.empty()) return refuse(order, Refusal::bad_argument, "release takes no argument");
    return intent;
  }
  if (order.operation == "pulse") {
    intent.operation = Operation::pulse;
    const auto text = only_argument(order.arguments, "seconds");
    const auto width = text ? seconds_of(*text) : std::nullopt;
    if (!width) return refuse(order, Refusal::bad_argument, "pulse takes one argument, seconds: 1 to 600");
    intent.width = *width;
    if (effect.valve) return refuse(order, Refusal::valve, "a gas valve is closed by hold, never pulsed");
    if (effect.active == effect.normal)
      return refuse(order, Refusal::unknown_operation,
                    effect.name + " has no level to pulse to: active and normal are the same");
    return intent;
  }
  return refuse(order, Refusal::unknown_operation, "an effect takes hold, release and pulse");
}

std::variant<Refused, Intent> read_alarm(const wire::CommandOrder& order, Intent intent) {
  if (!order.arguments.empty())
    return refuse(order, Refusal::bad_argument, order.operation + " takes no argument");
  const bool acknowledge = order.operation == "ack" && !intent.alarm_id.empty();
  if (!acknowledge && order.operation != "reset")
    return refuse(order, Refusal::unknown_operation,
                  intent.alarm_id.empty() ? "a zone takes reset" : "an alarm takes reset and ack");
  intent.operation = acknowledge ? Operation::acknowledge : Operation::reset;
  return intent;
}

}  // namespace

std::variant<Refused, Intent> read_intent(const wire::CommandOrder& order, const linkage::Matrix& matrix,
                                          const std::set<std::string>& zones) {
  if (const auto zone = after(order.point, "zone/")) {
    if (!zones.contains(*zone)) return refuse(order, Refusal::unknown_point, "no zone '" + *zone + "'");
    Intent intent;
    intent.zone = *zone;
    return read_alarm(order, std::move(intent));
  }
  if (const auto id = after(order.point, "alarm/")) {
    Intent intent;
    intent.alarm_id = *id;
    return read_alarm(order, std::move(intent));
  }
  if (order.point == "annunciators") {
    if (order.operation != "silence" || !order.arguments.empty())
      return refuse(order, Refusal::unknown_operation, "the annunciators take silence, without argument");
    Intent intent;
    intent.operation = Operation::silence;
    return intent;
  }
  const linkage::Effect* effect = find_effect(matrix, order.point);
  if (effect == nullptr)
    return refuse(order, Refusal::unknown_point, "no effect has the name or output '" + order.point + "'");
  return read_effect(order, *effect);
}

bool is_door(const linkage::Effect& effect) {
  return effect.escape || effect.word_on == "locked" || effect.word_off == "locked";
}

Permission permission_for(const linkage::Effect& effect) {
  if (effect.valve) return Permission::valves_close;
  return is_door(effect) ? Permission::doors : Permission::effects;
}

Permission permission_for(const Intent& intent) {
  switch (intent.operation) {
    case Operation::reset: return Permission::reset;
    case Operation::acknowledge:
    case Operation::silence: return Permission::ack;
    default: return permission_for(*intent.effect);
  }
}

bool needs_session(const Intent& intent) {
  const Permission permission = permission_for(intent);
  return permission == Permission::doors || permission == Permission::valves_close ||
         permission == Permission::reset;
}

const linkage::Effect* find_effect(const linkage::Matrix& matrix, const std::string& point) {
  for (const linkage::Effect& effect : matrix.effects)
    if (point == "effect/" + effect.name || point == to_string(effect.output)) return &effect;
  return nullptr;
}

std::optional<bool> level_of(const linkage::Effect& effect, const std::string& word) {
  if (word == effect.word_on) return true;
  if (word == effect.word_off) return false;
  return std::nullopt;
}

std::string words_of(const linkage::Effect& effect) {
  return effect.word_off + " or " + effect.word_on;
}

}  // namespace tocsin::command
