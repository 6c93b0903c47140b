#pragma once
// An owner's thread and a client whose events are noted, for tests of the port over Paho.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sync/mqtt/paho_port.h"

namespace tocsin::mqtt::test {

inline constexpr auto patience = std::chrono::seconds(10);

// The owner's thread: the test's own.
class Loop {
 public:
  Post post() {
    return [this](std::function<void()> f) {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(f));
      wake_.notify_one();
    };
  }
  bool until(const std::function<bool()>& done, std::chrono::milliseconds limit = patience) {
    const auto end = std::chrono::steady_clock::now() + limit;
    std::unique_lock lock(mutex_);
    while (!done()) {
      if (queue_.empty() && wake_.wait_until(lock, end) == std::cv_status::timeout && queue_.empty())
        return done();
      if (queue_.empty()) continue;
      const auto next = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      next();
      lock.lock();
    }
    return true;
  }
  // Something was posted and has not run.
  bool has_waiting(std::chrono::milliseconds limit = patience) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, limit, [this] { return !queue_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
};

// A port whose events are noted.
struct Client {
  explicit Client(Loop& in) : loop(in) {
    PortEvents events;
    events.connected = [this](std::uint16_t maximum) { receive_maximum = maximum; };
    events.down = [this](const Error& why) { downs.push_back(why); };
    events.message = [this](Message message) { messages.push_back(std::move(message)); };
    events.published = [this](std::uint64_t token, std::uint8_t reason) {
      published.emplace_back(token, reason);
    };
    events.subscribed = [this](const std::string& filter, std::uint8_t reason) {
      subscribed.emplace_back(filter, reason);
    };
    port = make_paho_port(std::move(events), loop.post());
  }

  static ConnectOptions options(const std::string& url, const std::string& id) {
    ConnectOptions result;
    result.broker = url;
    result.client_id = id;
    return result;
  }
  bool connect(const ConnectOptions& to) {
    receive_maximum.reset();
    port->connect(to);
    const std::size_t before = downs.size();
    loop.until([&] { return receive_maximum || downs.size() > before; });
    return receive_maximum.has_value();
  }
  bool subscribe(const std::string& filter) {
    const std::size_t before = subscribed.size();
    port->subscribe(filter);
    return loop.until([&] { return subscribed.size() > before; }) && subscribed.back().second < 0x80;
  }
  bool publish(std::uint64_t token, const std::string& topic, const std::string& text, bool retain = false) {
    const Bytes payload(text.begin(), text.end());
    return port->publish(token, topic, payload, retain).has_value();
  }
  std::optional<std::uint8_t> reason_of_last(std::size_t count) {
    loop.until([&] { return published.size() >= count; });
    if (published.size() != count) return std::nullopt;
    return published.back().second;
  }

  Loop& loop;
  std::optional<std::uint16_t> receive_maximum;
  std::vector<Error> downs;
  std::vector<Message> messages;
  std::vector<std::pair<std::uint64_t, std::uint8_t>> published;
  std::vector<std::pair<std::string, std::uint8_t>> subscribed;
  std::unique_ptr<MqttPort> port;
};

}  // namespace tocsin::mqtt::test
