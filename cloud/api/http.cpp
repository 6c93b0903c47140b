#include "cloud/api/http.h"

#include <sstream>

#include <boost/json.hpp>

#include "core/bytes/hex.h"

namespace tocsin::cloud {
namespace {

std::optional<std::string> unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto byte = bytes::from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += static_cast<char>(byte->front());
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<HttpRequest> parse_target(const std::string& method, const std::string& target,
                                        const std::string& authorization, std::string body) {
  HttpRequest request;
  request.method = method;
  request.body = std::move(body);
  const auto question = target.find('?');
  const auto path = unescaped(target.substr(0, question));
  if (!path) return std::nullopt;
  request.path = *path;
  if (question != std::string::npos) {
    std::istringstream pairs(target.substr(question + 1));
    for (std::string pair; std::getline(pairs, pair, '&');) {
      const auto equals = pair.find('=');
      const auto name = unescaped(pair.substr(0, equals));
      const auto value = equals == std::string::npos ? std::string() : unescaped(pair.substr(equals + 1));
      if (!name || !value) return std::nullopt;
      request.query[*name] = *value;
    }
  }
  constexpr std::string_view scheme = "Bearer ";
  if (authorization.starts_with(scheme)) request.token = authorization.substr(scheme.size());
  return request;
}

HttpAnswer error_answer(int status, const std::string& message) {
  return {status, "application/json", boost::json::serialize(boost::json::object{{"error", message}}), {}};
}

}  // namespace tocsin::cloud
