#pragma once
// The city's feed over MQTT (design section 10): every log entry in order and at least once, the retained
// document of each open alarm, the site cards and the heartbeat. An entry counts as published when the city's
// broker took it. Owned by the Asio thread.

#include <deque>
#include <map>
#include <set>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cloud/app/config.h"
#include "cloud/ingest/counters.h"
#include "cloud/ingest/link.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

class CityFeed {
 public:
  CityFeed(boost::asio::io_context& io, const CloudConfig& config, StoreThread& store, Counters& counters);
  void start();
  void stop();
  void wake();  // something was appended to a log
  bool up() const { return link_.up(); }
  std::function<std::size_t()> silent_gateways;  // for the heartbeat

 private:
  struct Log {                                    // one per adcode
    std::deque<FeedEntry> waiting;                // read from the store, in order
    std::map<std::uint64_t, std::uint64_t> sent;  // token -> feed_seq, without its PUBACK yet
    std::uint64_t read = 0;                       // highest seq read from the store
    std::uint64_t published = 0;
    std::uint64_t head = 0;
    bool reading = false;
    bool stale = false;  // something was appended while reading
  };
  void on_up();
  void on_message(const mqtt::Message& message);
  void on_published(std::uint64_t token);
  void read_more(const std::string& adcode);
  void publish_some(const std::string& adcode);
  void publish_open();
  void replay(const std::string& adcode, const mqtt::Message& request);
  void heartbeat();
  std::string heartbeat_topic(const std::string& adcode) const;
  void send(const std::string& topic, const std::string& payload, bool retain) {
    send_bytes(topic, payload, retain);
  }
  std::uint64_t send_bytes(const std::string& topic, const std::string& payload, bool retain);

  const CloudConfig& config_;
  StoreThread& store_;
  Counters& counters_;
  std::map<std::string, Log> logs_;
  std::set<std::string> open_topics_;  // retained documents that belong there
  bool open_known_ = false;            // open_topics_ is as the store has it
  Link link_;
  boost::asio::steady_timer timer_;
  std::uint64_t next_token_ = 0;
  bool stopped_ = false;
};

}  // namespace tocsin::cloud
