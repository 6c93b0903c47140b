#include "cloud/api/http_server.h"

namespace tocsin::cloud {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> parse_query(std::string_view query) {
  std::map<std::string, std::string> values;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto part = query.substr(0, end);
    const auto equals = part.find('=');
    if (!part.empty())
      values.emplace(percent_decoded(part.substr(0, equals)),
                     equals == std::string_view::npos ? "" : percent_decoded(part.substr(equals + 1)));
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return values;
}

}  // namespace tocsin::cloud
