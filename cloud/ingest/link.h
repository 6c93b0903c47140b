#pragma once
// One connection to a broker that is always wanted: connects, subscribes, and connects again with jitter.
// Owned by the Asio thread.

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sync/mqtt/mqtt_port.h"

namespace tocsin::cloud {

struct LinkEvents {
  std::function<void(std::uint16_t receive_maximum)> up;
  std::function<void(const Error&)> down;
  std::function<void(mqtt::Message)> message;
  std::function<void(std::uint64_t token, std::uint8_t reason)> published;
};

class Link {
 public:
  Link(boost::asio::io_context& io, std::string name, mqtt::ConnectOptions options,
       std::vector<std::string> subscriptions, LinkEvents events);
  void start();
  void stop();
  bool up() const { return up_; }
  // A failed publish leaves nothing behind.
  Status publish(std::uint64_t token, const std::string& topic, ByteView payload, bool retain = false);
  void subscribe(const std::string& filter) { port_->subscribe(filter); }

 private:
  void connect();
  void on_down(const Error& why);

  std::string name_;
  mqtt::ConnectOptions options_;
  std::vector<std::string> subscriptions_;
  LinkEvents events_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<mqtt::MqttPort> port_;
  std::minstd_rand random_;
  int failures_ = 0;
  bool up_ = false;
  bool stopped_ = false;
};

}  // namespace tocsin::cloud
