#include "cloud/desk/act.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

constexpr std::size_t longest_text = 1000;  // bytes
constexpr std::chrono::minutes longest_shelf{8 * 60};
constexpr std::array<std::string_view, 7> names{"ack",     "comment", "assign",  "close",
                                                "confirm", "shelve",  "unshelve"};

Result<Act> read_body(Act act, const std::string& body) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (!object) return fail(Fault::bad_input, R"(the body is {"text": "..."})");
  if (const json::value* text = object->if_contains("text")) {
    if (!text->is_string()) return fail(Fault::bad_input, R"(the body is {"text": "..."})");
    act.text = json::value_to<std::string>(*text);
  }
  if (const json::value* minutes = object->if_contains("minutes")) {
    const auto number = minutes->to_number<int>(error);
    if (error) return fail(Fault::bad_input, "minutes is a whole number");
    act.time = std::chrono::minutes(number);
  }
  return act;
}

Result<Alarm> confirm(Alarm alarm, const std::string& who, UtcTime now) {
  if (alarm.cls != AlarmClass::fire && alarm.cls != AlarmClass::sos)
    return fail(Fault::refused, "only a fire or an SOS is confirmed by a person; others by their values");
  if (alarm.confirmed) return fail(Fault::refused, "it was confirmed already");
  if (alarm.bits.test) return fail(Fault::refused, "its zone is under test");
  alarm.confirmed = Confirmation{who, now};
  alarm.acked = true;
  return alarm;
}

Result<Alarm> shelve(Alarm alarm, const Act& act, UtcTime now) {
  if (is_life_safety(alarm.cls))
    return fail(Fault::refused, "life safety is never shelved; disable the device at its gateway instead");
  alarm.shelved_until = now + act.time;
  return alarm;
}

}  // namespace

Result<Act> parse_act(const std::string& name, const std::string& body) {
  if (std::find(names.begin(), names.end(), name) == names.end())
    return fail(Fault::not_found,
                "no such action; there are ack, comment, assign, close, confirm, shelve, unshelve");
  Act act{name, {}, {}};
  if (!body.empty()) {
    auto read = read_body(std::move(act), body);
    if (!read) return read.error();
    act = std::move(*read);
  }
  if (act.text.size() > longest_text) return fail(Fault::bad_input, "the text is longer than 1000 bytes");
  if (name == "comment" && act.text.empty()) return fail(Fault::bad_input, "a comment needs a text");
  if (name == "shelve") {
    if (act.text.empty()) return fail(Fault::bad_input, "shelving needs a reason in text");
    if (act.time.count() < 1 || act.time > longest_shelf)
      return fail(Fault::bad_input, "shelving needs minutes from 1 to 480");
  }
  return act;
}

bool is_for_managers(const Act& act) {
  return act.name == "shelve";
}

Result<Alarm> apply_act(Alarm alarm, const Act& act, const std::string& who, UtcTime now) {
  if (act.name == "comment") return alarm;
  if (alarm.closed) return fail(Fault::refused, "the alarm is closed");
  const bool present = alarm.bits.active || alarm.bits.latched;
  if (act.name == "assign") {
    alarm.assigned = act.text.empty() ? std::nullopt : std::optional(act.text);
    return alarm;
  }
  if (act.name == "confirm") return confirm(std::move(alarm), who, now);
  if (act.name == "shelve") return shelve(std::move(alarm), act, now);
  if (act.name == "unshelve") {
    if (!alarm.shelved_until) return fail(Fault::refused, "the alarm is not shelved");
    alarm.shelved_until.reset();
    return alarm;
  }
  if (act.name == "close" && present)
    return fail(Fault::refused, "the alarm is still active or latched at the gateway");
  alarm.acked = true;
  alarm.closed = !present;  // ISA-18.2: returned and acknowledged is normal
  return alarm;
}

}  // namespace tocsin::cloud
