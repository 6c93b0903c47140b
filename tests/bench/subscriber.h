#pragma once
// A bare Paho client: subscribes and publishes with QoS 1.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tocsin::bench {

class BareClient {
 public:
  // Called on Paho's thread, with the time the library gave the message.
  using OnMessage = std::function<void(const std::string& topic, const std::string& payload,
                                       std::chrono::steady_clock::time_point at)>;

  // `filter` may be empty. Connected and subscribed when it returns; throws otherwise.
  BareClient(const std::string& url, const std::string& id, const std::string& filter, OnMessage on_message);
  ~BareClient();
  void publish(const std::string& topic, const std::string& payload);  // waits for nothing

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::bench
