#include "cloud/api/order_routes.h"

#include <algorithm>

#include "cloud/api/audit.h"
#include "cloud/commands/book.h"

namespace tocsin::cloud {
namespace {

constexpr std::size_t newest = 100;

bool in_scope(const Grant& grant, const std::string& community) {
  const auto& scope = grant.communities;
  return scope.empty() || std::find(scope.begin(), scope.end(), community) != scope.end();
}

// Who may not order, and why; nothing when he may.
std::optional<HttpAnswer> obstacle(const Grant& grant, const SystemFigures& figures, bool managers) {
  if (grant.role < (managers ? Role::manager : Role::operator_))
    return error_answer(403, "the role " + std::string(name_of(grant.role)) +
                                 " may not order this; it needs " + (managers ? "manager" : "operator"));
  if (!figures.can_sign)
    return error_answer(503, "no signing key: tocsin-cloud key create --name NAME --state DIR");
  return std::nullopt;
}

StoreAnswer answer_with(int status, const Order& order, bool changed) {
  StoreAnswer out{{status, "application/json", document_of(order)}, {}};
  out.orders_changed = changed;
  return out;
}

StoreAnswer commanded(Store& store, const std::string& gateway, const CommandRequest& wanted,
                      const Grant& grant, UtcTime now) {
  const Order order = add_command(store, gateway, wanted, grant.who, now);
  append_to_audit(
      store,
      {0, now, grant.who, "command", gateway, order.id + " " + wanted.operation + " " + wanted.point, {}});
  return answer_with(202, order, true);
}

Routed give_command(const HttpRequest& request, const std::string& gateway, const Grant& grant,
                    const SystemFigures& figures, UtcTime now) {
  const auto wanted = parse_command_request(request.body);
  const bool managers = wanted && is_managers(wanted->operation);
  if (auto refused = obstacle(grant, figures, managers)) return *refused;
  if (!wanted) return error_answer(400, wanted.error().detail);
  return [gateway, wanted = *wanted, grant, now](Store& store) {
    return commanded(store, gateway, wanted, grant, now);
  };
}

Routed list_commands(const std::string& gateway) {
  return [gateway](Store& store) -> StoreAnswer {
    std::string out = R"({"items":[)";
    bool first = true;
    for (const OrderRow& row : store.orders_of(gateway, newest)) {
      if (!first) out += ',';
      out += row.document;
      first = false;
    }
    return {{200, "application/json", out + R"(],"next":null})"}, {}};
  };
}

Routed one_order(const std::string& gateway, const std::string& id) {
  return [gateway, id](Store& store) -> StoreAnswer {
    const auto order = find_order(store, gateway, id);
    if (!order) return {error_answer(404, "no such order"), {}};
    return answer_with(200, *order, false);
  };
}

Routed set_outputs(const HttpRequest& request, const std::string& gateway, const Grant& grant,
                   const SystemFigures& figures, UtcTime now) {
  if (auto refused = obstacle(grant, figures, true)) return *refused;
  const auto wanted = parse_desired_request(request.body);
  if (!wanted) return error_answer(400, wanted.error().detail);
  const auto told = figures.desired_applied.find(gateway);
  const std::uint64_t applied = told == figures.desired_applied.end() ? 0 : told->second;
  return [gateway, wanted = *wanted, applied, grant, now](Store& store) {
    const Order order = set_desired(store, gateway, wanted, applied, grant.who, now);
    append_to_audit(store,
                    {0, now, grant.who, "desired", gateway, "version " + std::to_string(order.number), {}});
    return answer_with(202, order, true);
  };
}

// The latch is the gateway's: the desk's reset is a command to it.
Routed reset_alarm(const HttpRequest& request, const std::string& id, const Grant& grant,
                   const SystemFigures& figures, UtcTime now) {
  if (request.method != "POST") return error_answer(405, "POST only");
  if (auto refused = obstacle(grant, figures, false)) return *refused;
  return [id, grant, now](Store& store) -> StoreAnswer {
    const auto alarm = store.alarm(id);
    if (!alarm || !in_scope(grant, alarm->site.community)) return {error_answer(404, "no such alarm"), {}};
    if (alarm->closed) return {error_answer(409, "the alarm is closed"), {}};
    return commanded(store, alarm->gateway, {"alarm/" + id, "reset", {}}, grant, now);
  };
}

}  // namespace

std::optional<Routed> route_orders(const HttpRequest& request, const std::vector<std::string>& parts,
                                   const Grant& grant, const SystemFigures& figures, UtcTime now) {
  const bool of_gateway = parts.size() >= 5 && parts[2] == "gateways";
  const bool commands = of_gateway && parts[4] == "commands" && parts.size() <= 6;
  const bool desired = of_gateway && parts[4] == "desired" && parts.size() == 5;
  const bool reset = parts.size() == 5 && parts[2] == "alarms" && parts[4] == "reset";
  if (!commands && !desired && !reset) return std::nullopt;
  if (grant.role == Role::city) return error_answer(403, "the role city sees alarms only");
  if (reset) return reset_alarm(request, parts[3], grant, figures, now);

  const std::string& gateway = parts[3];
  const auto community = figures.communities.find(gateway);
  if (community == figures.communities.end() || !in_scope(grant, community->second))
    return error_answer(404, "no such gateway");
  const bool get = request.method == "GET";
  if (desired) {
    if (get) return one_order(gateway, "desired-" + gateway);
    if (request.method == "PUT") return set_outputs(request, gateway, grant, figures, now);
    return error_answer(405, "GET or PUT only");
  }
  if (parts.size() == 6) {
    if (!get) return error_answer(405, "GET only");
    return one_order(gateway, parts[5]);
  }
  if (get) return list_commands(gateway);
  if (request.method == "POST") return give_command(request, gateway, grant, figures, now);
  return error_answer(405, "GET or POST only");
}

}  // namespace tocsin::cloud
