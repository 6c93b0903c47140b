#pragma once
// One district's feed on its broker: carries out what CityFeed decides. Owned by the Asio thread.

#include <memory>

#include "cloud/app/broker_link.h"
#include "cloud/feeds/city_feed.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

struct CityLinkPorts {
  std::function<UtcTime()> wall;
  std::function<HealthFigures()> health;
  std::function<void(const std::string& cause, const std::string& detail)> warn;
  BrokerLink::MakePort make_port;
  std::function<double()> random;
};

class CityLink {
 public:
  CityLink(CityFeedSettings settings, FeedHead head, const mqtt::ConnectOptions& broker, StoreThread& store,
           CityLinkPorts ports);

  void on_tick(MonoTime now);
  void on_told(const std::vector<FeedEntry>& entries);
  void say_lost();  // what the last will would say: an orderly end does not send it
  void close() { link_->close(); }

  bool is_connected() const { return link_->is_connected(); }
  const FeedHead& head() const { return feed_.head(); }
  std::uint64_t denied() const { return link_->denied(); }
  std::uint64_t refused() const { return feed_.refused(); }

 private:
  void run(FeedActions actions);
  void perform(PublishText action);
  void perform(const ReadOpen& action);
  void perform(const ReadEntries& action);
  void perform(const ReadReplay& action);
  void perform(const SavePublished& action) { to_save_ = action.upto; }
  void save_published();
  void read(std::function<std::vector<FeedEntry>(Store&)> query,
            std::function<FeedActions(const std::vector<FeedEntry>&)> then);

  std::string adcode_;
  CityFeed feed_;
  StoreThread& store_;
  CityLinkPorts ports_;
  std::unique_ptr<BrokerLink> link_;
  std::uint64_t connection_ = 0;  // counts connections: an answer of the store to an earlier one is dropped
  std::uint64_t to_save_ = 0;     // published up to here, not yet handed to the store; 0: all of it is
  MonoTime save_at_{};            // not before
};

}  // namespace tocsin::cloud
