#pragma once
// mqtt://host:port or mqtts://host:port, as configuration writes it. Pure.

#include <cstdint>
#include <string>

#include "core/result/result.h"

namespace tocsin::mqtt {

struct BrokerUrl {
  bool tls = false;
  std::string host;  // a name or a numeric address, IPv6 without its brackets
  std::uint16_t port = 0;

  friend bool operator==(const BrokerUrl&, const BrokerUrl&) = default;
};

Result<BrokerUrl> parse_broker_url(const std::string& text);  // port: 1883 or 8883 when there is none
std::string to_paho_uri(const BrokerUrl& url);                // tcp://127.0.0.1:1883, ssl://[::1]:8883

}  // namespace tocsin::mqtt
