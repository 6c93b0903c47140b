#pragma once
// What the API answers, and to whom. Deny by default: a path that is not listed here does not exist, and all
// but /healthz and /metrics need a token.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <variant>

#include "cloud/api/http.h"
#include "cloud/api/tokens.h"
#include "cloud/desk/hop_clock.h"
#include "cloud/store/store.h"

namespace tocsin::cloud {

struct WebhookState {
  std::uint64_t taken = 0, failed = 0;  // attempts since the start
  std::uint64_t waiting = 0;            // notices in the outbox
};

// What the program knows of itself; gathered on the Asio thread for each request.
struct SystemFigures {
  bool store_ok = true;
  bool field_connected = false, field_data_connected = false;
  std::map<std::string, bool> cities;  // adcode -> connected; empty without a city feed
  std::map<std::string, FeedHead> feeds;
  std::set<std::string> silent;                          // gateways
  std::map<std::string, std::string> communities;        // gateway -> community, of the configuration
  std::map<std::string, std::uint64_t> rejected;         // by cause
  std::map<std::string, std::uint64_t> records;          // committed, by lane
  bool can_sign = false;                                 // there is a key for orders to gateways
  std::map<std::string, std::uint64_t> desired_applied;  // gateway -> version its last hello told
  std::uint64_t unreadable = 0, commits_failed = 0, denied = 0, replays_refused = 0;
  std::vector<HopFigures> hops;  // the alarm clock
  std::uint64_t late_alarms = 0;
  std::map<std::string, WebhookState> webhooks;  // by name
  std::uint64_t stream_clients = 0;
};

// An answer that needs the store: runs on the store thread, inside a transaction. `told`: new entries of the
// cities' logs.
struct StoreAnswer {
  HttpAnswer answer;
  std::vector<FeedEntry> told = {};
  bool news = false;            // alarms have changed
  bool orders_changed = false;  // there is something to send to a gateway
};
using StoreWork = std::function<StoreAnswer(Store&)>;
// Alarms as they change (event_stream.h).
struct OpenStream {
  Grant grant;
  std::string last_event_id;
};
using Routed = std::variant<HttpAnswer, StoreWork, OpenStream>;

Routed route(const HttpRequest& request, const std::optional<Grant>& grant, const SystemFigures& figures,
             UtcTime now);

HttpAnswer health_answer(
    const SystemFigures& figures);  // 200, or 503 when something that alarms need is away
HttpAnswer metrics_answer(const SystemFigures& figures);  // Prometheus text
HttpAnswer clock_answer(const SystemFigures& figures);    // p50, p99 and max of each hop

}  // namespace tocsin::cloud
