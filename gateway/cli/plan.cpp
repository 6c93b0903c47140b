#include <cstdio>

#include <boost/json/array.hpp>

#include "gateway/bus/bounds.h"
#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"
#include "gateway/config/config.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

double ms_of(Duration time) {
  return static_cast<double>(time.count()) / 1e6;
}

std::string ms_text(Duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f ms", ms_of(time));
  return text;
}

// What one bus adds to the table and to the JSON; true when a deadline can be missed.
bool add_bus(const bus::BusSpec& spec, const bus::Bounds& bounds, Table& table, json::array& items) {
  const driver::Analysis& analysis = bounds.one;
  bool missed = false;
  json::array detections, actuations;
  for (std::size_t i = 0; i < analysis.detections.size(); ++i) {
    const driver::Detection& one = analysis.detections[i];
    const Duration all = bounds.all.detections[i].worst;
    const bool late = one.worst > one.deadline;
    missed = missed || late;
    table.add({{spec.name},
               {one.point},
               {"detected within"},
               {ms_text(one.worst), late ? Colour::red : Colour::none},
               {ms_text(all), all > one.deadline ? Colour::yellow : Colour::none},
               {ms_text(one.deadline)}});
    detections.push_back({{"point", one.point},
                          {"worst_ms", ms_of(one.worst)},
                          {"all_at_once_ms", ms_of(all)},
                          {"deadline_ms", ms_of(one.deadline)},
                          {"ok", !late}});
  }
  for (std::size_t i = 0; i < analysis.actuations.size(); ++i) {
    const driver::Actuation& one = analysis.actuations[i];
    const Duration all = bounds.all.actuations[i].worst;
    table.add({{spec.name}, {one.point}, {"written within"}, {ms_text(one.worst)}, {ms_text(all)}, {"-"}});
    actuations.push_back(
        {{"point", one.point}, {"worst_ms", ms_of(one.worst)}, {"all_at_once_ms", ms_of(all)}});
  }
  items.push_back(
      {{"bus", spec.name}, {"load", analysis.load}, {"detections", detections}, {"actuations", actuations}});
  return missed;
}

}  // namespace

int run_plan(const Context& context, const std::string& config_path, const std::string& profiles) {
  const auto files = gateway::read_files(config_path, profiles);
  config::Problems problems;
  std::optional<gateway::Config> config;
  if (files)
    config = gateway::load_config(*files, problems, gateway::Deadlines::as_they_are);
  else
    problems.add({config_path, 0, "", files.error().detail, "", false});
  if (!config) {
    for (const auto& problem : problems.list()) std::fprintf(stderr, "%s\n", to_string(problem).c_str());
    return 2;
  }
  Table table({"bus", "point", "worst case", "time", "all at once", "deadline"});
  json::array items;
  std::string loads;
  bool missed = false;
  for (const auto& spec : config->buses) {
    const auto bounds = bus::worst_cases(spec);
    if (!bounds) {
      std::fprintf(stderr, "bus %s: %s\n", spec.name.c_str(), to_string(bounds.error()).c_str());
      return 2;
    }
    missed = add_bus(spec, *bounds, table, items) || missed;
    char load[96];
    std::snprintf(load, sizeof load, "bus %s: the reads need %.0f %% of the line's time\n", spec.name.c_str(),
                  bounds->one.load * 100);
    loads += load;
  }
  if (context.json)
    print_json({{"ok", !missed}, {"items", items}, {"next", nullptr}});
  else
    std::printf(
        "%s\n%stime: with a command and either a failing conversation or a dead device in the way; "
        "all at once: with all three\n",
        table.text().c_str(), loads.c_str());
  return missed ? 1 : 0;
}

}  // namespace tocsin::cli
