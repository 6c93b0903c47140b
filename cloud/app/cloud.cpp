#include "cloud/app/cloud.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include "cloud/api/event_stream.h"
#include "cloud/api/routes.h"
#include "cloud/api/server.h"
#include "cloud/app/audit_anchor.h"
#include "cloud/app/city_link.h"
#include "cloud/app/commander.h"
#include "cloud/app/desk_link.h"
#include "cloud/app/opening.h"
#include "cloud/app/warnings.h"
#include "cloud/app/webhook_link.h"
#include "cloud/ingest/ingest.h"
#include "sync/mqtt/paho_port.h"
#include "sync/wire/topics.h"

namespace tocsin::cloud {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds tick_every{100};
constexpr Duration look_every = 5s;    // for open alarms and waiting messages to count
constexpr Duration anchor_every = 1s;  // the head of the audit, outside the database
constexpr Duration trim_every = 60s;
constexpr std::chrono::days feed_kept{7};  // design section 10: replay reaches 7 days back
constexpr std::size_t trim_slice = 1000;
constexpr std::chrono::milliseconds farewell{300};  // for the city's broker to take the last heartbeat

UtcTime wall_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}
MonoTime mono_now() {
  return MonoTime{std::chrono::steady_clock::now().time_since_epoch()};
}

class Cloud {
 public:
  Cloud(const Config& config, const RunOptions& options, Opening opening);

  Status listen();
  void run();

 private:
  void tick();
  void housekeeping(MonoTime now);
  void stop();
  void finish();
  void handle(HttpRequest request, std::function<void(HttpAnswer)> done);
  std::unique_ptr<BrokerLink> make_field_link(const std::string& part, std::vector<std::string> filters);
  void make_commander(const std::filesystem::path& state, std::uint64_t term);
  void make_city_links(const std::map<std::string, FeedHead>& feeds);
  BrokerLink::MakePort make_port();
  void make_desk();
  void tell_cities(const std::vector<FeedEntry>& entries);
  void alarms_changed();
  void write_audit_anchor();
  HealthFigures health() const;
  SystemFigures figures() const;
  void warn(const std::string& cause, const std::string& detail) {
    warnings_.warn(cause, detail, mono_now());
  }

  const Config& config_;
  asio::io_context io_;  // before everything that posts to it or has timers in it
  asio::steady_timer timer_{io_};
  asio::signal_set signals_{io_, SIGTERM, SIGINT};
  std::mt19937_64 random_{std::random_device{}()};
  Warnings warnings_;
  Tokens tokens_;
  std::uint64_t open_alarms_ = 0;
  std::map<std::string, std::uint64_t> waiting_notices_;
  AuditHead anchored_;
  MonoTime look_at_{}, trim_at_{}, anchor_at_{};
  std::filesystem::path state_;
  StoreThread store_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<DeskLink> desk_;
  std::map<std::string, std::unique_ptr<WebhookLink>> webhooks_;
  EventStreams streams_{store_};
  std::unique_ptr<Commander> commander_;
  std::unique_ptr<BrokerLink> field_, field_data_;
  std::map<std::string, std::unique_ptr<CityLink>> cities_;
  std::unique_ptr<HttpServer> server_;
};

Cloud::Cloud(const Config& config, const RunOptions& options, Opening opening)
    : config_(config),
      tokens_(options.state / "tokens"),
      state_(options.state),
      store_(std::move(opening.store), [this](std::function<void()> f) { asio::post(io_, std::move(f)); }) {
  IngestPorts ports;
  ports.reply = [this](const std::string& topic, Bytes payload) {
    field_->publish(0, topic, std::move(payload), false);
  };
  ports.told = [this](const std::vector<FeedEntry>& entries) { tell_cities(entries); };
  ports.news = [this] { alarms_changed(); };
  ports.said_hello = [this](const std::string&) { commander_->on_changed(); };
  ports.wall = wall_now;
  ports.mono = mono_now;
  ports.warn = [this](const std::string& cause, const std::string& detail) { warn(cause, detail); };
  ingest_ = std::make_unique<Ingest>(config.places, store_, std::move(ports));
  ingest_->start(opening.gateways, opening.silenced, opening.term, options.restored);
  make_commander(options.state, opening.term);
  // Alarms never wait behind data, neither in a socket nor in the broker's queue.
  field_ = make_field_link("alarm", {"tocsin/1/+/+/up/hello", "tocsin/1/+/+/up/now", "tocsin/1/+/+/up/alive",
                                     "tocsin/1/+/+/up/alarm", "tocsin/1/+/+/up/event"});
  field_data_ = make_field_link("data", {"tocsin/1/+/+/up/data"});
  make_city_links(opening.feeds);
  make_desk();
}

void Cloud::make_desk() {
  const auto say = [this](const std::string& cause, const std::string& detail) { warn(cause, detail); };
  for (const Webhook& target : config_.webhooks)
    webhooks_[target.name] =
        std::make_unique<WebhookLink>(io_, target, store_, WebhookPorts{wall_now, mono_now, say});
  DeskPorts ports;
  ports.wall = wall_now;
  ports.silent = [this] { return ingest_->silent(); };
  ports.told = [this](const std::vector<FeedEntry>& entries) { tell_cities(entries); };
  ports.send = [this](const std::string& webhook) {
    if (const auto found = webhooks_.find(webhook); found != webhooks_.end()) found->second->on_new();
  };
  ports.news = [this] { streams_.on_news(); };
  ports.warn = say;
  desk_ = std::make_unique<DeskLink>(config_.desk, store_, std::move(ports));
}

void Cloud::alarms_changed() {
  desk_->on_news();
  streams_.on_news();
}

void Cloud::make_commander(const std::filesystem::path& state, std::uint64_t term) {
  CommanderPorts ports;
  ports.publish = [this](const std::string& gateway, std::string_view suffix, Bytes payload) {
    for (const Place& place : config_.places)
      if (place.gateway == gateway)
        return field_->publish(0, wire::gateway_topic(place.site.community, gateway, suffix),
                               std::move(payload), false);
    return false;
  };
  ports.session_nonce = [this](const std::string& gateway) { return ingest_->session_nonce(gateway); };
  ports.wall = wall_now;
  ports.warn = [this](const std::string& cause, const std::string& detail) { warn(cause, detail); };
  commander_ = std::make_unique<Commander>(state, config_.signing_key, term, store_, std::move(ports));
}

BrokerLink::MakePort Cloud::make_port() {
  return [this](mqtt::PortEvents events) {
    return mqtt::make_paho_port(std::move(events),
                                [this](std::function<void()> f) { asio::post(io_, std::move(f)); });
  };
}

std::unique_ptr<BrokerLink> Cloud::make_field_link(const std::string& part,
                                                   std::vector<std::string> filters) {
  mqtt::ConnectOptions options;
  options.broker = config_.field.url;
  options.client_id = "tocsin-cloud-" + config_.aggregator + "-" + part;
  options.credentials = config_.field.credentials;
  LinkEvents events;
  // Gateways that were waiting for us learn at once where to go on.
  events.connected = [this, part] {
    spdlog::info("field broker connected ({})", part);
    if (part == "alarm") ingest_->on_connected();
  };
  events.down = [this, part] {
    if (part == "alarm") ingest_->on_down();
  };
  events.message = [this](const mqtt::Message& m) { ingest_->on_message(m.topic, m.payload, m.retained); };
  events.published = [](std::uint64_t, std::uint8_t) {};
  events.warn = [this](const std::string& cause, const std::string& detail) { warn(cause, detail); };
  return std::make_unique<BrokerLink>(std::move(options), std::move(filters), std::move(events), make_port(),
                                      [this] { return std::uniform_real_distribution<>(0, 1)(random_); });
}

void Cloud::make_city_links(const std::map<std::string, FeedHead>& feeds) {
  if (!config_.city) return;
  for (const auto& [adcode, head] : feeds) {
    CityFeedSettings settings{adcode, config_.aggregator, {}};
    for (const SiteRecord& site : config_.sites)
      if (site.adcode == adcode) settings.sites.push_back({site_topic(site), site_document(site)});
    mqtt::ConnectOptions options;
    options.broker = config_.city->url;
    options.client_id = "tocsin-cloud-" + config_.aggregator + "-city-" + adcode;
    options.credentials = config_.city->credentials;
    CityLinkPorts ports{wall_now, [this] { return health(); },
                        [this](const std::string& cause, const std::string& detail) { warn(cause, detail); },
                        make_port(), [this] { return std::uniform_real_distribution<>(0, 1)(random_); }};
    cities_[adcode] =
        std::make_unique<CityLink>(std::move(settings), head, options, store_, std::move(ports));
  }
}

Status Cloud::listen() {
  auto server = HttpServer::listen(io_, config_.listen_host, config_.listen_port,
                                   [this](HttpRequest request, std::function<void(HttpAnswer)> done) {
                                     handle(std::move(request), std::move(done));
                                   });
  if (!server) return server.error();
  server_ = std::move(*server);
  return {};
}

void Cloud::run() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    spdlog::info("stopping on signal {}", signal);
    stop();
  });
  tick();
  std::cout << "ready api=" << server_->address() << " field=" << config_.field.url
            << " city=" << (config_.city ? config_.city->url : "none") << std::endl;
  io_.run();
}

void Cloud::stop() {
  timer_.cancel();
  field_->close();
  field_data_->close();
  streams_.close();
  server_.reset();
  for (auto& [adcode, city] : cities_) city->say_lost();
  timer_.expires_after(farewell);
  timer_.async_wait([this](boost::system::error_code) { finish(); });
}

void Cloud::finish() {
  for (auto& [adcode, city] : cities_) city->close();
  io_.stop();  // what the store still commits is not acknowledged: the gateways send it again
}

void Cloud::tick() {
  const MonoTime now = mono_now();
  field_->on_tick(now);
  field_data_->on_tick(now);
  for (auto& [adcode, city] : cities_) city->on_tick(now);
  ingest_->on_tick();
  desk_->on_tick();
  for (auto& [name, webhook] : webhooks_) webhook->on_tick();
  streams_.on_tick(now);
  commander_->on_tick(now);
  housekeeping(now);
  timer_.expires_after(tick_every);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) tick();
  });
}

void Cloud::housekeeping(MonoTime now) {
  if (now >= look_at_) {
    look_at_ = now + look_every;
    struct Look {
      std::uint64_t open = 0;
      std::map<std::string, std::uint64_t> waiting;
    };
    const auto look = std::make_shared<Look>();
    store_.submit(
        Urgency::normal,
        [look](Store& store) {
          *look = {store.open_count(), store.notices_waiting()};
        },
        [this, look](const Status& status) {
          if (!status) return;
          open_alarms_ = look->open;
          waiting_notices_ = look->waiting;
        });
  }
  if (now >= anchor_at_) {
    anchor_at_ = now + anchor_every;
    write_audit_anchor();
  }
  if (now < trim_at_) return;
  trim_at_ = now + trim_every;
  store_.submit(
      Urgency::data,
      [before = wall_now() - feed_kept, forgotten = wall_now() - 2 * notice_patience](Store& store) {
        store.trim_feed(before, trim_slice);
        store.trim_news(before, desk_position(store), trim_slice);
        store.trim_notices(forgotten, trim_slice);  // of webhooks that are no longer configured
      },
      [](const Status&) {});
}

void Cloud::write_audit_anchor() {
  const auto last = std::make_shared<std::optional<AuditEntry>>();
  store_.submit(
      Urgency::data, [last](Store& store) { *last = store.last_audit(); },
      [this, last](const Status& status) {
        if (!status || !*last || (*last)->number <= anchored_.number) return;
        const AuditHead head{(*last)->number, (*last)->hash};
        if (const Status written = write_anchor(state_, head); !written)
          return warn("audit-anchor", to_string(written.error()));
        anchored_ = head;
      });
}

void Cloud::handle(HttpRequest request, std::function<void(HttpAnswer)> done) {
  const auto grant = request.token.empty() ? std::nullopt : tokens_.find(request.token);
  Routed routed = route(request, grant, figures(), wall_now());
  if (auto* answer = std::get_if<HttpAnswer>(&routed)) return done(std::move(*answer));
  if (const auto* stream = std::get_if<OpenStream>(&routed))
    return done(streams_.open(stream->grant, stream->last_event_id));
  const auto result = std::make_shared<StoreAnswer>();
  const bool taken = store_.submit(
      Urgency::normal,
      [result, work = std::get<StoreWork>(std::move(routed))](Store& store) { *result = work(store); },
      [this, result, done](const Status& status) {
        if (!status) return done(error_answer(503, to_string(status.error())));
        tell_cities(result->told);
        if (result->news) alarms_changed();
        if (result->orders_changed) commander_->on_changed();
        done(std::move(result->answer));
      });
  if (!taken) done(error_answer(503, "the store has too much to do"));
}

void Cloud::tell_cities(const std::vector<FeedEntry>& entries) {
  if (entries.empty()) return;
  for (auto& [adcode, city] : cities_) city->on_told(entries);
}

HealthFigures Cloud::health() const {
  const bool ok = field_->is_connected() && field_data_->is_connected() && store_.health().has_value();
  return {ok, open_alarms_, config_.places.size(), ingest_->silent().size()};
}

SystemFigures Cloud::figures() const {
  SystemFigures f;
  f.store_ok = store_.health().has_value();
  f.field_connected = field_->is_connected();
  f.field_data_connected = field_data_->is_connected();
  f.denied = field_->denied() + field_data_->denied();
  for (const auto& [adcode, city] : cities_) {
    f.cities[adcode] = city->is_connected();
    f.feeds[adcode] = city->head();
    f.denied += city->denied();
    f.replays_refused += city->refused();
  }
  f.silent = ingest_->silent();
  f.can_sign = commander_->can_sign();
  for (const Place& place : config_.places) {
    f.communities[place.gateway] = place.site.community;
    f.desired_applied[place.gateway] = ingest_->desired_version(place.gateway);
  }
  const IngestCounts counts = ingest_->counts();
  f.rejected = counts.rejected;
  for (const auto& [lane, count] : counts.records) f.records[std::string(wire::name_of(lane))] = count;
  f.unreadable = counts.unreadable;
  f.commits_failed = counts.commits_failed;
  f.hops = desk_->clock().figures();
  f.late_alarms = desk_->clock().breaches();
  for (const auto& [name, webhook] : webhooks_) {
    const auto waiting = waiting_notices_.find(name);
    f.webhooks[name] = {webhook->figures().taken, webhook->figures().failed,
                        waiting == waiting_notices_.end() ? 0 : waiting->second};
  }
  f.stream_clients = streams_.clients();
  return f;
}

}  // namespace

Status run_cloud(const Config& config, const RunOptions& options) {
  std::set<std::string> adcodes;
  for (const Place& place : config.places) adcodes.insert(place.site.adcode);
  auto opening = open_state(options.state, adcodes, options.restored, wall_now());
  if (!opening) return opening.error();
  Cloud cloud(config, options, std::move(*opening));
  if (const Status listening = cloud.listen(); !listening) return listening.error();
  cloud.run();
  return {};
}

}  // namespace tocsin::cloud
