#include "cloud/feeds/city_feed.h"

#include <boost/json/parse.hpp>
#include <spdlog/spdlog.h>

#include "cloud/feeds/site_card.h"
#include "cloud/ingest/clock.h"

namespace tocsin::cloud {
namespace {

constexpr std::size_t most_in_flight = 12;  // below the broker's receive maximum of 16 and more
constexpr std::size_t read_ahead = 64;
constexpr std::size_t most_replayed = 10'000;
constexpr auto heartbeat_every = std::chrono::seconds(30);

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

mqtt::ConnectOptions options_of(const CloudConfig& config) {
  mqtt::ConnectOptions options;
  options.broker = config.city.broker;
  options.client_id = config.name + "-feed";
  options.credentials = {config.city.ca, config.city.cert, config.city.key};
  if (!config.adcodes.empty()) {  // MQTT allows one will; a second city sees the heartbeat's age
    Heartbeat gone;
    gone.aggregator = config.name;
    gone.alive = false;
    gone.time = utc_now();
    options.will = mqtt::Will{"city/" + config.adcodes.front() + "/heartbeat/" + config.name,
                              bytes_of(to_document(gone)), true};
  }
  return options;
}

std::vector<std::string> subscriptions_of(const CloudConfig& config) {
  std::vector<std::string> filters;
  for (const auto& adcode : config.adcodes) {
    filters.push_back("city/" + adcode + "/+/+/alarm/#");  // retained documents that are left over
    filters.push_back("city/" + adcode + "/replay/request");
  }
  return filters;
}

}  // namespace

CityFeed::CityFeed(boost::asio::io_context& io, const CloudConfig& config, StoreThread& store,
                   Counters& counters)
    : config_(config),
      store_(store),
      counters_(counters),
      link_(io, "city", options_of(config), subscriptions_of(config),
            {[this](std::uint16_t) { on_up(); }, [](const Error&) {},
             [this](const mqtt::Message& message) { on_message(message); },
             [this](std::uint64_t token, std::uint8_t) { on_published(token); }}),
      timer_(io) {
  for (const auto& adcode : config_.adcodes) logs_[adcode];
}

void CityFeed::start() {
  link_.start();
  heartbeat();
}

void CityFeed::stop() {
  stopped_ = true;
  timer_.cancel();
  link_.stop();
}

std::uint64_t CityFeed::send_bytes(const std::string& topic, const std::string& payload, bool retain) {
  const auto token = ++next_token_;
  const auto sent = link_.publish(
      token, topic, ByteView(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()), retain);
  return sent ? token : 0;
}

// What was sent without an answer is sent again: identically, so a repeat is recognised.
void CityFeed::on_up() {
  for (const auto& card : config_.sites) send(site_topic(card), to_document(card), true);
  open_known_ = false;
  for (auto& [adcode, log] : logs_) {
    log.waiting.clear();
    log.sent.clear();
    log.read = 0;  // read again from the last published one
    read_more(adcode);
  }
  publish_open();
}

void CityFeed::wake() {
  for (auto& [adcode, log] : logs_) read_more(adcode);
}

void CityFeed::read_more(const std::string& adcode) {
  auto& log = logs_[adcode];
  if (!link_.up() || stopped_) return;
  if (log.reading) {
    log.stale = true;
    return;
  }
  if (log.waiting.size() + log.sent.size() >= read_ahead) return;
  log.reading = true;
  struct Found {
    FeedHead head;
    std::vector<FeedEntry> entries;
  };
  auto found = std::make_shared<Found>();
  auto work = [adcode, from = log.read, found](Store& store) {
    found->head = store.feed_head(adcode);
    found->entries = store.feed_entries(adcode, std::max(from, found->head.published) + 1, read_ahead);
  };
  auto done = [this, adcode, found, from = log.read](const Status& status) {
    auto& target = logs_[adcode];
    target.reading = false;
    if (!status || stopped_ || target.read != from)
      return read_more(adcode);  // the link came back meanwhile: start again
    target.head = found->head.head;
    if (from == 0) target.published = found->head.published;
    for (auto& entry : found->entries) {
      target.read = entry.seq;
      target.waiting.push_back(std::move(entry));
    }
    publish_some(adcode);
    if (std::exchange(target.stale, false)) read_more(adcode);
  };
  if (!store_.submit(Urgency::normal, std::move(work), std::move(done))) log.reading = false;
}

void CityFeed::publish_some(const std::string& adcode) {
  auto& log = logs_[adcode];
  while (!log.waiting.empty() && log.sent.size() < most_in_flight) {
    const FeedEntry entry = log.waiting.front();
    const auto token = send_bytes("city/" + adcode + "/log", entry.body, false);
    if (token == 0) return;  // the link is gone: on_up() begins again
    log.sent[token] = entry.seq;
    log.waiting.pop_front();
    if (!entry.latest) continue;  // a newer document of this alarm follows
    if (entry.closed)
      open_topics_.erase(entry.topic);
    else
      open_topics_.insert(entry.topic);
    send(entry.topic, entry.closed ? "" : entry.body, true);
  }
}

void CityFeed::on_published(std::uint64_t token) {
  for (auto& [adcode, log] : logs_) {
    const auto found = log.sent.find(token);
    if (found == log.sent.end()) continue;
    log.sent.erase(found);
    ++counters_.feed_published;
    // Everything before the oldest one without an answer is published.
    std::uint64_t upto = log.waiting.empty() ? log.read : log.waiting.front().seq - 1;
    for (const auto& [other, seq] : log.sent) upto = std::min(upto, seq - 1);
    if (upto > log.published) {
      log.published = upto;
      store_.submit(
          Urgency::data, [adcode = adcode, upto](Store& store) { store.set_published(adcode, upto); },
          [](const Status&) {});
    }
    publish_some(adcode);
    if (log.waiting.empty()) read_more(adcode);
    return;
  }
}

// All open alarms, on each connect; then leftovers of earlier runs are cleared as they come in.
void CityFeed::publish_open() {
  auto entries = std::make_shared<std::vector<FeedEntry>>();
  auto work = [adcodes = config_.adcodes, entries](Store& store) {
    entries->clear();
    for (const auto& adcode : adcodes)
      for (auto& entry : store.open_feed(adcode)) entries->push_back(std::move(entry));
  };
  auto done = [this, entries](const Status& status) {
    if (!status || stopped_) return;
    open_topics_.clear();
    for (const auto& entry : *entries) {
      open_topics_.insert(entry.topic);
      send(entry.topic, entry.body, true);
    }
    open_known_ = true;
    for (const auto& adcode : config_.adcodes)
      link_.subscribe("city/" + adcode + "/+/+/alarm/#");  // retained ones come again
  };
  store_.submit(Urgency::normal, std::move(work), std::move(done));
}

void CityFeed::on_message(const mqtt::Message& message) {
  for (const auto& adcode : config_.adcodes)
    if (message.topic == "city/" + adcode + "/replay/request") return replay(adcode, message);
  const bool leftover =
      open_known_ && message.retained && !message.payload.empty() && open_topics_.count(message.topic) == 0;
  if (leftover) send(message.topic, "", true);
}

// {"client": "...", "from": feed_seq}: the log from there on, on city/<adcode>/replay/<client>.
void CityFeed::replay(const std::string& adcode, const mqtt::Message& request) {
  boost::system::error_code error;
  const auto value = boost::json::parse(
      {reinterpret_cast<const char*>(request.payload.data()), request.payload.size()}, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* client = object != nullptr ? object->if_contains("client") : nullptr;
  const auto* from = object != nullptr ? object->if_contains("from") : nullptr;
  if (client == nullptr || !client->is_string() || !is_name(std::string(client->as_string())) ||
      from == nullptr || !from->is_int64() || from->as_int64() < 1) {
    ++counters_.rejected["malformed-replay"];
    return;
  }
  auto entries = std::make_shared<std::vector<FeedEntry>>();
  const std::string topic = "city/" + adcode + "/replay/" + std::string(client->as_string());
  store_.submit(
      Urgency::data,
      [adcode, first = static_cast<std::uint64_t>(from->as_int64()), entries](Store& store) {
        *entries = store.feed_entries(adcode, first, most_replayed);
      },
      [this, entries, topic](const Status& status) {
        if (!status || stopped_) return;
        for (const auto& entry : *entries) send(topic, entry.body, false);
      });
}

std::string CityFeed::heartbeat_topic(const std::string& adcode) const {
  return "city/" + adcode + "/heartbeat/" + config_.name;
}

void CityFeed::heartbeat() {
  for (const auto& [adcode, log] : logs_) {
    Heartbeat beat;
    beat.aggregator = config_.name;
    beat.feed_seq = log.head;
    beat.gateways = config_.gateways.size();
    beat.silent = silent_gateways ? silent_gateways() : 0;
    beat.time = utc_now();
    send(heartbeat_topic(adcode), to_document(beat), true);
  }
  timer_.expires_after(link_.up() ? heartbeat_every : std::chrono::seconds(1));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopped_) heartbeat();
  });
}

}  // namespace tocsin::cloud
