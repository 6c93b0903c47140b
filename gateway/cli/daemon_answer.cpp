#include "gateway/cli/daemon_answer.h"

#include <cstdio>

#include <boost/json/serialize.hpp>

#include "core/value/point.h"
#include "gateway/control/client.h"

namespace tocsin::cli {

std::optional<boost::json::object> ask_daemon(const Context& context, const boost::json::object& request,
                                              int& exit_code) {
  exit_code = 0;
  auto answer = control::ask(context.socket, request, 15s);
  std::string problem;
  if (!answer)
    problem = answer.error().detail;
  else if (answer->contains("error"))
    problem = text_at(*answer, "error");
  if (problem.empty()) return *answer;
  exit_code = 1;
  if (context.json)
    print_json({{"error", problem}});
  else
    std::fprintf(stderr, "%s\n", problem.c_str());
  return std::nullopt;
}

void print_json(const boost::json::object& object) {
  std::printf("%s\n", boost::json::serialize(object).c_str());
}

std::string text_at(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return std::string(value->as_string());
  if (value->is_double()) return tocsin::to_string(Value(value->as_double()));
  return boost::json::serialize(*value);
}

}  // namespace tocsin::cli
