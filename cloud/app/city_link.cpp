#include "cloud/app/city_link.h"

#include <utility>

namespace tocsin::cloud {
namespace {

constexpr Duration refused_pause =
    30s;                             // the broker denies what we publish: a person has to change its rules
constexpr Duration save_every = 1s;  // a commit for each entry would compete with the next alarm for the disk
constexpr std::uint8_t denial = 0x80;

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace

CityLink::CityLink(CityFeedSettings settings, FeedHead head, const mqtt::ConnectOptions& broker,
                   StoreThread& store, CityLinkPorts ports)
    : adcode_(settings.adcode), feed_(std::move(settings), head), store_(store), ports_(std::move(ports)) {
  mqtt::ConnectOptions options = broker;
  options.will = mqtt::Will{feed_.heartbeat_topic(), bytes_of(feed_.will()), true};
  LinkEvents events;
  events.connected = [this] {
    ++connection_;
    run(feed_.on_connected(ports_.wall(), ports_.health()));
  };
  events.down = [this] {
    ++connection_;
    feed_.on_down();
  };
  events.message = [this](const mqtt::Message& message) {
    const std::string_view text(reinterpret_cast<const char*>(message.payload.data()),
                                message.payload.size());
    run(feed_.on_message(message.topic, text, message.retained));
  };
  events.published = [this](std::uint64_t token, std::uint8_t reason) {
    run(feed_.on_published(token, reason));
    if (reason >= denial) link_->restart(refused_pause);
  };
  events.warn = ports_.warn;
  link_ = std::make_unique<BrokerLink>(std::move(options), feed_.subscriptions(), std::move(events),
                                       ports_.make_port, ports_.random);
}

void CityLink::on_tick(MonoTime now) {
  link_->on_tick(now);
  run(feed_.on_tick(ports_.wall(), ports_.health()));
  if (now < save_at_) return;
  save_at_ = now + save_every;
  save_published();
}

void CityLink::say_lost() {
  save_published();
  link_->publish(0, feed_.heartbeat_topic(), bytes_of(feed_.will()), true);
}

void CityLink::on_told(const std::vector<FeedEntry>& entries) {
  run(feed_.on_told(entries));
}

void CityLink::run(FeedActions actions) {
  for (FeedAction& action : actions)
    std::visit([this](auto&& one) { perform(std::move(one)); }, std::move(action));
}

// A full queue or a lost connection drops it; the feed starts again from what was acknowledged.
void CityLink::perform(PublishText action) {
  if (!link_->publish(action.token, std::move(action.topic), bytes_of(action.payload), action.retain))
    link_->restart(1s);
}

void CityLink::perform(const ReadOpen&) {
  read([adcode = adcode_](Store& store) { return store.open_feed(adcode); },
       [this](const auto& entries) { return feed_.on_open(entries); });
}

void CityLink::perform(const ReadEntries& action) {
  read([adcode = adcode_,
        action](Store& store) { return store.feed_entries(adcode, action.from, action.limit); },
       [this](const auto& entries) { return feed_.on_entries(entries); });
}

void CityLink::perform(const ReadReplay& action) {
  read([adcode = adcode_,
        action](Store& store) { return store.feed_entries(adcode, action.from, action.limit); },
       [this, client = action.client](const auto& entries) { return feed_.on_replay(client, entries); });
}

void CityLink::read(std::function<std::vector<FeedEntry>(Store&)> query,
                    std::function<FeedActions(const std::vector<FeedEntry>&)> then) {
  const auto entries = std::make_shared<std::vector<FeedEntry>>();
  const bool taken = store_.submit(
      Urgency::normal, [entries, query = std::move(query)](Store& store) { *entries = query(store); },
      [this, entries, then = std::move(then), connection = connection_](const Status& status) {
        if (connection != connection_) return;
        if (status) return run(then(*entries));
        ports_.warn("feed", to_string(status.error()));
        link_->restart(1s);
      });
  if (!taken) link_->restart(1s);
}

// What a crash leaves unsaved is published again after the restart, with the same body.
void CityLink::save_published() {
  if (to_save_ == 0) return;
  store_.submit(
      Urgency::normal,
      [adcode = adcode_, upto = std::exchange(to_save_, 0)](Store& store) {
        store.set_published(adcode, upto);
      },
      [](const Status&) {});
}

}  // namespace tocsin::cloud
