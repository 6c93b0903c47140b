#include "cloud/api/api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "cloud/alarms/document.h"
#include "cloud/api/tokens.h"

namespace tocsin::cloud {
namespace {

namespace json = boost::json;

constexpr std::string_view alarms_path = "/api/v1/alarms", gateways_path = "/api/v1/gateways";

HttpResponse error(int status, const std::string& what) {
  return {status, "application/json", json_text(json::object{{"error", what}}), {}};
}

std::optional<std::int64_t> number_of(const HttpRequest& request, const std::string& key,
                                      std::int64_t fallback) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return fallback;
  std::int64_t number = 0;
  const auto& text = found->second;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::string hex_epoch(std::uint64_t epoch) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(epoch));
  return text.data();
}

json::object gateway_json(const GatewayRow& row, bool silent) {
  return {{"gateway", row.id},
          {"epoch", hex_epoch(row.epoch)},
          {"software", row.software},
          {"silent", silent},
          {"identity_conflict", row.identity_conflict}};
}

}  // namespace

Api::Api(StoreThread& store, const Counters& counters, std::filesystem::path state,
         std::function<Health()> health)
    : store_(store), counters_(counters), state_(std::move(state)), health_(std::move(health)) {}

void Api::answer(const HttpRequest& request, Respond respond) {
  if (request.path == "/healthz") return respond(healthz());
  if (request.path == "/metrics") return respond(metrics());
  if (!request.path.starts_with("/api/"))
    return respond(error(404, "there is nothing here; the API is under /api/v1"));
  if (!check_token(state_, request.authorization)) {
    auto refused =
        error(401, "a bearer token is needed: tocsin-cloud token create --role viewer --state DIR");
    refused.headers.emplace_back("WWW-Authenticate", "Bearer");
    return respond(std::move(refused));
  }
  if (request.method != "GET") return respond(error(405, "only GET is offered"));
  if (request.path == alarms_path) return list_alarms(request, std::move(respond));
  if (request.path == std::string(alarms_path) + "/stream")
    return respond({200, "text/event-stream", "", {}});
  if (request.path.starts_with(std::string(alarms_path) + "/"))
    return one_alarm(request.path.substr(alarms_path.size() + 1), std::move(respond));
  if (request.path == gateways_path) return list_gateways(std::move(respond));
  if (request.path.starts_with(std::string(gateways_path) + "/") && request.path.ends_with("/ledger")) {
    const auto rest = request.path.substr(gateways_path.size() + 1);
    return ledger(rest.substr(0, rest.find('/')), std::move(respond));
  }
  respond(error(404, "unknown resource"));
}

void Api::list_alarms(const HttpRequest& request, Respond respond) {
  const auto limit = number_of(request, "limit", 100);
  const auto cursor = number_of(request, "cursor", 0);
  const auto state = request.query.count("state") != 0 ? request.query.at("state") : "open";
  if (!limit || *limit < 1 || *limit > 1000 || !cursor)
    return respond(error(400, "limit is 1 to 1000, cursor is the `next` of the page before"));
  if (state != "open" && state != "all") return respond(error(400, "state is open or all"));
  AlarmQuery query;
  query.open_only = state == "open";
  query.before = *cursor;
  query.limit = static_cast<std::size_t>(*limit);
  if (query.open_only)
    for (const auto& gateway : health_().silent) query.inhibited.push_back(gateway);
  auto rows = std::make_shared<std::vector<AlarmRow>>();
  const bool taken = store_.submit(
      Urgency::normal, [query, rows](Store& store) { *rows = store.alarms(query); },
      [rows, respond, most = query.limit](const Status& status) {
        if (!status) return respond(error(503, to_string(status.error())));
        std::string body = "{\"items\":[";
        for (std::size_t i = 0; i < rows->size(); ++i) body += (i == 0 ? "" : ",") + (*rows)[i].document;
        const bool more = rows->size() == most;
        body +=
            "],\"next\":" + (more ? "\"" + std::to_string(rows->back().number) + "\"" : std::string("null")) +
            "}";
        respond({200, "application/json", std::move(body), {}});
      });
  if (!taken) respond(error(503, "the store is busy; try again"));
}

void Api::one_alarm(const std::string& id, Respond respond) {
  auto found = std::make_shared<std::optional<Alarm>>();
  const bool taken = store_.submit(
      Urgency::normal, [id, found](Store& store) { *found = store.alarm(id); },
      [found, respond](const Status& status) {
        if (!status) return respond(error(503, to_string(status.error())));
        if (!*found) return respond(error(404, "no such alarm"));
        respond({200, "application/json", to_document(**found, Audience::operators), {}});
      });
  if (!taken) respond(error(503, "the store is busy; try again"));
}

void Api::list_gateways(Respond respond) {
  auto rows = std::make_shared<std::vector<GatewayRow>>();
  const bool taken = store_.submit(
      Urgency::normal, [rows](Store& store) { *rows = store.gateways(); },
      [rows, respond, silent = health_().silent](const Status& status) {
        if (!status) return respond(error(503, to_string(status.error())));
        json::array items;
        for (const auto& row : *rows) items.push_back(gateway_json(row, silent.count(row.id) != 0));
        respond({200, "application/json", json_text(json::object{{"items", items}, {"next", nullptr}}), {}});
      });
  if (!taken) respond(error(503, "the store is busy; try again"));
}

void Api::ledger(const std::string& gateway, Respond respond) {
  struct Found {
    std::optional<GatewayRow> row;
    std::vector<Gap> gaps;
  };
  auto found = std::make_shared<Found>();
  auto work = [gateway, found](Store& store) {
    *found = {};
    for (auto& row : store.gateways())
      if (row.id == gateway) found->row = std::move(row);
    found->gaps = store.gaps(gateway, 1000);
  };
  auto done = [found, respond](const Status& status) {
    if (!status) return respond(error(503, to_string(status.error())));
    if (!found->row) return respond(error(404, "no such gateway"));
    json::array lanes, gaps;
    for (const auto& [epoch, marks] : found->row->watermarks)
      for (const auto& [lane, upto] : marks)
        lanes.push_back({{"epoch", hex_epoch(epoch)},
                         {"lane", std::string(wire::name_of(lane))},
                         {"complete_up_to", upto}});
    for (const auto& gap : found->gaps)
      gaps.push_back({{"epoch", hex_epoch(gap.epoch)},
                      {"lane", std::string(wire::name_of(gap.lane))},
                      {"from", gap.from},
                      {"to", gap.to},
                      {"cause", gap.cause},
                      {"booked", to_rfc3339(gap.booked)}});
    respond({200,
             "application/json",
             json_text(json::object{{"gateway", found->row->id},
                                    {"current_epoch", hex_epoch(found->row->epoch)},
                                    {"lanes", lanes},
                                    {"gaps", gaps}}),
             {}});
  };
  if (!store_.submit(Urgency::normal, std::move(work), std::move(done)))
    respond(error(503, "the store is busy; try again"));
}

HttpResponse Api::healthz() const {
  const auto health = health_();
  json::array silent;
  for (const auto& gateway : health.silent) silent.push_back(json::string(gateway));
  const std::string store = health.store ? "good" : to_string(health.store.error());
  return {health.good() ? 200 : 503,
          "application/json",
          json_text(json::object{{"good", health.good()},
                                 {"field_broker", health.field},
                                 {"city_broker", health.city},
                                 {"store", store},
                                 {"gateways", health.gateways},
                                 {"silent", silent}}),
          {}};
}

// The text format of Prometheus.
HttpResponse Api::metrics() const {
  const auto health = health_();
  std::string text;
  auto add = [&](const std::string& name, const std::string& kind, std::uint64_t value) {
    text += "# TYPE " + name + " " + kind + "\n" + name + " " + std::to_string(value) + "\n";
  };
  add("tocsin_records_total", "counter", counters_.records);
  add("tocsin_alarms_changed_total", "counter", counters_.alarms_changed);
  add("tocsin_feed_published_total", "counter", counters_.feed_published);
  add("tocsin_commits_failed_total", "counter", counters_.commits_failed);
  add("tocsin_gateways", "gauge", health.gateways);
  add("tocsin_gateways_silent", "gauge", health.silent.size());
  add("tocsin_field_broker_up", "gauge", health.field ? 1 : 0);
  add("tocsin_city_broker_up", "gauge", health.city ? 1 : 0);
  text += "# TYPE tocsin_rejected_total counter\n";
  for (const auto& [cause, count] : counters_.rejected)
    text += "tocsin_rejected_total{cause=\"" + cause + "\"} " + std::to_string(count) + "\n";
  return {200, "text/plain; version=0.0.4", text, {}};
}

void Api::tell(const std::vector<std::string>& documents) {
  std::erase_if(streams_, [](const auto& stream) { return !stream->open(); });
  for (const auto& stream : streams_)
    for (const auto& document : documents) stream->send("event: alarm\ndata: " + document + "\n\n");
}

}  // namespace tocsin::cloud
