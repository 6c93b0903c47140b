#include "cloud/desk/webhook.h"

#include <algorithm>
#include <charconv>

#include <sodium.h>

#include "core/bytes/hex.h"

namespace tocsin::cloud {
namespace {

bool is_port(const std::string& text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0 && number <= 65535;
}

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::optional<WebhookUrl> parse_webhook_url(const std::string& url) {
  WebhookUrl parsed;
  std::string rest;
  if (url.starts_with("https://"))
    rest = url.substr(8);
  else if (url.starts_with("http://"))
    parsed.tls = false, rest = url.substr(7);
  else
    return std::nullopt;
  if (!is_printable(rest) || rest.find('@') != std::string::npos || rest.find('#') != std::string::npos)
    return std::nullopt;
  const auto slash = std::min(rest.find_first_of("/?"), rest.size());
  const std::string authority = rest.substr(0, slash);
  parsed.path = slash < rest.size() && rest[slash] == '/' ? rest.substr(slash) : "/" + rest.substr(slash);
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  parsed.host = has_port ? authority.substr(0, colon) : authority;
  parsed.port = has_port ? authority.substr(colon + 1) : parsed.tls ? "443" : "80";
  if (parsed.host.starts_with('[') && parsed.host.ends_with(']'))
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  if (parsed.host.empty() || !is_port(parsed.port)) return std::nullopt;
  return parsed;
}

// The notice's body is an object that this program has written: its members follow the ones of the attempt.
std::string body_of(const Notice& notice) {
  return R"({"notice":)" + std::to_string(notice.number) + R"(,"attempt":)" +
         std::to_string(notice.attempts + 1) + R"(,"possible_repeat":)" +
         (notice.unclear ? "true" : "false") + "," + notice.body.substr(1);
}

std::string signature_of(const std::string& body, const std::string& secret, UtcTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  const std::string stamp = std::to_string(seconds);
  const std::string text = stamp + "." + body;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  Bytes mac(crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_final(&state, mac.data());
  return "t=" + stamp + ",v1=" + bytes::to_hex(mac);
}

std::chrono::seconds pause_after(int attempts) {
  return std::chrono::seconds(std::min(60, 1 << std::clamp(attempts - 1, 0, 6)));
}

}  // namespace tocsin::cloud
