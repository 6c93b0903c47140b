#include "cloud/app/broker_link.h"

#include <algorithm>

namespace tocsin::cloud {
namespace {

constexpr std::size_t most_waiting = 100000;
constexpr std::size_t most_in_flight = 16;
constexpr Duration first_wait = 1s;     // a reconnect starts at 0..1 s (design section 7)
constexpr Duration longest_wait = 30s;  // and grows only on connects that fail
constexpr Duration patience = 2s;       // beyond the port's own timeout
constexpr std::uint8_t denial = 0x80;

}  // namespace

BrokerLink::BrokerLink(mqtt::ConnectOptions options, std::vector<std::string> subscriptions,
                       LinkEvents events, MakePort make, std::function<double()> random)
    : options_(std::move(options)),
      subscriptions_(std::move(subscriptions)),
      events_(std::move(events)),
      random_(std::move(random)),
      port_(make(port_events())) {}

mqtt::PortEvents BrokerLink::port_events() {
  mqtt::PortEvents events;
  events.connected = [this](std::uint16_t receive_maximum) { on_connected(receive_maximum); };
  events.down = [this](const Error& why) { on_down(why); };
  events.message = [this](mqtt::Message message) { events_.message(std::move(message)); };
  events.published = [this](std::uint64_t token, std::uint8_t reason) { on_published(token, reason); };
  events.subscribed = [this](const std::string& filter, std::uint8_t reason) {
    if (reason < denial) return;
    ++denied_;
    events_.warn("subscription-denied", options_.broker + ": " + filter);
  };
  return events;
}

void BrokerLink::on_tick(MonoTime now) {
  now_ = now;
  if (state_ == State::connecting && now >= due_) {
    port_->disconnect();
    on_down(fail(Fault::timeout, "no answer to the connect"));
  }
  if (state_ != State::waiting || now < due_) return;
  state_ = State::connecting;
  due_ = now + options_.timeout + patience;
  port_->connect(options_);
}

void BrokerLink::close() {
  state_ = State::closed;
  waiting_.clear();
  port_->disconnect();
}

void BrokerLink::restart(Duration pause) {
  if (state_ != State::connected) return;
  port_->disconnect();
  on_down(fail(Fault::refused, "the broker refuses what must be published"));
  due_ = now_ + pause;
}

void BrokerLink::on_connected(std::uint16_t receive_maximum) {
  if (state_ != State::connecting) return;
  state_ = State::connected;
  failures_ = 0;
  in_flight_ = 0;
  window_ = std::clamp<std::size_t>(receive_maximum > 4 ? receive_maximum - 4u : 1u, 1, most_in_flight);
  for (const std::string& filter : subscriptions_) port_->subscribe(filter);
  events_.connected();
}

void BrokerLink::on_down(const Error& why) {
  if (state_ == State::closed || state_ == State::waiting) return;
  const bool was_connected = state_ == State::connected;
  state_ = State::waiting;
  waiting_.clear();
  in_flight_ = 0;
  if (!was_connected) ++failures_;
  wait(std::min<Duration>(first_wait * (1 << std::min(failures_, 5)), longest_wait));
  events_.warn("broker-away", options_.broker + ": " + to_string(why));
  if (was_connected) events_.down();
}

void BrokerLink::wait(Duration longest) {
  due_ = now_ + Duration{static_cast<std::int64_t>(static_cast<double>(longest.count()) * random_())};
}

bool BrokerLink::publish(std::uint64_t token, std::string topic, Bytes payload, bool retain) {
  if (state_ != State::connected || waiting_.size() >= most_waiting) return false;
  waiting_.push_back({token, std::move(topic), std::move(payload), retain});
  send_more();
  return true;
}

void BrokerLink::send_more() {
  while (state_ == State::connected && in_flight_ < window_ && !waiting_.empty()) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (!port_->publish(next.token, next.topic, next.payload, next.retain)) {
      restart(first_wait);  // what follows must not overtake it
      return;
    }
    ++in_flight_;
  }
}

void BrokerLink::on_published(std::uint64_t token, std::uint8_t reason) {
  if (state_ != State::connected) return;
  if (in_flight_ > 0) --in_flight_;
  if (reason >= denial) {
    ++denied_;
    events_.warn("publish-denied", options_.broker + ": reason " + std::to_string(reason));
  }
  events_.published(token, reason);
  send_more();
}

}  // namespace tocsin::cloud
