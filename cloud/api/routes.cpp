#include "cloud/api/routes.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "cloud/alarms/document.h"
#include "cloud/api/actions.h"
#include "cloud/api/order_routes.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

constexpr std::size_t largest_page = 1000;
constexpr std::size_t default_page = 100;
constexpr std::size_t most_gaps = 1000;

bool in_scope(const Grant& grant, const std::string& community) {
  const auto& scope = grant.communities;
  return scope.empty() || std::find(scope.begin(), scope.end(), community) != scope.end();
}

// A number of the query string; `fallback` when it is absent, nothing when it is wrong.
std::optional<std::int64_t> number_in(const HttpRequest& request, const std::string& name,
                                      std::int64_t fallback, std::int64_t max) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return fallback;
  std::int64_t number = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [stop, error] = std::from_chars(found->second.data(), end, number);
  if (error != std::errc{} || stop != end || number < 1 || number > max) return std::nullopt;
  return number;
}

// {"items": [...], "next": cursor or null}; the documents are spliced in as the store has them.
std::string list_of(const std::vector<AlarmRow>& rows, std::size_t limit) {
  std::string out = R"({"items":[)";
  for (const AlarmRow& row : rows) {
    if (&row != &rows.front()) out += ',';
    out += row.document;
  }
  const bool more = rows.size() == limit;
  return out + R"(],"next":)" + (more ? "\"" + std::to_string(rows.back().number) + "\"" : "null") + "}";
}

Routed list_alarms(const HttpRequest& request, const Grant& grant, const SystemFigures& figures) {
  AlarmQuery query;
  const auto state = request.query.find("state");
  if (state != request.query.end() && state->second != "open" && state->second != "all")
    return error_answer(400, "state is open or all");
  query.open_only = state == request.query.end() || state->second == "open";
  const auto limit = number_in(request, "limit", default_page, largest_page);
  const auto before = number_in(request, "cursor", INT64_MAX, INT64_MAX);
  if (!limit || !before) return error_answer(400, "limit is 1 to 1000, cursor the `next` of an answer");
  query.limit = static_cast<std::size_t>(*limit);
  query.before = *before;
  query.communities = grant.communities;
  query.city_only = grant.role == Role::city;
  if (query.open_only && !request.query.contains("inhibited"))
    query.inhibited.assign(figures.silent.begin(), figures.silent.end());
  return [query](Store& store) -> StoreAnswer {
    return {{200, "application/json", list_of(store.alarms(query), query.limit), {}}};
  };
}

std::optional<Alarm> visible_alarm(Store& store, const std::string& id, const Grant& grant) {
  auto alarm = store.alarm(id);
  if (!alarm || !in_scope(grant, alarm->site.community)) return std::nullopt;
  if (grant.role == Role::city && !alarm->feed) return std::nullopt;
  return alarm;
}

Routed one_alarm(const std::string& id, const Grant& grant) {
  return [id, grant](Store& store) -> StoreAnswer {
    const auto alarm = visible_alarm(store, id, grant);
    if (!alarm) return {error_answer(404, "no such alarm")};
    const Audience audience = grant.role == Role::city ? Audience::city : Audience::operators;
    return {{200, "application/json", to_document(*alarm, audience), {}}};
  };
}

Routed act_on_alarm(const HttpRequest& request, const std::string& id, const std::string& action,
                    const Grant& grant, UtcTime now) {
  if (request.method != "POST") return error_answer(405, "POST only");
  if (!may_act(grant))
    return error_answer(403, "the role " + std::string(name_of(grant.role)) + " may only look");
  const auto parsed = parse_act(action, request.body);
  if (!parsed)
    return error_answer(parsed.error().fault == Fault::not_found ? 404 : 400, parsed.error().detail);
  if (is_for_managers(*parsed) && grant.role < Role::manager)
    return error_answer(403, "only a manager may " + action + " an alarm");
  return [id, act = *parsed, grant, now](Store& store) -> StoreAnswer {
    const auto alarm = visible_alarm(store, id, grant);
    if (!alarm) return {error_answer(404, "no such alarm")};
    return perform(store, *alarm, act, grant, now);
  };
}

json::object watermarks_of(const GatewayRow& gateway) {
  json::object epochs;
  for (const auto& [epoch, lanes] : gateway.watermarks) {
    json::object marks;
    for (const auto& [lane, upto] : lanes) marks[name_of(lane)] = upto;
    epochs[epoch_text(epoch)] = std::move(marks);
  }
  return epochs;
}

json::object gateway_object(const std::string& id, const std::string& community, const GatewayRow* row,
                            bool silent) {
  return {{"gateway", id},
          {"community", community},
          {"silent", silent},
          {"epoch", row ? json::value(epoch_text(row->epoch)) : json::value(nullptr)},
          {"software", row ? json::value(row->software) : json::value(nullptr)},
          {"identity_conflict", row && row->identity_conflict}};
}

const GatewayRow* find(const std::vector<GatewayRow>& rows, const std::string& id) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const GatewayRow& row) { return row.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

Routed list_gateways(const Grant& grant, const SystemFigures& figures) {
  return [grant, communities = figures.communities, silent = figures.silent](Store& store) -> StoreAnswer {
    const auto rows = store.gateways();
    json::array items;
    for (const auto& [id, community] : communities)
      if (in_scope(grant, community))
        items.push_back(gateway_object(id, community, find(rows, id), silent.contains(id)));
    return {{200, "application/json", json_text(json::object{{"items", items}, {"next", nullptr}}), {}}};
  };
}

// What the cloud has of a gateway: "complete up to N" per lane, but for the gaps listed.
Routed ledger(const std::string& id, const Grant& grant, const SystemFigures& figures) {
  const auto community = figures.communities.find(id);
  if (community == figures.communities.end() || !in_scope(grant, community->second))
    return error_answer(404, "no such gateway");
  return [id](Store& store) -> StoreAnswer {
    const auto rows = store.gateways();
    const GatewayRow* row = find(rows, id);
    json::array gaps;
    for (const Gap& gap : store.gaps(id, most_gaps))
      gaps.push_back({{"epoch", epoch_text(gap.epoch)},
                      {"lane", name_of(gap.lane)},
                      {"from", gap.from},
                      {"to", gap.to},
                      {"cause", gap.cause},
                      {"booked", to_rfc3339(gap.booked)}});
    const json::object body{{"gateway", id},
                            {"epoch", row ? json::value(epoch_text(row->epoch)) : json::value(nullptr)},
                            {"watermarks", row ? watermarks_of(*row) : json::object()},
                            {"gaps", gaps}};
    return {{200, "application/json", json_text(body), {}}};
  };
}

// What people and the desk did, oldest first. Its lines name alarms of all communities.
Routed list_audit(const HttpRequest& request, const Grant& grant) {
  if (grant.role < Role::manager || !grant.communities.empty())
    return error_answer(403, "the audit is for managers and admins of all communities");
  const auto limit = number_in(request, "limit", default_page, largest_page);
  const auto after = number_in(request, "cursor", 0, INT64_MAX);
  if (!limit || !after) return error_answer(400, "limit is 1 to 1000, cursor the `next` of an answer");
  return [limit = static_cast<std::size_t>(*limit), after = *after](Store& store) -> StoreAnswer {
    const auto lines = store.audit(after, limit);
    json::array items;
    for (const AuditEntry& line : lines)
      items.push_back({{"number", line.number},
                       {"at", to_rfc3339(line.at)},
                       {"who", line.who},
                       {"action", line.action},
                       {"subject", line.subject},
                       {"detail", line.detail},
                       {"hash", line.hash}});
    json::value next = nullptr;
    if (lines.size() == limit) next = std::to_string(lines.back().number);
    return {{200, "application/json", json_text(json::object{{"items", items}, {"next", next}}), {}}};
  };
}

// A browser's EventSource cannot set headers at its first connect: the query serves as well.
Routed open_stream(const HttpRequest& request, const Grant& grant) {
  const auto query = request.query.find("last_event_id");
  const bool has_header = !request.last_event_id.empty();
  return OpenStream{grant,
                    has_header || query == request.query.end() ? request.last_event_id : query->second};
}

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t start = 1; start <= path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    parts.push_back(path.substr(start, slash - start));
    start = slash + 1;
  }
  return parts;
}

}  // namespace

Routed route(const HttpRequest& request, const std::optional<Grant>& grant, const SystemFigures& figures,
             UtcTime now) {
  const auto parts = parts_of(request.path);
  const bool get = request.method == "GET";
  if (get && request.path == "/healthz") return health_answer(figures);
  if (get && request.path == "/metrics") return metrics_answer(figures);
  if (!grant) return error_answer(401, "a bearer token is needed: tocsin-cloud token create");
  if (parts.size() < 3 || parts[0] != "api" || parts[1] != "v1") return error_answer(404, "no such resource");

  if (auto orders = route_orders(request, parts, *grant, figures, now)) return std::move(*orders);
  const std::string& resource = parts[2];
  if (resource == "alarms" && parts.size() == 5)
    return act_on_alarm(request, parts[3], parts[4], *grant, now);
  if (!get) return error_answer(405, "GET only");
  if (resource == "alarms" && parts.size() == 3) return list_alarms(request, *grant, figures);
  if (resource == "alarms" && parts.size() == 4) return one_alarm(parts[3], *grant);
  if (resource == "events" && parts.size() == 4 && parts[3] == "stream") return open_stream(request, *grant);
  if (grant->role == Role::city) return error_answer(403, "the role city sees alarms only");
  if (resource == "gateways" && parts.size() == 3) return list_gateways(*grant, figures);
  if (resource == "gateways" && parts.size() == 5 && parts[4] == "ledger")
    return ledger(parts[3], *grant, figures);
  if (resource == "clock" && parts.size() == 3) return clock_answer(figures);
  if (resource == "audit" && parts.size() == 3) return list_audit(request, *grant);
  return error_answer(404, "no such resource");
}

}  // namespace tocsin::cloud
