#pragma once
// The field broker and the links to it: a stateless pipe that loses, repeats, reorders and stalls. A PUBACK
// says only that the broker took the packet.

#include <string>
#include <vector>

#include "core/bytes/reader.h"
#include "tests/simulation/world.h"

namespace tocsin::simulation {

class Broker {
 public:
  static constexpr std::uint16_t receive_maximum = 20;

  explicit Broker(World& world) : world_(world), links_(world.plan.gateways) {}

  // A gateway's port. The answers come to Gateway::on_connected, on_down, on_published and on_message.
  std::uint64_t connect(std::size_t gateway);  // gives the connection's number
  void disconnect(std::size_t gateway);
  void publish(std::size_t gateway, std::uint64_t connection, std::uint64_t token, std::string suffix,
               Bytes payload);
  // From the cloud to a gateway.
  void deliver(std::size_t gateway, const std::string& suffix, const Bytes& payload, bool retained = false);

  // Faults.
  void cut(std::size_t gateway);
  void cut_all();
  void stall(std::size_t gateway, Duration lasts);  // half-open: nothing passes, nobody is told
  void block(std::size_t gateway, Duration lasts);  // connects fail
  void deny(std::size_t gateway, Duration lasts);   // publishes are refused
  void heal();

 private:
  struct Link {
    std::uint64_t connection = 0;  // 0: none
    bool open = false;             // CONNACK was sent
    MonoTime stalled_until{}, blocked_until{}, denied_until{};
    bool dead = false;  // something was lost in a stall: this connection never works again
    MonoTime up_free{}, down_free{}, cloud_order{}, gateway_order{};
  };

  bool passes(Link& link, std::uint64_t connection);
  MonoTime transfer(MonoTime& free, std::size_t bytes);  // when the last byte is over
  MonoTime shuffled(MonoTime& order, MonoTime when);
  void at_broker(std::size_t gateway, std::uint64_t connection, std::uint64_t token, std::string suffix,
                 Bytes payload);

  World& world_;
  std::vector<Link> links_;
  std::uint64_t last_connection_ = 0;
};

}  // namespace tocsin::simulation
