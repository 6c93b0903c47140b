#include "cloud/app/commander.h"

#include <algorithm>
#include <set>

namespace tocsin::cloud {
namespace {

constexpr Duration look_every = 500ms;
constexpr Duration first_pause = 5s, longest_pause = 60s;
// After a new hello; by then the gateway's refusal of the older signature has come, and with it a new number.
constexpr Duration session_pause = 1500ms;

}  // namespace

Commander::Commander(std::filesystem::path state, std::string key_name, std::uint64_t term,
                     StoreThread& store, CommanderPorts ports)
    : state_(std::move(state)),
      key_name_(std::move(key_name)),
      term_(term),
      store_(store),
      ports_(std::move(ports)) {}

bool Commander::can_sign() {
  if (key_) return true;
  auto key = SigningKey::load(state_, key_name_);
  if (key)
    key_ = std::move(*key);
  else if (key.error().fault != Fault::not_found)
    ports_.warn("signing-key", key.error().detail);
  return key_.has_value();
}

void Commander::on_tick(MonoTime now) {
  if (!open_ || now < look_at_) return;
  look_at_ = now + look_every;
  if (can_sign()) look(now);
}

void Commander::look(MonoTime now) {
  const auto orders = std::make_shared<std::vector<Order>>();
  store_.submit(
      Urgency::normal,
      [orders, wall = ports_.wall()](Store& store) { *orders = orders_to_send(store, wall); },
      [this, orders, now](const Status& status) {
        if (!status) return;
        open_ = !orders->empty();
        std::set<std::string> open;
        for (const Order& order : *orders) {
          open.insert(order.id);
          send(order, now);
        }
        std::erase_if(sent_, [&](const auto& one) { return !open.contains(one.first); });
      });
}

bool Commander::is_due(const Order& order, std::uint64_t session_nonce, MonoTime now) const {
  const auto sent = sent_.find(order.id);
  if (sent == sent_.end() || sent->second.number != order.number) return true;
  const bool new_session = sent->second.session_nonce != session_nonce;
  return now >= sent->second.at + (new_session ? session_pause : sent->second.pause);
}

void Commander::send(const Order& order, MonoTime now) {
  const std::uint64_t session_nonce = ports_.session_nonce(order.gateway);
  if (session_nonce == 0 || !is_due(order, session_nonce, now)) return;
  const Bytes payload = key_->sign(payload_of(order, term_, session_nonce));
  if (!ports_.publish(order.gateway, order.is_command() ? "down/command" : "down/desired", payload)) return;
  Sent& sent = sent_[order.id];
  const bool again = sent.number == order.number;
  const Duration pause = again && !order.is_command() ? std::min(2 * sent.pause, longest_pause) : first_pause;
  sent = {order.number, session_nonce, now, pause};
}

}  // namespace tocsin::cloud
