#include "cloud/feeds/city_feed.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "cloud/alarms/document.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

constexpr std::size_t window = 64;           // entries of the log that await the broker's acknowledgement
constexpr std::size_t most_learned = 10000;  // retained topics remembered until the open alarms are known
constexpr std::size_t most_replays = 8;      // clients served at a time
constexpr std::size_t replay_page = 256;     // entries read at a time
constexpr std::chrono::seconds heartbeat_every{30};
constexpr std::uint8_t denial = 0x80;  // MQTT 5: reason codes from here on are refusals

}  // namespace

CityFeed::CityFeed(CityFeedSettings settings, FeedHead head)
    : settings_(std::move(settings)),
      head_(head),
      grown_(head.head > head.published),
      next_(head.published + 1) {}

std::vector<std::string> CityFeed::subscriptions() const {
  const std::string city = "city/" + settings_.adcode;
  return {city + "/+/+/alarm/+/+", city + "/replay/request"};
}

std::string CityFeed::heartbeat_topic() const {
  return "city/" + settings_.adcode + "/heartbeat/" + settings_.aggregator;
}

std::string CityFeed::will() const {
  return json_text(json::object{{"schema", "tocsin/heartbeat/1"},
                                {"aggregator", settings_.aggregator},
                                {"adcode", settings_.adcode},
                                {"status", "lost"}});
}

FeedActions CityFeed::on_connected(UtcTime now, const HealthFigures& health) {
  on_down();
  connected_ = true;
  FeedActions out{heartbeat(now, health)};
  for (const RetainedText& site : settings_.sites) out.push_back(publish(site.topic, site.payload, true));
  out.push_back(ReadOpen{});
  return out;
}

void CityFeed::on_down() {
  connected_ = false;
  open_known_ = false;
  reading_ = false;
  grown_ = true;
  next_ = head_.published + 1;
  outstanding_.clear();
  tokens_.clear();
  open_topics_.clear();
  learned_.clear();
  replays_.clear();
  replay_tokens_.clear();
}

// Open alarms first, then the log from where it stopped: a centre that comes late sees what burns now at
// once.
FeedActions CityFeed::on_open(const std::vector<FeedEntry>& open) {
  FeedActions out;
  if (!connected_ || open_known_) return out;
  open_known_ = true;
  for (const FeedEntry& entry : open) {
    open_topics_.insert(entry.topic);
    out.push_back(publish(entry.topic, entry.body, true));
  }
  for (const std::string& topic : std::exchange(learned_, {})) clear_if_gone(topic, out);
  read_more(out);
  return out;
}

FeedActions CityFeed::on_told(const std::vector<FeedEntry>& entries) {
  FeedActions out;
  for (const FeedEntry& entry : entries) {
    if (entry.adcode != settings_.adcode || entry.seq < next_) continue;
    head_.head = std::max(head_.head, entry.seq);
    const bool ready = connected_ && open_known_ && !reading_ && !grown_ && outstanding_.size() < window;
    if (ready && entry.seq == next_)
      send(entry, out);
    else
      grown_ = true;
  }
  read_more(out);
  return out;
}

void CityFeed::read_more(FeedActions& out) {
  if (!connected_ || !open_known_ || reading_ || !grown_ || outstanding_.size() >= window) return;
  reading_ = true;
  grown_ = false;
  out.push_back(ReadEntries{next_, window - outstanding_.size()});
}

FeedActions CityFeed::on_entries(const std::vector<FeedEntry>& entries) {
  FeedActions out;
  if (!connected_ || !reading_) return out;  // asked before the connection was lost
  reading_ = false;
  for (const FeedEntry& entry : entries) send(entry, out);
  grown_ = grown_ || !entries.empty();  // there may be more
  read_more(out);
  return out;
}

void CityFeed::send(const FeedEntry& entry, FeedActions& out) {
  next_ = entry.seq + 1;
  head_.head = std::max(head_.head, entry.seq);
  Outstanding waiting{entry.seq, 1};
  out.push_back(publish("city/" + settings_.adcode + "/log", entry.body, false));
  tokens_[last_token_] = entry.seq;
  if (entry.latest) {
    if (entry.closed)
      open_topics_.erase(entry.topic);
    else
      open_topics_.insert(entry.topic);
    out.push_back(publish(entry.topic, entry.closed ? std::string() : entry.body, true));
    tokens_[last_token_] = entry.seq;
    ++waiting.publishes;
  }
  outstanding_.push_back(waiting);
}

FeedActions CityFeed::on_published(std::uint64_t token, std::uint8_t reason) {
  FeedActions out;
  if (reason >= denial) ++denied_;
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) {
    on_replay_published(token, out);
    return out;
  }
  const std::uint64_t seq = found->second;
  tokens_.erase(found);
  if (reason >= denial) return out;  // stays unpublished: health shows it, and the next connect tries again
  const auto entry = std::find_if(outstanding_.begin(), outstanding_.end(),
                                  [seq](const Outstanding& one) { return one.seq == seq; });
  if (entry != outstanding_.end()) --entry->publishes;
  const std::uint64_t before = head_.published;
  while (!outstanding_.empty() && outstanding_.front().publishes == 0) {
    head_.published = outstanding_.front().seq;
    outstanding_.pop_front();
  }
  if (head_.published > before) out.push_back(SavePublished{head_.published});
  read_more(out);
  return out;
}

FeedActions CityFeed::on_message(const std::string& topic, std::string_view payload, bool retained) {
  FeedActions out;
  if (topic == "city/" + settings_.adcode + "/replay/request")
    return retained ? FeedActions{} : on_replay_request(payload);
  if (!retained || payload.empty()) return out;  // our own publishes come back too
  if (open_known_)
    clear_if_gone(topic, out);
  else if (learned_.size() < most_learned)
    learned_.push_back(topic);
  return out;
}

void CityFeed::clear_if_gone(const std::string& topic, FeedActions& out) {
  if (!open_topics_.contains(topic)) out.push_back(publish(topic, {}, true));
}

FeedActions CityFeed::on_replay_request(std::string_view payload) {
  FeedActions out;
  try {
    const json::object request = json::parse(payload).as_object();
    const auto client = json::value_to<std::string>(request.at("client"));
    const auto from = request.at("from").to_number<std::uint64_t>();
    if (is_name(client) && client != "request" && replays_.size() < most_replays &&
        !replays_.contains(client)) {
      replays_[client] = {};
      out.push_back(ReadReplay{client, std::max<std::uint64_t>(from, 1), replay_page});
      return out;
    }
  } catch (const std::exception&) {  // no JSON, or not that of a request
  }
  ++refused_;
  return out;
}

// A page follows when the broker has taken the one before; after the last one a line says how far the log
// goes.
FeedActions CityFeed::on_replay(const std::string& client, const std::vector<FeedEntry>& entries) {
  FeedActions out;
  const auto replay = replays_.find(client);
  if (!connected_ || replay == replays_.end()) return out;
  const std::string topic = "city/" + settings_.adcode + "/replay/" + client;
  for (const FeedEntry& entry : entries) {
    out.push_back(publish(topic, entry.body, false));
    replay_tokens_[last_token_] = client;
  }
  if (entries.size() == replay_page) {
    replay->second = {entries.back().seq + 1, entries.size()};
    return out;
  }
  replays_.erase(replay);
  const json::object end{
      {"schema", "tocsin/replay-end/1"}, {"feed_epoch", head_.epoch}, {"upto", head_.head}};
  out.push_back(publish(topic, json_text(end), false));
  return out;
}

void CityFeed::on_replay_published(std::uint64_t token, FeedActions& out) {
  const auto found = replay_tokens_.find(token);
  if (found == replay_tokens_.end()) return;
  const std::string client = found->second;
  replay_tokens_.erase(found);
  const auto replay = replays_.find(client);
  if (replay == replays_.end() || replay->second.next == 0 || --replay->second.unacked > 0) return;
  out.push_back(ReadReplay{client, replay->second.next, replay_page});
}

FeedActions CityFeed::on_tick(UtcTime now, const HealthFigures& health) {
  const bool fresh = now >= beat_at_ && now < beat_at_ + heartbeat_every;  // a wall clock may go back
  if (!connected_ || (fresh && health.ok == beat_ok_)) return {};
  return {heartbeat(now, health)};
}

PublishText CityFeed::heartbeat(UtcTime now, const HealthFigures& health) {
  beat_at_ = now;
  beat_ok_ = health.ok;
  const json::object beat{{"schema", "tocsin/heartbeat/1"},
                          {"aggregator", settings_.aggregator},
                          {"adcode", settings_.adcode},
                          {"status", health.ok ? "ok" : "degraded"},
                          {"time", to_rfc3339(now)},
                          {"feed_epoch", head_.epoch},
                          {"feed_head", head_.head},
                          {"published", head_.published},
                          {"open_alarms", health.open_alarms},
                          {"gateways", health.gateways},
                          {"silent_gateways", health.silent_gateways}};
  return publish(heartbeat_topic(), json_text(beat), true);
}

PublishText CityFeed::publish(const std::string& topic, const std::string& payload, bool retain) {
  return {++last_token_, topic, payload, retain};
}

}  // namespace tocsin::cloud
