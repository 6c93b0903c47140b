#include <algorithm>

#include <boost/json.hpp>

#include "cloud/alarms/document.h"
#include "cloud/api/routes.h"

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
  return {ok ? 200 : 503, "application/json", json_text(body)};
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
  return {200, "text/plain; version=0.0.4", out.take()};
}

}  // namespace tocsin::cloud
