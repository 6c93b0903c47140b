#include "sync/mqtt/broker_url.h"

#include <doctest/doctest.h>

using namespace tocsin;
using namespace tocsin::mqtt;

TEST_CASE("broker urls: host, port and TLS") {
  CHECK(*parse_broker_url("mqtt://127.0.0.1:1884") == BrokerUrl{false, "127.0.0.1", 1884});
  CHECK(*parse_broker_url("mqtts://broker.example:8884") == BrokerUrl{true, "broker.example", 8884});
  CHECK(*parse_broker_url("mqtt://broker") == BrokerUrl{false, "broker", 1883});
  CHECK(*parse_broker_url("mqtts://broker") == BrokerUrl{true, "broker", 8883});
  CHECK(*parse_broker_url("mqtt://[::1]:1884") == BrokerUrl{false, "::1", 1884});
  CHECK(*parse_broker_url("mqtts://[::1]") == BrokerUrl{true, "::1", 8883});
}

TEST_CASE("broker urls: what makes no sense is refused with the text") {
  for (const char* text : {"", "broker:1883", "tcp://broker:1883", "mqtt://", "mqtt://:1883",
                           "mqtt://broker:", "mqtt://broker:0", "mqtt://broker:65536", "mqtt://broker:18x",
                           "mqtt://broker/path", "mqtt://user@broker", "mqtt://[::1", "mqtt://[::1]1883"}) {
    CAPTURE(text);
    const Result<BrokerUrl> url = parse_broker_url(text);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().fault == Fault::bad_input);
    CHECK(url.error().detail.find("\"" + std::string(text) + "\"") != std::string::npos);
  }
}

TEST_CASE("broker urls: as Paho wants them") {
  CHECK(to_paho_uri({false, "127.0.0.1", 1883}) == "tcp://127.0.0.1:1883");
  CHECK(to_paho_uri({true, "::1", 8883}) == "ssl://[::1]:8883");
}
