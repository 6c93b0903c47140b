#include <cstdio>

#include <boost/json/array.hpp>

#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

void print_buses(const json::array& buses) {
  Table table({"bus", "device", "state", "good", "timeouts", "crc", "exceptions", "late", "wrong", "p50 ms",
               "p99 ms", "last error"});
  for (const auto& value : buses) {
    const auto& bus = value.as_object();
    const bool open = bus.at("open").as_bool();
    if (!open)
      table.add({{text_at(bus, "bus")},
                 {"-"},
                 {"line closed", Colour::red},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {text_at(bus, "last_error")}});
    for (const auto& item : bus.at("devices").as_array()) {
      const auto& device = item.as_object();
      const bool online = device.at("online").as_bool();
      char p50[16], p99[16];
      std::snprintf(p50, sizeof p50, "%.1f", device.at("answer_p50_ms").to_number<double>());
      std::snprintf(p99, sizeof p99, "%.1f", device.at("answer_p99_ms").to_number<double>());
      table.add({{text_at(bus, "bus")},
                 {text_at(device, "device")},
                 {online ? "answers" : "lost", online ? Colour::green : Colour::red},
                 {text_at(device, "good")},
                 {text_at(device, "timeouts")},
                 {text_at(device, "crc")},
                 {text_at(device, "exceptions")},
                 {text_at(device, "late")},
                 {text_at(device, "wrong")},
                 {p50},
                 {p99},
                 {text_at(device, "last_error")}});
    }
  }
  std::printf("%s", table.text().c_str());
}

bool any_lost(const json::array& buses) {
  for (const auto& bus : buses)
    for (const auto& device : bus.as_object().at("devices").as_array())
      if (!device.as_object().at("online").as_bool()) return true;
  return false;
}

void print_effects(const json::array& effects) {
  Table table({"effect", "zone", "feedback", "commanded", "outcome"});
  for (const auto& value : effects) {
    const auto& effect = value.as_object();
    const auto outcome = text_at(effect, "outcome");
    table.add({{text_at(effect, "effect")},
               {text_at(effect, "zone")},
               {text_at(effect, "feedback").empty() ? "-" : text_at(effect, "feedback")},
               {text_at(effect, "desired").empty() ? "-" : text_at(effect, "desired")},
               {outcome.empty() ? "-" : outcome, outcome == "failed" ? Colour::red : Colour::none}});
  }
  if (!table.empty()) std::printf("\n%s", table.text().c_str());
}

}  // namespace

int run_status(const Context& context) {
  int code = 0;
  const auto answer = ask_daemon(context, {{"op", "status"}}, code);
  if (!answer) return code;
  const auto& uplink = answer->at("uplink").as_object();
  const auto& store = answer->at("store").as_object();
  const bool cloud = uplink.at("resumed").as_bool();
  const bool alarms = answer->at("open_alarms").to_number<int>() > 0;
  const bool fault =
      !cloud || alarms || store.at("failing").as_bool() || any_lost(answer->at("buses").as_array());
  if (context.json) {
    print_json(*answer);
    return fault ? 1 : 0;
  }
  std::printf("gateway %s  version %s  up %s s  clock %s\n", text_at(*answer, "gateway").c_str(),
              text_at(*answer, "version").c_str(), text_at(*answer, "uptime_s").c_str(),
              text_at(*answer, "clock").c_str());
  std::printf(
      "alarms  %s\n",
      alarms
          ? paint(text_at(*answer, "open_alarms") + " open; `tocsin alarms` shows them", Colour::red).c_str()
          : paint("none open", Colour::green).c_str());
  std::printf("cloud   %s\n",
              cloud ? paint("listening", Colour::green).c_str()
                    : paint(uplink.at("connected").as_bool() ? "broker reached, cloud silent" : "broker away",
                            Colour::red)
                          .c_str());
  if (!text_at(uplink, "last_problem").empty())
    std::printf("        %s\n", text_at(uplink, "last_problem").c_str());
  if (store.at("failing").as_bool())
    std::printf("disk    %s\n", paint(text_at(store, "error"), Colour::red).c_str());
  for (const auto& value : answer->at("lanes").as_array()) {
    const auto& lane = value.as_object();
    std::printf("lane    %-5s  %s waiting (acked %s of %s)\n", text_at(lane, "lane").c_str(),
                text_at(lane, "waiting").c_str(), text_at(lane, "acked").c_str(),
                text_at(lane, "head").c_str());
  }
  std::printf("\n");
  print_buses(answer->at("buses").as_array());
  print_effects(answer->at("effects").as_array());
  return fault ? 1 : 0;
}

int run_bus(const Context& context, bool trace) {
  int code = 0;
  json::object request{{"op", "bus"}};
  if (trace) request["trace"] = true;
  const auto answer = ask_daemon(context, request, code);
  if (!answer) return code;
  const auto& buses = answer->at("items").as_array();
  if (context.json) {
    print_json(*answer);
    return any_lost(buses) ? 1 : 0;
  }
  print_buses(buses);
  for (const auto& value : buses) {
    const auto& bus = value.as_object();
    for (const auto& miss : bus.at("deadline_misses").as_array())
      std::printf("%s\n", paint("deadline missed: " + std::string(miss.as_string()), Colour::red).c_str());
    if (const auto* frames = bus.if_contains("trace"))
      for (const auto& frame : frames->as_array())
        std::printf("%s %s\n", text_at(bus, "bus").c_str(), frame.as_string().c_str());
  }
  return any_lost(buses) ? 1 : 0;
}

}  // namespace tocsin::cli
