#pragma once
// The MQTT feed of one city district: its log in order and without gaps, the retained documents of open
// alarms, sites, heartbeat, replay. Pure: messages and rows in, publishes and requests out. Owned by the Asio
// thread.
//
// An entry of the log counts as published when the city's broker has acknowledged it; after a restart or a
// lost connection the feed goes on from the first that was not, so an entry may come twice, always with the
// same body.

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cloud/store/store.h"

namespace tocsin::cloud {

// A retained message that does not change while the program runs: a site.
struct RetainedText {
  std::string topic;
  std::string payload;
};

struct CityFeedSettings {
  std::string adcode;
  std::string aggregator;  // the name of this cloud in heartbeats
  std::vector<RetainedText> sites;
};

struct PublishText {
  std::uint64_t token = 0;
  std::string topic;
  std::string payload;  // empty and retain: the retained message goes
  bool retain = false;
};
struct ReadOpen {};   // answer with on_open
struct ReadEntries {  // answer with on_entries
  std::uint64_t from = 0;
  std::size_t limit = 0;
};
struct ReadReplay {  // answer with on_replay
  std::string client;
  std::uint64_t from = 0;
  std::size_t limit = 0;
};
struct SavePublished {
  std::uint64_t upto = 0;
};
using FeedAction = std::variant<PublishText, ReadOpen, ReadEntries, ReadReplay, SavePublished>;
using FeedActions = std::vector<FeedAction>;

struct HealthFigures {
  bool ok = true;
  std::uint64_t open_alarms = 0;
  std::uint64_t gateways = 0, silent_gateways = 0;
};

class CityFeed {
 public:
  CityFeed(CityFeedSettings settings, FeedHead head);

  std::vector<std::string> subscriptions() const;
  std::string heartbeat_topic() const;
  std::string will() const;  // the heartbeat that the broker publishes when this program is gone

  FeedActions on_connected(UtcTime now, const HealthFigures& health);
  void on_down();
  FeedActions on_open(const std::vector<FeedEntry>& open);
  // The store has committed these entries of any city's log. What continues this one goes out at once; a gap
  // is read from the store.
  FeedActions on_told(const std::vector<FeedEntry>& entries);
  FeedActions on_entries(const std::vector<FeedEntry>& entries);
  FeedActions on_replay(const std::string& client, const std::vector<FeedEntry>& entries);
  FeedActions on_published(std::uint64_t token, std::uint8_t reason);
  FeedActions on_message(const std::string& topic, std::string_view payload, bool retained);
  FeedActions on_tick(UtcTime now, const HealthFigures& health);  // heartbeats

  const FeedHead& head() const { return head_; }
  std::uint64_t denied() const { return denied_; }    // publishes that the broker refused
  std::uint64_t refused() const { return refused_; }  // requests for a replay that made no sense

 private:
  struct Outstanding {
    std::uint64_t seq = 0;
    int publishes = 0;  // not yet acknowledged: the entry itself, and its retained document
  };

  // A client that asked for a part of the log. One page is under way at a time.
  struct Replay {
    std::uint64_t next = 0;   // the first entry of the next page; 0: that was the last page
    std::size_t unacked = 0;  // publishes of the page that the broker has not taken yet
  };

  PublishText publish(const std::string& topic, const std::string& payload, bool retain);
  PublishText heartbeat(UtcTime now, const HealthFigures& health);
  void send(const FeedEntry& entry, FeedActions& out);
  void read_more(FeedActions& out);
  void clear_if_gone(const std::string& topic, FeedActions& out);
  void on_replay_published(std::uint64_t token, FeedActions& out);
  FeedActions on_replay_request(std::string_view payload);

  CityFeedSettings settings_;
  FeedHead head_;
  bool connected_ = false;
  bool reading_ = false;     // a ReadEntries is under way
  bool open_known_ = false;  // on_open has answered since the last connect
  bool grown_ = false;       // entries may exist beyond what was read
  std::uint64_t next_ = 1;   // the first entry not yet handed to the broker
  std::uint64_t last_token_ = 0;
  std::deque<Outstanding> outstanding_;            // in the order of the log
  std::map<std::uint64_t, std::uint64_t> tokens_;  // token -> seq of the log
  std::set<std::string> open_topics_;
  std::vector<std::string> learned_;  // retained topics seen before open_known_
  std::map<std::string, Replay> replays_;
  std::map<std::uint64_t, std::string> replay_tokens_;  // token -> client
  UtcTime beat_at_{};
  bool beat_ok_ = false;  // the health that the last heartbeat told
  std::uint64_t denied_ = 0, refused_ = 0;
};

}  // namespace tocsin::cloud
