#include "sync/mqtt/broker_url.h"

#include <charconv>
#include <string_view>

namespace tocsin::mqtt {
namespace {

constexpr std::uint16_t plain_port = 1883;
constexpr std::uint16_t tls_port = 8883;

Error bad(const std::string& text) {
  return fail(Fault::bad_input, "broker \"" + text + "\" is not mqtt://host:port or mqtts://host:port");
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

Result<BrokerUrl> parse_broker_url(const std::string& text) {
  BrokerUrl url;
  std::string_view rest = text;
  if (take_prefix(rest, "mqtts://")) {
    url.tls = true;
  } else if (!take_prefix(rest, "mqtt://")) {
    return bad(text);
  }
  url.port = url.tls ? tls_port : plain_port;

  const bool bracketed = !rest.empty() && rest.front() == '[';
  const std::size_t host_end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && host_end == std::string_view::npos) return bad(text);
  url.host = bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
  rest.remove_prefix(host_end == std::string_view::npos ? rest.size() : host_end + (bracketed ? 1 : 0));
  if (url.host.empty() || url.host.find_first_of("/@? ") != std::string::npos) return bad(text);

  if (rest.empty()) return url;
  if (rest.front() != ':') return bad(text);
  rest.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), url.port);
  if (error != std::errc{} || end != rest.data() + rest.size() || url.port == 0) return bad(text);
  return url;
}

std::string to_paho_uri(const BrokerUrl& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + url.host + "]" : url.host;
  return (url.tls ? "ssl://" : "tcp://") + host + ":" + std::to_string(url.port);
}

}  // namespace tocsin::mqtt
