#include "cloud/api/actions.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/json.hpp>

#include "cloud/alarms/document.h"
#include "cloud/api/audit.h"
#include "cloud/ingest/apply.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

constexpr std::size_t longest_text = 1000;  // bytes

// What stands in the way; empty: nothing.
std::string change(Alarm& alarm, const Act& act) {
  if (act.name == "comment") return {};
  if (alarm.closed) return "the alarm is closed";
  if (act.name == "assign") {
    alarm.assigned = act.text.empty() ? std::nullopt : std::optional(act.text);
    return {};
  }
  if (act.name == "close" && (alarm.bits.active || alarm.bits.latched))
    return "the alarm is still active or latched at the gateway";
  alarm.acked = true;
  alarm.closed = !alarm.bits.active && !alarm.bits.latched;  // ISA-18.2: returned and acknowledged is normal
  return {};
}

}  // namespace

Result<Act> parse_action(const std::string& name, const std::string& body) {
  constexpr std::array<std::string_view, 4> names{"ack", "comment", "assign", "close"};
  if (std::find(names.begin(), names.end(), name) == names.end())
    return fail(Fault::not_found, "no such action");
  Act act{name, {}};
  if (!body.empty()) {
    boost::system::error_code error;
    const json::value parsed = json::parse(body, error);
    const json::object* object = error ? nullptr : parsed.if_object();
    const json::value* text = object ? object->if_contains("text") : nullptr;
    if (!object || (text && !text->is_string()))
      return fail(Fault::bad_input, R"(the body is {"text": "..."})");
    if (text) act.text = json::value_to<std::string>(*text);
  }
  if (act.text.size() > longest_text) return fail(Fault::bad_input, "the text is longer than 1000 bytes");
  if (name == "comment" && act.text.empty()) return fail(Fault::bad_input, "a comment needs a text");
  return act;
}

StoreAnswer perform(Store& store, Alarm alarm, const Act& act, const Grant& grant, UtcTime now) {
  const Alarm before = alarm;
  if (const std::string obstacle = change(alarm, act); !obstacle.empty())
    return {error_answer(409, obstacle), {}};
  append_to_audit(store, {0, now, grant.who, act.name, alarm.id, act.text, {}});
  Applied applied;
  const bool city_may_know = act.name != "assign" && act.name != "comment";
  if (city_may_know && !(alarm == before))
    publish_change(store, alarm, now, applied);
  else
    store.save_alarm(alarm);
  const auto saved = store.alarm(alarm.id);
  return {{200, "application/json", to_document(*saved, Audience::operators)}, std::move(applied.told)};
}

std::string epoch_text(std::uint64_t epoch) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(epoch));
  return text.data();
}

}  // namespace tocsin::cloud
