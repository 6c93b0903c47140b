#pragma once
// One lasting connection to a broker over an MqttPort: connects, reconnects with jitter, subscribes, and
// keeps the publishes in flight below what the broker allows. Owned by the Asio thread; time is an argument.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sync/mqtt/mqtt_port.h"

namespace tocsin::cloud {

struct LinkEvents {
  std::function<void()> connected;  // after the subscriptions were asked for
  std::function<void()> down;
  std::function<void(mqtt::Message)> message;
  std::function<void(std::uint64_t token, std::uint8_t reason)> published;
  std::function<void(const std::string& cause, const std::string& detail)> warn;
};

class BrokerLink {
 public:
  using MakePort = std::function<std::unique_ptr<mqtt::MqttPort>(mqtt::PortEvents)>;

  // `random` gives 0..1 for the jitter.
  BrokerLink(mqtt::ConnectOptions options, std::vector<std::string> subscriptions, LinkEvents events,
             MakePort make, std::function<double()> random);

  void on_tick(MonoTime now);  // connects when it is due
  void close();                // for good

  // Sent in order. false: not connected, or 100,000 publishes wait already; nothing was taken. What was taken
  // is forgotten when the connection is lost.
  bool publish(std::uint64_t token, std::string topic, Bytes payload, bool retain);

  // Gives this connection up and waits before the next: the broker refuses what we must send.
  void restart(Duration pause);

  bool is_connected() const { return state_ == State::connected; }
  std::uint64_t denied() const { return denied_; }  // subscriptions and publishes that the broker refused

 private:
  enum class State : std::uint8_t { waiting, connecting, connected, closed };
  struct Waiting {
    std::uint64_t token = 0;
    std::string topic;
    Bytes payload;
    bool retain = false;
  };

  mqtt::PortEvents port_events();
  void on_connected(std::uint16_t receive_maximum);
  void on_down(const Error& why);
  void on_published(std::uint64_t token, std::uint8_t reason);
  void send_more();
  void wait(Duration longest);

  mqtt::ConnectOptions options_;
  std::vector<std::string> subscriptions_;
  LinkEvents events_;
  std::function<double()> random_;
  std::unique_ptr<mqtt::MqttPort> port_;
  State state_ = State::waiting;
  MonoTime now_{};
  MonoTime due_{};    // of the next connect, or the end of patience with this one
  int failures_ = 0;  // connects in a row that failed
  std::size_t window_ = 16;
  std::size_t in_flight_ = 0;
  std::deque<Waiting> waiting_;
  std::uint64_t denied_ = 0;
};

}  // namespace tocsin::cloud
