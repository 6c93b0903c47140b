#pragma once
// The cloud's side of the field bus: which message belongs to which gateway, and what its session wants done.
// Owned by the Asio thread; the store's answers come back to it. Messages of unknown gateways and foreign
// shards are dropped and counted.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/ingest/apply.h"
#include "cloud/store/store_thread.h"
#include "sync/session/ingest.h"

namespace tocsin::cloud {

struct IngestPorts {
  std::function<void(const std::string& topic, Bytes payload)> reply;  // to the field broker, QoS 1
  std::function<void(const std::vector<FeedEntry>& entries)> told;     // committed for the cities
  std::function<void()> news;                                          // committed: alarms have changed
  std::function<void(const std::string& gateway)> said_hello;
  std::function<UtcTime()> wall;
  std::function<MonoTime()> mono;
  std::function<void(const std::string& cause, const std::string& detail)> warn;
};

struct IngestCounts {
  std::map<std::string, std::uint64_t> rejected;  // by cause
  std::map<wire::Lane, std::uint64_t> records;    // committed
  std::uint64_t unreadable = 0;
  std::uint64_t commits_failed = 0;
};

class Ingest {
 public:
  Ingest(std::vector<Place> places, StoreThread& store, IngestPorts ports);
  ~Ingest();

  // What the store knew at the start. `silenced`: gateways whose silence alarm is open.
  void start(const std::vector<GatewayRow>& known, const std::set<std::string>& silenced, std::uint64_t term,
             bool restored);
  void on_connected();  // to the field broker: resume to every gateway
  void on_down();       // a silence is nobody's fault but the broker's until 60 s after the next connect
  void on_message(const std::string& topic, ByteView payload, bool retained);
  void on_tick();

  IngestCounts counts() const;
  // Of the gateway's last hello; 0 before it.
  std::uint64_t session_nonce(const std::string& gateway) const;
  std::uint64_t desired_version(const std::string& gateway) const;
  const std::set<std::string>& silent() const { return silent_; }

 private:
  struct Gateway;

  void reject(const std::string& cause, const std::string& detail);
  void run(Gateway& gateway, session::IngestActions actions);
  void perform(Gateway& gateway, session::StoreRecords action);
  void perform(Gateway& gateway, session::StoreIdentity action);
  void perform(Gateway& gateway, session::ApplyNow action);
  void perform(Gateway& gateway, session::Reply action);
  void perform(Gateway& gateway, session::Silence action);
  void perform(Gateway& gateway, session::IdentityConflict action);
  void perform(Gateway& gateway, session::ActiveNow action);
  void on_hello(Gateway& gateway);
  void set_silent(Gateway& gateway, bool silent);
  void submit(Urgency urgency, Gateway& gateway, std::uint64_t ticket, std::function<Applied(Store&)> work);
  void on_stored(Gateway& gateway, std::uint64_t ticket, const Status& status, const Applied& applied);

  std::map<std::string, std::unique_ptr<Gateway>, std::less<>> gateways_;
  StoreThread& store_;
  IngestPorts ports_;
  IngestCounts counts_;
  std::optional<MonoTime> connected_at_;
  std::set<std::string> silent_;  // gateways whose silence alarm is open, or about to be
  std::set<std::string>
      unsettled_;  // gateways whose silence alarm could not be stored: tried again each tick
};

}  // namespace tocsin::cloud
