#include "sync/mqtt/paho_port.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <utility>

#include "sync/mqtt/broker_url.h"
#include "sync/mqtt/paho_connection.h"
#include "sync/mqtt/paho_worker.h"

namespace tocsin::mqtt {
namespace {

constexpr std::size_t max_waiting_bytes = 64u << 20;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 does not make it by itself

// What the posted functions reach; it may outlive the port by the functions that are on their way.
struct State {
  PortEvents events;
  Post post;
  std::uint64_t generation = 0;  // of the connect whose reports count; others are late
  bool waiting = false;          // connect() is on its way, `down` has not been said
  bool connected = false;
  std::unique_ptr<PahoConnection> connection;
  std::map<std::uint64_t, std::string> filters;  // subscriptions not answered, by number
  std::uint64_t next_number = 1;
  std::atomic<std::size_t> waiting_bytes = 0;  // messages posted and not delivered

  void deliver(Report report);
  void on_resolved(const ConnectOptions& options, const Result<std::string>& uri,
                   std::function<void(Report)> report);
};

void State::deliver(Report report) {
  std::visit(Overloaded{[this](const Connected& said) {
                          connected = true;
                          if (events.connected) events.connected(said.receive_maximum);
                        },
                        [this](const Down& said) {
                          if (!std::exchange(waiting, false))
                            return;  // lost and ended: the library says both
                          connected = false;
                          if (events.down) events.down(said.why);
                        },
                        [this](Message& said) {
                          if (events.message) events.message(std::move(said));
                        },
                        [this](const Published& said) {
                          if (events.published) events.published(said.token, said.reason);
                        },
                        [this](const Subscribed& said) {
                          const auto filter = filters.extract(said.number);
                          if (!filter.empty() && events.subscribed)
                            events.subscribed(filter.mapped(), said.reason);
                        }},
             report);
}

void State::on_resolved(const ConnectOptions& options, const Result<std::string>& uri,
                        std::function<void(Report)> report) {
  if (!uri) return deliver(Down{uri.error()});
  try {
    connection = std::make_unique<PahoConnection>(options, *uri, std::move(report));
  } catch (const std::exception& error) {
    return deliver(Down{fail(Fault::bad_input, error.what())});
  }
  if (const Status started = connection->start(); !started) deliver(Down{started.error()});
}

// Carries reports of one connect from the library's threads to the owner's.
std::function<void(Report)> reporter(const std::shared_ptr<State>& state) {
  return [weak = std::weak_ptr<State>(state), post = state->post,
          generation = state->generation](Report report) {
    const std::shared_ptr<State> target = weak.lock();
    if (!target) return;
    std::size_t size = 0;
    if (const auto* message = std::get_if<Message>(&report))
      size = message->payload.size() + message->topic.size();
    if (target->waiting_bytes.fetch_add(size) + size > max_waiting_bytes && size > 0) {
      target->waiting_bytes -= size;
      return;
    }
    post([weak, generation, size, moved = std::make_shared<Report>(std::move(report))] {
      const std::shared_ptr<State> owner = weak.lock();
      if (!owner) return;
      owner->waiting_bytes -= size;
      if (owner->generation == generation) owner->deliver(std::move(*moved));
    });
  };
}

class PahoPort final : public MqttPort {
 public:
  PahoPort(PortEvents events, Post post) : state_(std::make_shared<State>()) {
    state_->events = std::move(events);
    state_->post = std::move(post);
  }
  ~PahoPort() override { disconnect(); }

  void connect(const ConnectOptions& options) override;
  void disconnect() override;
  void subscribe(const std::string& filter) override;
  Status publish(std::uint64_t token, const std::string& topic, ByteView payload, bool retain) override;

 private:
  std::shared_ptr<State> state_;
  PahoWorker worker_;  // first to go: it may still answer to the state
};

void PahoPort::disconnect() {
  ++state_->generation;
  state_->waiting = false;
  state_->connected = false;
  state_->filters.clear();
  worker_.end(std::move(state_->connection));
}

void PahoPort::connect(const ConnectOptions& options) {
  disconnect();
  state_->waiting = true;
  const auto report = reporter(state_);
  const Result<BrokerUrl> url = parse_broker_url(options.broker);
  if (!url) return report(Down{url.error()});
  worker_.resolve(*url, [weak = std::weak_ptr<State>(state_), post = state_->post,
                         generation = state_->generation, options, report](const Result<std::string>& uri) {
    post([weak, generation, options, report, uri] {
      const std::shared_ptr<State> state = weak.lock();
      if (state && state->generation == generation) state->on_resolved(options, uri, report);
    });
  });
}

void PahoPort::subscribe(const std::string& filter) {
  if (!state_->connected) return;  // `down` has said or will say it
  const std::uint64_t number = state_->next_number++;
  state_->filters[number] = filter;
  if (const Status asked = state_->connection->subscribe(number, filter); !asked)
    reporter(state_)(Down{asked.error()});
}

Status PahoPort::publish(std::uint64_t token, const std::string& topic, ByteView payload, bool retain) {
  if (!state_->connected) return fail(Fault::disconnected, "no connection to the broker");
  return state_->connection->publish(token, topic, payload, retain);
}

}  // namespace

std::unique_ptr<MqttPort> make_paho_port(PortEvents events, Post post) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const char* name : {"http_proxy", "https_proxy"}) ::unsetenv(name);  // the library would obey them
  return std::make_unique<PahoPort>(std::move(events), std::move(post));
}

}  // namespace tocsin::mqtt
