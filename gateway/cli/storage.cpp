// tocsin buffer, tocsin ledger: what waits, and what became of every number.

#include <cstdio>
#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "gateway/cli/commands.h"
#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/fetch.h"
#include "gateway/cli/ledger_compare.h"
#include "gateway/cli/table.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

std::string in_units(double value, double step, std::initializer_list<const char*> units) {
  auto unit = units.begin();
  while (value >= step && unit + 1 != units.end()) {
    value /= step;
    ++unit;
  }
  char text[48];
  std::snprintf(text, sizeof text, value < 10 && unit != units.begin() ? "%.1f %s" : "%.0f %s", value, *unit);
  return text;
}

double number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr || value->is_null() ? 0 : value->to_number<double>();
}

std::string bytes_at(const json::object& object, std::string_view key) {
  return in_units(number_at(object, key), 1024, {"B", "KiB", "MiB", "GiB", "TiB"});
}

std::string span_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return "-";
  const double seconds = value->to_number<double>();
  if (seconds < 120) return in_units(seconds, 1e9, {"s"});
  if (seconds < 7200) return in_units(seconds / 60, 1e9, {"min"});
  return seconds < 172'800 ? in_units(seconds / 3600, 1e9, {"h"}) : in_units(seconds / 86'400, 1e9, {"days"});
}

void print_buffer(const json::object& answer) {
  Table lanes({"lane", "waiting", "oldest", "first", "head", "acked"});
  Table files({"file", "in use", "quota", "full in", "on disk", "written", "written/day", "syncs"});
  for (const char* file : {"alarm.db", "data.db"}) {
    const auto& usage = answer.at(file).as_object();
    for (const auto& item : usage.at("lanes").as_array()) {
      const auto& lane = item.as_object();
      lanes.add({{text_at(lane, "lane")},
                 {text_at(lane, "waiting")},
                 {span_at(lane, "oldest_s")},
                 {text_at(lane, "first")},
                 {text_at(lane, "head")},
                 {text_at(lane, "acked")}});
    }
    const bool grows = !usage.at("full_in_s").is_null();
    files.add({{file},
               {bytes_at(usage, "used")},
               {bytes_at(usage, "quota")},
               {grows ? span_at(usage, "full_in_s") : "does not grow", grows ? Colour::yellow : Colour::none},
               {bytes_at(usage, "bytes")},
               {bytes_at(usage, "bytes_written")},
               {bytes_at(usage, "bytes_written_per_day")},
               {text_at(usage, "syncs")}});
  }
  std::printf("%s\n%s", lanes.text().c_str(), files.text().c_str());
  for (const auto& item : answer.at("given_up").as_array()) {
    const auto& gap = item.as_object();
    std::printf("given up: %s records of lane %s, %s to %s, at %s: %s\n", text_at(gap, "count").c_str(),
                text_at(gap, "lane").c_str(), text_at(gap, "from").c_str(), text_at(gap, "to").c_str(),
                text_at(gap, "at").c_str(), text_at(gap, "cause").c_str());
  }
}

// The cloud's side of the ledger; its members are looked up with care, so an older cloud is no fault.
Result<json::object> ask_cloud(const std::string& cloud, const std::string& token_file,
                               const std::string& gateway) {
  std::ifstream file(token_file);
  std::string token;
  if (!(file >> token)) return fail(Fault::not_found, token_file + " holds no token");
  const std::string base = cloud.substr(0, cloud.find_last_not_of('/') + 1);
  const auto body = fetch(base + "/api/v1/gateways/" + gateway + "/ledger", token);
  if (!body) return body.error();
  boost::system::error_code error;
  auto value = json::parse(*body, error);
  if (error || !value.is_object()) return fail(Fault::framing, "the cloud's answer is no JSON object");
  return value.as_object();
}

json::object comparison_json(const json::object& gateway, const Comparison& found, bool asked) {
  json::array lanes, gaps;
  for (const auto& lane : found.lanes)
    lanes.push_back({{"lane", lane.lane},
                     {"accepted", lane.accepted},
                     {"acked", lane.acked},
                     {"complete_up_to", lane.upto},
                     {"problem", lane.problem.empty() ? json::value(nullptr) : json::value(lane.problem)}});
  for (const auto& gap : found.gaps)
    gaps.push_back({{"where", gap.where},
                    {"epoch", gap.epoch},
                    {"lane", gap.lane},
                    {"from", gap.from},
                    {"to", gap.to},
                    {"cause", gap.cause}});
  return {{"gateway", gateway.at("gateway")},
          {"epoch", gateway.at("epoch")},
          {"previous_epoch", gateway.at("previous_epoch")},
          {"compared", asked},
          {"agree", found.agree()},
          {"lanes", lanes},
          {"gaps", gaps}};
}

void print_comparison(const json::object& gateway, const Comparison& found, bool asked) {
  std::printf("gateway %s  epoch %s\n", text_at(gateway, "gateway").c_str(),
              text_at(gateway, "epoch").c_str());
  Table table({"lane", "accepted", "acked", asked ? "cloud has" : "complete up to", "verdict"});
  for (const auto& lane : found.lanes) {
    const bool good = lane.problem.empty();
    const std::string agreed =
        (asked ? "both agree up to " : "acknowledged up to ") + std::to_string(lane.upto);
    table.add({{lane.lane},
               {std::to_string(lane.accepted)},
               {std::to_string(lane.acked)},
               {std::to_string(lane.upto)},
               {good ? agreed : lane.problem, good ? Colour::green : Colour::red}});
  }
  std::printf("%s", table.text().c_str());
  for (const auto& gap : found.gaps)
    std::printf("gap: lane %s, %llu to %llu, epoch %s, by the %s: %s\n", gap.lane.c_str(),
                static_cast<unsigned long long>(gap.from), static_cast<unsigned long long>(gap.to),
                gap.epoch.c_str(), gap.where.c_str(), gap.cause.c_str());
  if (found.gaps.empty()) std::printf("no gaps\n");
  if (!asked) std::printf("(the gateway's own book; --cloud URL --token-file FILE compares both ends)\n");
}

}  // namespace

int run_buffer(const Context& context) {
  int code = 0;
  const auto answer = ask_daemon(context, {{"op", "buffer"}}, code);
  if (!answer) return code;
  if (context.json)
    print_json(*answer);
  else
    print_buffer(*answer);
  return 0;
}

int run_ledger(const Context& context, const std::string& cloud, const std::string& token_file) {
  int code = 0;
  const auto gateway = ask_daemon(context, {{"op", "ledger"}}, code);
  if (!gateway) return code;
  json::object theirs;
  if (!cloud.empty()) {
    auto answer = ask_cloud(cloud, token_file, text_at(*gateway, "gateway"));
    if (!answer) {
      if (context.json)
        print_json({{"error", answer.error().detail}});
      else
        std::fprintf(stderr, "%s\n", answer.error().detail.c_str());
      return 1;
    }
    theirs = std::move(*answer);
  }
  const Comparison found = compare(*gateway, theirs);
  if (context.json)
    print_json(comparison_json(*gateway, found, !cloud.empty()));
  else
    print_comparison(*gateway, found, !cloud.empty());
  return found.agree() ? 0 : 1;
}

}  // namespace tocsin::cli
