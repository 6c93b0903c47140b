#pragma once
// One MQTT 5 connection. The implementation over Paho (paho_port.h) decides nothing: it never reconnects,
// buffers or persists by itself; callbacks of the library are only posted to the owner's thread.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::mqtt {

struct Credentials {
  std::string ca, cert, key;  // files; all empty for mqtt:// to loopback
};

struct Will {
  std::string topic;
  Bytes payload;
  bool retain = false;
};

struct ConnectOptions {
  std::string broker;  // mqtt://host:port or mqtts://host:port
  std::string client_id;
  Credentials credentials;
  Duration keep_alive = 10s;
  Duration timeout = 5s;
  std::optional<Will> will;
};

struct Message {
  std::string topic;
  Bytes payload;
  bool retained = false;
};

// All run on the owner's thread.
struct PortEvents {
  std::function<void(std::uint16_t receive_maximum)> connected;  // CONNACK; 65535 when the broker gave none
  std::function<void(const Error&)> down;  // connect failed or connection lost; once per connect
  std::function<void(Message)> message;
  // PUBACK of a publish: it says the broker took the packet, nothing more (facts/reliability.md 0.1). reason
  // >= 0x80 is a denial. 0x10, nobody listens, is not to be had: Paho C 1.3.12 says 0 for every success.
  std::function<void(std::uint64_t token, std::uint8_t reason)> published;
  std::function<void(const std::string& filter, std::uint8_t reason)> subscribed;
};

class MqttPort {
 public:
  virtual ~MqttPort() = default;
  virtual void connect(const ConnectOptions& options) = 0;
  virtual void disconnect() = 0;                          // no further event of this connection follows
  virtual void subscribe(const std::string& filter) = 0;  // QoS 1
  // QoS 1. A failed publish leaves nothing behind; Fault::disconnected when there is no connection.
  virtual Status publish(std::uint64_t token, const std::string& topic, ByteView payload,
                         bool retain = false) = 0;
};

}  // namespace tocsin::mqtt
