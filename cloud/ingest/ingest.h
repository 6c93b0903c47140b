#pragma once
// The uplink's end in the cloud: one session per known gateway, two clients to the field broker so that
// alarms never wait behind data, and commits through the store thread. An acknowledgement leaves only after
// its commit. Owned by the Asio thread.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cloud/app/config.h"
#include "cloud/ingest/apply.h"
#include "cloud/ingest/counters.h"
#include "cloud/ingest/link.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

class Ingest {
 public:
  // `known`: what the store has of each gateway. `term`: of this ownership.
  Ingest(boost::asio::io_context& io, const CloudConfig& config, StoreThread& store,
         const std::vector<GatewayRow>& known, std::uint64_t term, bool restored, Counters& counters);
  void start();
  void stop();

  bool up() const { return control_.up() && data_.up(); }
  const std::set<std::string>& silent() const { return silent_; }
  const session::IngestSession* session(const std::string& gateway) const;
  std::function<void(const Applied&)> on_applied;  // after each commit that changed alarms

 private:
  struct Gateway {
    GatewayContext context;
    std::unique_ptr<session::IngestSession> session;
  };
  void on_message(const mqtt::Message& message);
  void reject(const std::string& cause, const std::string& detail);
  void perform(Gateway& gateway, session::IngestActions actions);
  void store_records(Gateway& gateway, session::StoreRecords records);
  void store_identity(Gateway& gateway, const session::StoreIdentity& identity);
  void own_alarm(Gateway& gateway, OwnAlarm own);
  void reply(const session::Reply& reply);
  void tick();

  StoreThread& store_;
  Counters& counters_;
  std::map<std::string, Gateway, std::less<>> gateways_;
  std::set<std::string> silent_;
  std::set<std::string> logged_;  // causes of rejection that were told once
  Link control_, data_;
  boost::asio::steady_timer timer_;
  std::uint64_t next_token_ = 0;
  bool stopped_ = false;
};

}  // namespace tocsin::cloud
