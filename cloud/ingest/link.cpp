#include "cloud/ingest/link.h"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "sync/mqtt/paho_port.h"

namespace tocsin::cloud {
namespace {

constexpr int longest_wait_ms = 30'000;
constexpr auto answer_within = std::chrono::seconds(15);  // of a connect: the library can forget one

}  // namespace

Link::Link(boost::asio::io_context& io, std::string name, mqtt::ConnectOptions options,
           std::vector<std::string> subscriptions, LinkEvents events)
    : name_(std::move(name)),
      options_(std::move(options)),
      subscriptions_(std::move(subscriptions)),
      events_(std::move(events)),
      timer_(io),
      random_(std::random_device{}()) {
  mqtt::PortEvents port;
  port.connected = [this](std::uint16_t receive_maximum) {
    spdlog::info("{}: connected to {}", name_, options_.broker);
    timer_.cancel();
    up_ = true;
    failures_ = 0;
    for (const auto& filter : subscriptions_) port_->subscribe(filter);
    events_.up(receive_maximum);
  };
  port.down = [this](const Error& why) { on_down(why); };
  port.message = [this](mqtt::Message message) { events_.message(std::move(message)); };
  port.published = [this](std::uint64_t token, std::uint8_t reason) { events_.published(token, reason); };
  port.subscribed = [this](const std::string& filter, std::uint8_t reason) {
    if (reason >= 0x80)
      spdlog::error("{}: the broker refuses the subscription {} (reason {})", name_, filter, reason);
  };
  port_ = mqtt::make_paho_port(std::move(port),
                               [&io](std::function<void()> work) { boost::asio::post(io, std::move(work)); });
}

void Link::start() {
  connect();
}

void Link::stop() {
  stopped_ = true;
  timer_.cancel();
  port_->disconnect();
}

void Link::connect() {
  port_->connect(options_);
}

void Link::on_down(const Error& why) {
  if (up_ || failures_ == 0) spdlog::warn("{}: {} is away: {}", name_, options_.broker, to_string(why));
  const bool was_up = up_;
  up_ = false;
  if (was_up) events_.down(why);
  if (stopped_) return;
  // 0..1 s after a loss; longer only when connecting itself fails.
  const int most = std::min(longest_wait_ms, 1000 << std::min(failures_++, 5));
  timer_.expires_after(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, most)(random_)));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopped_) connect();
  });
}

Status Link::publish(std::uint64_t token, const std::string& topic, ByteView payload, bool retain) {
  if (!up_) return fail(Fault::disconnected, options_.broker + " is away");
  return port_->publish(token, topic, payload, retain);
}

}  // namespace tocsin::cloud
