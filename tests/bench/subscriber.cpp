#include "tests/bench/subscriber.h"

#include <mqtt/async_client.h>

namespace tocsin::bench {

struct BareClient::Impl {
  mqtt::async_client client;
  OnMessage on_message;
};

BareClient::BareClient(const std::string& url, const std::string& id, const std::string& filter,
                       OnMessage on_message)
    : impl_(new Impl{{"tcp" + url.substr(url.find(':')), id, mqtt::create_options(MQTTVERSION_5)},
                     std::move(on_message)}) {
  impl_->client.set_message_callback([impl = impl_.get()](const mqtt::const_message_ptr& message) {
    const auto at = std::chrono::steady_clock::now();
    if (impl->on_message) impl->on_message(message->get_topic(), message->get_payload_ref().str(), at);
  });
  mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  impl_->client.connect(options)->wait();
  if (!filter.empty()) impl_->client.subscribe(filter, 1)->wait();
}

BareClient::~BareClient() {
  try {
    impl_->client.disconnect()->wait();
  } catch (const mqtt::exception&) {  // the broker is gone
  }
}

void BareClient::publish(const std::string& topic, const std::string& payload) {
  impl_->client.publish(topic, payload.data(), payload.size(), 1, false);
}

}  // namespace tocsin::bench
