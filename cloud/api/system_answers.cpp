#include <algorithm>

#include <boost/json.hpp>

#include "cloud/alarms/document.h"
#include "cloud/api/routes.h"
#include "cloud/desk/clock_alarm.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

const char* word_of(bool connected) {
  return connected ? "connected" : "away";
}

// Writes the Prometheus text format: HELP and TYPE once, then one line per label value.
class MetricText {
 public:
  void family(const std::string& name, const std::string& type, const std::string& help) {
    name_ = name;
    text_ += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void value(std::uint64_t number) { text_ += name_ + " " + std::to_string(number) + "\n"; }
  void value(const std::string& label, const std::string& of, std::uint64_t number) {
    text_ += name_ + "{" + label + "=\"" + of + "\"} " + std::to_string(number) + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_, text_;
};

void alarm_metrics(MetricText& out, const SystemFigures& f) {
  out.family("tocsin_alarm_hop_milliseconds", "gauge",
             "Time of the latest 4096 alarms on each hop from sensor to city.");
  for (const HopFigures& hop : f.hops) {
    const std::string name(hop.hop);
    out.value("hop", name + "\",quantile=\"0.5", static_cast<std::uint64_t>(hop.p50_ms));
    out.value("hop", name + "\",quantile=\"0.99", static_cast<std::uint64_t>(hop.p99_ms));
    out.value("hop", name + "\",quantile=\"1", static_cast<std::uint64_t>(hop.max_ms));
  }
  out.family("tocsin_late_alarms_total", "counter",
             "Life-safety alarms that took more than 10 s to the city.");
  out.value(f.late_alarms);
  out.family("tocsin_webhook_attempts_total", "counter", "Messages to webhooks, by what came of them.");
  for (const auto& [name, state] : f.webhooks) {
    out.value("webhook", name + "\",result=\"taken", state.taken);
    out.value("webhook", name + "\",result=\"failed", state.failed);
  }
  out.family("tocsin_webhook_waiting", "gauge", "Messages that a webhook has not taken yet.");
  for (const auto& [name, state] : f.webhooks) out.value("webhook", name, state.waiting);
  out.family("tocsin_stream_clients", "gauge", "Clients of the event stream.");
  out.value(f.stream_clients);
}

}  // namespace

HttpAnswer health_answer(const SystemFigures& f) {
  json::object city;
  for (const auto& [adcode, connected] : f.cities) city[adcode] = word_of(connected);
  const bool cities_ok =
      std::all_of(f.cities.begin(), f.cities.end(), [](const auto& one) { return one.second; });
  const bool ok = f.store_ok && f.field_connected && f.field_data_connected && cities_ok;
  const json::object body{{"status", ok ? "ok" : "degraded"},
                          {"store", f.store_ok ? "ok" : "failing"},
                          {"field", word_of(f.field_connected)},
                          {"field_data", word_of(f.field_data_connected)},
                          {"city", city}};
  return {ok ? 200 : 503, "application/json", json_text(body), {}};
}

HttpAnswer metrics_answer(const SystemFigures& f) {
  MetricText out;
  out.family("tocsin_records_total", "counter", "Records committed, by lane.");
  for (const auto& [lane, count] : f.records) out.value("lane", lane, count);
  out.family("tocsin_rejected_total", "counter", "Messages that were refused, by cause.");
  for (const auto& [cause, count] : f.rejected) out.value("cause", cause, count);
  out.family("tocsin_unreadable_records_total", "counter",
             "Alarm records stored that no alarm could be read from.");
  out.value(f.unreadable);
  out.family("tocsin_commits_failed_total", "counter", "Commits of the store that failed.");
  out.value(f.commits_failed);
  out.family("tocsin_denied_total", "counter", "Publishes and subscriptions that a broker refused.");
  out.value(f.denied);
  out.family("tocsin_replays_refused_total", "counter",
             "Requests for a replay that made no sense, or one too many.");
  out.value(f.replays_refused);
  out.family("tocsin_connected", "gauge", "1 while the connection to a broker stands.");
  out.value("broker", "field", f.field_connected);
  out.value("broker", "field-data", f.field_data_connected);
  for (const auto& [adcode, connected] : f.cities) out.value("broker", "city-" + adcode, connected);
  out.family("tocsin_feed_head", "gauge", "Highest feed_seq committed, by adcode.");
  for (const auto& [adcode, head] : f.feeds) out.value("adcode", adcode, head.head);
  out.family("tocsin_feed_published", "gauge",
             "Highest feed_seq that the city's broker has taken, by adcode.");
  for (const auto& [adcode, head] : f.feeds) out.value("adcode", adcode, head.published);
  out.family("tocsin_gateways", "gauge", "Gateways of the configuration.");
  out.value(f.communities.size());
  out.family("tocsin_silent_gateways", "gauge", "Gateways that were not heard for 60 s.");
  out.value(f.silent.size());
  alarm_metrics(out, f);
  return {200, "text/plain; version=0.0.4", out.take(), {}};
}

HttpAnswer clock_answer(const SystemFigures& f) {
  json::array items;
  for (const HopFigures& hop : f.hops)
    items.push_back({{"hop", hop.hop},
                     {"count", hop.count},
                     {"p50_ms", hop.p50_ms},
                     {"p99_ms", hop.p99_ms},
                     {"max_ms", hop.max_ms}});
  const json::object body{{"items", items},
                          {"next", nullptr},
                          {"late", f.late_alarms},
                          {"limit_ms", latest_arrival.count()},
                          {"window", HopClock::window}};
  return {200, "application/json", json_text(body), {}};
}

}  // namespace tocsin::cloud
