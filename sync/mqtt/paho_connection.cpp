#include "sync/mqtt/paho_connection.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <mqtt/async_client.h>

#include "sync/mqtt/no_delay.h"

namespace tocsin::mqtt {
namespace {

using Sink = std::function<void(Report)>;

constexpr std::uint16_t no_receive_maximum = 65535;  // MQTT 5, 3.2.2.3.3: the value when CONNACK does not say
constexpr std::uint8_t first_denial = 0x80;          // MQTT 5, 2.4: reason codes from here on are failures
constexpr int quality = 1;
constexpr auto goodbye_limit = std::chrono::milliseconds(500);

// Builds a report and hands it over; an exception must not reach the library, which would end the process.
template <class Build>
void hand_over(const Sink& sink, Build build) noexcept {
  try {
    sink(build());
  } catch (...) {  // out of memory: the record is not acked and comes again
  }
}

std::uint64_t number_of(const ::mqtt::token& token) {
  return reinterpret_cast<std::uintptr_t>(token.get_user_context());
}
void* as_context(std::uint64_t number) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number));
}

std::uint8_t reason_of(const ::mqtt::token& token) {
  return static_cast<std::uint8_t>(token.get_reason_code());
}
// A request that failed without a reason of the broker still has to be counted as ended.
std::uint8_t denial_of(const ::mqtt::token& token) {
  return std::max(reason_of(token), first_denial);
}

// A failed connect has the reason of CONNACK as its return code; the library's own codes are negative.
Error error_of(const ::mqtt::token& token) {
  const int code = token.get_return_code();
  if (code >= first_denial) return fail(Fault::refused, "the broker refuses the connection", code);
  return fail(Fault::unreachable, ::mqtt::exception::error_str(code), code);
}

class ConnectListener final : public ::mqtt::iaction_listener {
 public:
  ConnectListener(const Sink& sink, std::uint16_t port) : sink_(sink), port_(port) {}
  void on_success(const ::mqtt::token& token) override {
    hand_over(sink_, [&]() -> Report {
      send_at_once(port_);
      const auto response = token.get_connect_response();
      const ::mqtt::properties& properties = response.get_properties();
      if (!properties.contains(::mqtt::property::RECEIVE_MAXIMUM)) return Connected{no_receive_maximum};
      return Connected{::mqtt::get<std::uint16_t>(properties, ::mqtt::property::RECEIVE_MAXIMUM)};
    });
  }
  void on_failure(const ::mqtt::token& token) override {
    hand_over(sink_, [&]() -> Report { return Down{error_of(token)}; });
  }

 private:
  const Sink& sink_;
  const std::uint16_t port_;
};

class PublishListener final : public ::mqtt::iaction_listener {
 public:
  explicit PublishListener(const Sink& sink) : sink_(sink) {}
  void on_success(const ::mqtt::token& token) override {
    hand_over(sink_, [&]() -> Report { return Published{number_of(token), reason_of(token)}; });
  }
  void on_failure(const ::mqtt::token& token) override {
    hand_over(sink_, [&]() -> Report { return Published{number_of(token), denial_of(token)}; });
  }

 private:
  const Sink& sink_;
};

class SubscribeListener final : public ::mqtt::iaction_listener {
 public:
  explicit SubscribeListener(const Sink& sink) : sink_(sink) {}
  void on_success(const ::mqtt::token& token) override {
    hand_over(sink_, [&]() -> Report { return Subscribed{number_of(token), reason_of(token)}; });
  }
  void on_failure(const ::mqtt::token& token) override {
    hand_over(sink_, [&]() -> Report { return Subscribed{number_of(token), denial_of(token)}; });
  }

 private:
  const Sink& sink_;
};

// Lets close() wait without touching the library's token.
class GoodbyeListener final : public ::mqtt::iaction_listener {
 public:
  void on_success(const ::mqtt::token& /*token*/) override { end(); }
  void on_failure(const ::mqtt::token& /*token*/) override { end(); }
  void wait() {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, goodbye_limit, [this] { return done_; });
  }

 private:
  void end() {
    const std::lock_guard lock(mutex_);
    done_ = true;
    ended_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
};

::mqtt::create_options create_options() {
  ::mqtt::create_options options(MQTTVERSION_5);
  options.set_send_while_disconnected(false);
  options.set_max_buffered_messages(
      256);  // counts what the library has not sent yet; the session's window is far below
  options.set_restore_messages(false);
  return options;
}

void set_tls(::mqtt::connect_options& to, const Credentials& credentials) {
  ::mqtt::ssl_options tls;
  tls.set_trust_store(credentials.ca);
  if (!credentials.cert.empty()) tls.set_key_store(credentials.cert);
  if (!credentials.key.empty()) tls.set_private_key(credentials.key);
  tls.set_enable_server_cert_auth(true);
  tls.set_verify(true);
  tls.set_ssl_version(MQTT_SSL_VERSION_TLS_1_2);
  to.set_ssl(tls);
}

void fill(::mqtt::connect_options& to, const ConnectOptions& from, bool tls) {
  to.set_mqtt_version(MQTTVERSION_5);
  to.set_clean_start(true);  // no session expiry interval is sent: it is 0 then (MQTT 5, 3.1.2.11.2)
  to.set_automatic_reconnect(false);
  to.set_keep_alive_interval(std::chrono::duration_cast<std::chrono::seconds>(from.keep_alive));
  to.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(from.timeout));
  if (tls) set_tls(to, from.credentials);
  if (from.will) {
    to.set_will(::mqtt::will_options(from.will->topic, from.will->payload.data(), from.will->payload.size(),
                                     quality, from.will->retain));
  }
}

// The library ends itself when its last client goes, while one of its threads may still write a trace entry:
// it then allocates again what it has just freed. A client that never connects and never goes keeps it
// between ours.
void keep_library() {
  static const auto* const keeper =
      new ::mqtt::async_client("tcp://127.0.0.1:1883", "keeper", create_options(), nullptr);
  static_cast<void>(keeper);
}

// Of scheme://host:port, as to_paho_uri writes it.
std::uint16_t port_of(const std::string& uri) {
  return static_cast<std::uint16_t>(std::stoul(uri.substr(uri.rfind(':') + 1)));
}

}  // namespace

struct PahoConnection::Impl {
  Impl(const ConnectOptions& from, const std::string& uri, Sink to)
      : sink(std::move(to)),
        on_connect(sink, port_of(uri)),
        on_publish(sink),
        on_subscribe(sink),
        client(uri, from.client_id, create_options(), nullptr) {
    fill(options, from, uri.starts_with("ssl://"));
  }

  const Sink sink;
  ConnectListener on_connect;
  PublishListener on_publish;
  SubscribeListener on_subscribe;
  GoodbyeListener on_goodbye;
  ::mqtt::connect_options options;  // the library keeps pointers into it
  ::mqtt::async_client client;      // last: gone before anything that its callbacks use
};

PahoConnection::PahoConnection(const ConnectOptions& options, const std::string& uri, Sink report)
    : impl_((keep_library(), std::make_unique<Impl>(options, uri, std::move(report)))) {
  const Sink& sink = impl_->sink;
  impl_->client.set_connection_lost_handler([&sink](const std::string& cause) {
    hand_over(sink, [&]() -> Report {
      return Down{fail(Fault::disconnected, cause.empty() ? "connection lost" : cause)};
    });
  });
  impl_->client.set_disconnected_handler(
      [&sink](const ::mqtt::properties& /*properties*/, ::mqtt::ReasonCode reason) {
        hand_over(sink, [&]() -> Report {
          return Down{fail(Fault::disconnected, "the broker ends the connection", reason)};
        });
      });
  impl_->client.set_message_callback([&sink](const ::mqtt::const_message_ptr& message) {
    hand_over(sink, [&]() -> Report {
      const std::string& payload = message->get_payload_ref().str();
      return Message{message->get_topic(), Bytes(payload.begin(), payload.end()), message->is_retained()};
    });
  });
}

PahoConnection::~PahoConnection() = default;

Status PahoConnection::start() {
  try {
    impl_->client.connect(impl_->options, nullptr, impl_->on_connect);
    return {};
  } catch (const std::exception& error) {
    return fail(Fault::unreachable, error.what());
  }
}

Status PahoConnection::publish(std::uint64_t token, const std::string& topic, ByteView payload, bool retain) {
  try {
    const auto message = ::mqtt::make_message(topic, payload.data(), payload.size(), quality, retain);
    impl_->client.publish(message, as_context(token), impl_->on_publish);
    return {};
  } catch (const ::mqtt::exception& error) {
    const bool away = error.get_return_code() == MQTTASYNC_DISCONNECTED;
    return fail(away ? Fault::disconnected : Fault::refused, error.what(), error.get_return_code());
  } catch (const std::exception& error) {
    return fail(Fault::refused, error.what());
  }
}

Status PahoConnection::subscribe(std::uint64_t number, const std::string& filter) {
  try {
    impl_->client.subscribe(filter, quality, as_context(number), impl_->on_subscribe);
    return {};
  } catch (const std::exception& error) {
    return fail(Fault::disconnected, error.what());
  }
}

void PahoConnection::close() {
  try {
    impl_->client.disconnect(static_cast<int>(goodbye_limit.count()), nullptr, impl_->on_goodbye);
    impl_->on_goodbye.wait();
  } catch (const std::exception&) {  // it was not connected: nobody to say it to
  }
}

}  // namespace tocsin::mqtt
