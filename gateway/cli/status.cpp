#include <cstdio>

#include <boost/json/array.hpp>

#include "gateway/cli/bus.h"
#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

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

}  // namespace tocsin::cli
