#include "cloud/commands/book.h"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "core/bytes/hex.h"

namespace tocsin::cloud {
namespace {

constexpr int most_attempts = 4;  // of one command, each signed anew
// An answer that is on its way when the order expires still counts as one.
constexpr std::chrono::milliseconds grace{5000};

std::uint64_t next_counter(Store& store) {
  const auto last = store.setting("command_counter");
  const std::uint64_t next = last ? std::stoull(*last) + 1 : 1;
  store.set_setting("command_counter", std::to_string(next));
  return next;
}

std::string random_id() {
  Bytes id(16);
  randombytes_buf(id.data(), id.size());
  return bytes::to_hex(id);
}

std::string desired_id(const std::string& gateway) {
  return "desired-" + gateway;
}

void save(Store& store, Order order, UtcTime now) {
  order.updated = now;
  store.save_order(row_of(order));
}

bool is_final(const Order& order) {
  constexpr std::array<std::string_view, 4> states{"done", "failed", "indeterminate", "applied"};
  return std::find(states.begin(), states.end(), order.state) != states.end();
}

// The gateway reconnected, wants a younger signature, or had judged a later order first: signed anew the
// order may be obeyed. It is judged by its id as well, so that it cannot act twice.
bool may_try_again(const Order& order, const wire::AnswerReport& answer, UtcTime now) {
  const bool of_session = answer.refusal == "wrong-session" || answer.refusal == "stale-session" ||
                          answer.refusal == "old-term" || answer.refusal == "replayed";
  return of_session && order.state == "sent" && order.attempts < most_attempts && now < order.not_after;
}

}  // namespace

Order add_command(Store& store, const std::string& gateway, const CommandRequest& request,
                  const std::string& issuer, UtcTime now) {
  Order order;
  order.id = random_id();
  order.gateway = gateway;
  order.number = next_counter(store);
  order.issuer = issuer;
  order.issued = now;
  order.not_after = now + std::chrono::duration_cast<std::chrono::milliseconds>(request.valid_for);
  order.updated = now;
  order.point = request.point;
  order.operation = request.operation;
  order.arguments = request.arguments;
  store.save_order(row_of(order));
  return order;
}

Order set_desired(Store& store, const std::string& gateway, const DesiredRequest& request,
                  std::uint64_t applied, const std::string& issuer, UtcTime now) {
  const auto before = find_desired(store, gateway);
  Order order;
  order.id = desired_id(gateway);
  order.gateway = gateway;
  order.number = std::max(before ? before->number : 0, applied) + 1;
  order.issuer = issuer;
  order.issued = now;
  order.not_after = now + std::chrono::duration_cast<std::chrono::milliseconds>(request.valid_for);
  order.updated = now;
  order.outputs = request.outputs;
  order.on_expiry = request.on_expiry;
  store.save_order(row_of(order));
  return order;
}

std::optional<Order> find_order(Store& store, const std::string& gateway, const std::string& id) {
  const auto row = store.order(id);
  if (!row || row->gateway != gateway) return std::nullopt;
  const auto order = order_of(row->document);
  return order ? std::optional(*order) : std::nullopt;
}

std::optional<Order> find_desired(Store& store, const std::string& gateway) {
  return find_order(store, gateway, desired_id(gateway));
}

void apply_answer(Store& store, const std::string& gateway, const wire::AnswerReport& answer, UtcTime now) {
  const bool to_desired = answer.desired_version != 0;
  auto order = to_desired ? find_desired(store, gateway)
                          : find_order(store, gateway, bytes::to_hex(answer.command_id));
  if (!order || is_final(*order)) return;
  if (to_desired && order->number != answer.desired_version) return;  // of an earlier version
  if (answer.outcome == "refused") {
    if (order->state != "sent" && order->state != "expired") return;  // a copy of what was accepted
    if (answer.refusal == "bad-signature" || answer.refusal == "unknown-key") {
      order->detail = answer.detail;  // a forgery may claim this id: the order itself is still under way
      order->refusal = answer.refusal;
      return save(store, std::move(*order), now);
    }
    if (may_try_again(*order, answer, now)) {
      ++order->attempts;
      if (order->is_command()) order->number = next_counter(store);
      return save(store, std::move(*order), now);
    }
  }
  order->state = answer.outcome;
  order->refusal = answer.refusal;
  order->detail = answer.detail;
  save(store, std::move(*order), now);
}

void apply_desired_version(Store& store, const std::string& gateway, std::uint64_t version, VersionFrom from,
                           UtcTime now) {
  auto order = find_desired(store, gateway);
  if (!order) return;
  const bool applied = version >= order->number;
  const bool lost = !applied && from == VersionFrom::hello && now < order->not_after;
  if (order->state == "applied" ? !lost : !applied) return;
  order->state = applied ? "applied" : "sent";
  order->refusal.clear();
  order->detail.clear();
  save(store, std::move(*order), now);
}

std::vector<Order> orders_to_send(Store& store, UtcTime now) {
  std::vector<Order> orders;
  for (const OrderRow& row : store.open_orders()) {
    auto order = order_of(row.document);
    if (!order) continue;
    if (now > order->not_after + grace) {
      order->state = "expired";
      save(store, std::move(*order), now);
    } else if (now < order->not_after) {
      orders.push_back(std::move(*order));
    }
  }
  return orders;
}

}  // namespace tocsin::cloud
