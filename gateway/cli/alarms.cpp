#include <cstdio>

#include <boost/json/array.hpp>

#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

Colour colour_of(const json::object& alarm) {
  const auto severity = alarm.at("severity").to_number<int>();
  return severity >= 901 ? Colour::red : severity >= 701 ? Colour::yellow : Colour::none;
}

std::string clock_of(const std::string& rfc3339) {
  return rfc3339.size() >= 23 ? rfc3339.substr(11, 12) : "-";
}

int act(const Context& context, const json::object& request) {
  int code = 0;
  const auto answer = ask_daemon(context, request, code);
  if (!answer) return code;
  if (context.json) {
    print_json(*answer);
  } else {
    std::printf("%s\n", text_at(*answer, "done").c_str());
    if (const auto warning = text_at(*answer, "warning"); !warning.empty())
      std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  return 0;
}

void print_effects(const json::object& alarm) {
  for (const auto& value : alarm.at("effects").as_array()) {
    const auto& effect = value.as_object();
    const auto outcome = text_at(effect, "outcome");
    std::printf(
        "      effect %s -> %s: %s\n", text_at(effect, "effect").c_str(), text_at(effect, "desired").c_str(),
        paint(outcome.empty() ? "under way" : outcome, outcome == "failed" ? Colour::red : Colour::green)
            .c_str());
  }
}

// How long alarms took on their way since the start of the daemon.
void print_clock(const json::object& answer) {
  const auto* hops = answer.if_contains("clock");
  if (hops == nullptr) return;
  std::string line;
  for (const auto& value : hops->as_array()) {
    const auto& hop = value.as_object();
    if (text_at(hop, "count") == "0") continue;
    line += "  " + text_at(hop, "hop") + " " + text_at(hop, "p50_ms") + "/" + text_at(hop, "p99_ms") + "/" +
            text_at(hop, "max_ms");
  }
  if (!line.empty()) std::printf("clock (p50/p99/max, ms):%s\n", line.c_str());
}

}  // namespace

int run_alarms(const Context& context) {
  int code = 0;
  const auto answer = ask_daemon(context, {{"op", "alarms"}}, code);
  if (!answer) return code;
  const auto& items = answer->at("items").as_array();
  if (context.json) {
    print_json(*answer);
    return items.empty() ? 0 : 1;
  }
  if (items.empty()) {
    std::printf("%s\n", paint("没有报警  no open alarms", Colour::green).c_str());
    print_clock(*answer);
    return 0;
  }
  for (const auto& value : items) {
    const auto& alarm = value.as_object();
    const auto& times = alarm.at("times").as_object();
    const bool test = alarm.at("bits").as_object().at("test").as_bool();
    std::string what = std::string(test ? "TEST " : "") + text_at(alarm, "class") +
                       (text_at(alarm, "stage").empty() ? "" : " " + text_at(alarm, "stage"));
    std::printf("%s  %s/%s %s\n", paint(what, colour_of(alarm)).c_str(), text_at(alarm, "device").c_str(),
                text_at(alarm, "point").c_str(), text_at(alarm, "rule").c_str());
    std::printf("      %s, count %s, zone %s  id %s\n", text_at(alarm, "state").c_str(),
                text_at(alarm, "count").c_str(), text_at(alarm.at("site").as_object(), "zone").c_str(),
                text_at(alarm, "alarm_id").c_str());
    std::printf("      detected %s  stored %s  sent %s  cloud %s\n",
                clock_of(text_at(times, "detected")).c_str(), clock_of(text_at(times, "stored")).c_str(),
                clock_of(text_at(times, "sent")).c_str(), clock_of(text_at(times, "cloud")).c_str());
    if (!text_at(alarm, "reason").empty()) std::printf("      %s\n", text_at(alarm, "reason").c_str());
    print_effects(alarm);
  }
  print_clock(*answer);
  return 1;
}

int run_acknowledge(const Context& context, const std::string& alarm_id) {
  return act(context, {{"op", "ack"}, {"alarm_id", alarm_id}});
}

int run_silence(const Context& context) {
  return act(context, {{"op", "silence"}});
}

int run_reset(const Context& context, const std::string& alarm_id, const std::string& zone) {
  return act(context, {{"op", "reset"}, {"alarm_id", alarm_id}, {"zone", zone}});
}

int run_write(const Context& context, const std::string& target, const std::string& word) {
  json::object request{{"op", "write"}, {"target", target}};
  if (word.empty())
    request["release"] = true;
  else
    request["word"] = word;
  return act(context, request);
}

int run_disable(const Context& context, const std::string& device, int minutes, const std::string& reason) {
  return act(context, {{"op", "disable"}, {"device", device}, {"minutes", minutes}, {"reason", reason}});
}

int run_enable(const Context& context, const std::string& device) {
  return act(context, {{"op", "enable"}, {"device", device}});
}

int run_walk_test(const Context& context, const std::string& zone, int minutes) {
  return act(context, {{"op", "walktest"}, {"zone", zone}, {"minutes", minutes}});
}

}  // namespace tocsin::cli
