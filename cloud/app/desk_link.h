#pragma once
// Gives the desk its turns on the store thread: at once when alarms have changed, and when a call is due. One
// turn at a time. Owned by the Asio thread.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cloud/desk/desk.h"
#include "cloud/desk/hop_clock.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

struct DeskPorts {
  std::function<UtcTime()> wall;
  std::function<std::set<std::string>()> silent;                    // gateways
  std::function<void(const std::vector<FeedEntry>& entries)> told;  // for the cities
  std::function<void(const std::string& webhook)> send;             // it has something new
  std::function<void()> news;                                       // the desk changed alarms itself
  std::function<void(const std::string& cause, const std::string& detail)> warn;
};

class DeskLink {
 public:
  DeskLink(const DeskSettings& settings, StoreThread& store, DeskPorts ports);

  void on_news();
  void on_tick();

  const HopClock& clock() const { return clock_; }

 private:
  void turn();
  void on_done(const Status& status, const DeskOutcome& outcome);

  const DeskSettings& settings_;
  StoreThread& store_;
  DeskPorts ports_;
  HopClock clock_;
  bool busy_ = false;
  bool wanted_ = true;  // there may be work left from before the start
  std::optional<UtcTime> due_;
};

}  // namespace tocsin::cloud
