#include "gateway/control/request.h"

#include <algorithm>

#include <boost/json/parse.hpp>

namespace tocsin::control {

Result<boost::json::object> parse_request(std::string_view line) {
  boost::system::error_code error;
  auto value = boost::json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object()) return fail(Fault::bad_input, "the request is no JSON object");
  return std::move(value.as_object());
}

std::string text_of(const boost::json::object& request, std::string_view key) {
  const auto* value = request.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

Duration minutes_of(const boost::json::object& request) {
  const auto* value = request.if_contains("minutes");
  if (value == nullptr || !value->is_int64()) return {};
  constexpr auto most = std::chrono::duration_cast<std::chrono::minutes>(longest_time).count();
  return std::chrono::minutes(std::clamp<std::int64_t>(value->as_int64(), 0, most));
}

}  // namespace tocsin::control
