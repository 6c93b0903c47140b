#pragma once
// How a message to a webhook looks, and when it is tried again (docs/how-to/receive-webhooks.md). Pure.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cloud/store/store.h"

namespace tocsin::cloud {

// One receiver, of [webhook.NAME].
struct Webhook {
  std::string name;
  bool tls = true;
  std::string host, port, path;  // path with its query
  std::string ca;                // PEM file; empty: the system's own
  std::string secret;
};

// "https://host[:port]/path", or http:// to loopback. Nothing when the text is no such URL.
struct WebhookUrl {
  bool tls = true;
  std::string host, port, path;
};
std::optional<WebhookUrl> parse_webhook_url(const std::string& url);

// The body of one attempt: the notice's own members, its number, which attempt it is, and whether an earlier
// one may have arrived.
std::string body_of(const Notice& notice);

// "t=<UTC seconds>,v1=<HMAC-SHA256 of "<t>.<body>", hex>": the header Tocsin-Signature.
std::string signature_of(const std::string& body, const std::string& secret, UtcTime at);

// What came of an attempt.
enum class Delivery : std::uint8_t {
  taken,        // any 2xx
  refused,      // another status: it certainly arrived, and was not taken
  unreachable,  // it certainly did not arrive
  unclear,      // it may have arrived: no answer came
};

// Until the next attempt, after `attempts` that failed: 1 s, 2, 4 .. 60 s.
std::chrono::seconds pause_after(int attempts);

inline constexpr std::chrono::hours notice_patience{24};  // then it is given up, with an audit line

}  // namespace tocsin::cloud
