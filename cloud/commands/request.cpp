#include "cloud/commands/request.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/json.hpp>

#include "core/value/point.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

constexpr std::array<std::string_view, 6> operations{"hold", "release", "pulse", "reset", "ack", "silence"};
constexpr std::size_t longest_word = 128;  // bytes
constexpr std::size_t most_words = 256;

Error wrong(std::string what) {
  return fail(Fault::bad_input, std::move(what));
}

Result<json::object> object_of(const std::string& body, std::initializer_list<std::string_view> keys) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  if (error || !parsed.is_object()) return wrong("the body is no JSON object");
  for (const auto& [key, value] : parsed.as_object())
    if (std::find(keys.begin(), keys.end(), std::string_view(key)) == keys.end())
      return wrong("unknown member '" + std::string(key).substr(0, 48) + "'");
  return parsed.as_object();
}

Result<std::string> text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string() || value->as_string().empty() ||
      value->as_string().size() > longest_word)
    return wrong("'" + std::string(key) + "' is a text of 1 to 128 bytes");
  return std::string(value->as_string());
}

Result<std::map<std::string, std::string>> words_of(const json::object& object, std::string_view key) {
  std::map<std::string, std::string> words;
  const auto* value = object.if_contains(key);
  if (value == nullptr) return words;
  const std::string what = "'" + std::string(key) + "' is an object of names and texts";
  if (!value->is_object() || value->as_object().size() > most_words) return wrong(what);
  for (const auto& [name, word] : value->as_object()) {
    if (!is_name(name) || !word.is_string() || word.as_string().size() > longest_word) return wrong(what);
    words[std::string(name)] = std::string(word.as_string());
  }
  return words;
}

Result<Duration> seconds_of(const json::object& object, std::optional<Duration> fallback, Duration least,
                            Duration most) {
  const auto* value = object.if_contains("valid_for_s");
  if (value == nullptr && fallback) return *fallback;
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(least).count();
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(most).count();
  if (value == nullptr || !value->is_int64() || value->as_int64() < whole || value->as_int64() > limit)
    return wrong("'valid_for_s' is a whole number of seconds, " + std::to_string(whole) + " to " +
                 std::to_string(limit));
  return Duration(std::chrono::seconds(value->as_int64()));
}

}  // namespace

Result<CommandRequest> parse_command_request(const std::string& body) {
  const auto object = object_of(body, {"point", "operation", "arguments", "valid_for_s"});
  if (!object) return object.error();
  const auto point = text_of(*object, "point");
  if (!point) return point.error();
  const auto operation = text_of(*object, "operation");
  if (!operation) return operation.error();
  if (std::find(operations.begin(), operations.end(), *operation) == operations.end())
    return wrong("'operation' is hold, release, pulse, reset, ack or silence");
  auto arguments = words_of(*object, "arguments");
  if (!arguments) return arguments.error();
  const auto valid_for = seconds_of(*object, 60s, 5s, 10min);
  if (!valid_for) return valid_for.error();
  return CommandRequest{*point, *operation, std::move(*arguments), *valid_for};
}

Result<DesiredRequest> parse_desired_request(const std::string& body) {
  const auto object = object_of(body, {"outputs", "valid_for_s", "on_expiry"});
  if (!object) return object.error();
  auto outputs = words_of(*object, "outputs");
  if (!outputs) return outputs.error();
  if (!object->contains("outputs")) return wrong("'outputs' is an object of effects and their words");
  const auto valid_for = seconds_of(*object, std::nullopt, 10s, std::chrono::hours(31 * 24));
  if (!valid_for) return valid_for.error();
  const auto on_expiry = text_of(*object, "on_expiry");
  if (!on_expiry || (*on_expiry != "hold" && *on_expiry != "safe"))
    return wrong("'on_expiry' is hold or safe");
  return DesiredRequest{std::move(*outputs), *valid_for, *on_expiry};
}

bool is_managers(const std::string& operation) {
  return operation == "hold" || operation == "release";
}

}  // namespace tocsin::cloud
