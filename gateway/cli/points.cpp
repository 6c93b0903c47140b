#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "core/value/point.h"
#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"
#include "gateway/control/client.h"

namespace tocsin::cli {
namespace {

namespace json = boost::json;

bool is_bad(const json::object& reading) {
  return text_at(reading, "quality").starts_with("bad");
}

std::vector<Cell> row_of(const json::object& reading) {
  const bool bad = is_bad(reading);
  std::string value = text_at(reading, "value");
  if (!text_at(reading, "state").empty()) value += " (" + text_at(reading, "state") + ")";
  if (!text_at(reading, "unit").empty() && !value.empty()) value += " " + text_at(reading, "unit");
  return {{text_at(reading, "point")},
          {value.empty() ? "-" : value, bad ? Colour::yellow : Colour::bold},
          {text_at(reading, "quality"), bad ? Colour::yellow : Colour::none},
          {text_at(reading, "label")}};
}

}  // namespace

int run_read(const Context& context, const std::string& target) {
  const auto slash = target.find('/');
  json::object request{{"op", "read"}, {"device", target.substr(0, slash)}};
  if (slash != std::string::npos) request["point"] = target.substr(slash + 1);
  int code = 0;
  const auto answer = ask_daemon(context, request, code);
  if (!answer) return code;
  Table table({"point", "value", "quality", "label"});
  bool fault = false;
  for (const auto& item : answer->at("items").as_array()) {
    fault = fault || is_bad(item.as_object());
    table.add(row_of(item.as_object()));
  }
  if (context.json)
    print_json(*answer);
  else
    std::printf("%s", table.text().c_str());
  return fault ? 1 : 0;
}

int run_watch(const Context& context, const std::string& only, int count) {
  int shown = 0;
  const auto status = control::stream(context.socket, {{"op", "watch"}}, [&](const json::object& line) {
    if (line.contains("error")) {
      std::fprintf(stderr, "%s\n", text_at(line, "error").c_str());
      return false;
    }
    const auto point = text_at(line, "point");
    if (!only.empty() && point != only && !point.starts_with(only + "/")) return true;
    if (context.json) {
      print_json(line);
    } else {
      const auto row = row_of(line);
      const auto time = text_at(line, "time");
      std::printf("%s  %-28s %-16s %s\n", time.size() >= 23 ? time.substr(11, 12).c_str() : "-",
                  row[0].text.c_str(), row[1].text.c_str(),
                  row[2].text == "good" ? "" : paint(row[2].text, Colour::yellow).c_str());
    }
    std::fflush(stdout);
    return count == 0 || ++shown < count;
  });
  if (status) return 0;
  std::fprintf(stderr, "%s\n", status.error().detail.c_str());
  return 1;
}

}  // namespace tocsin::cli
