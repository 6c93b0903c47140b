#pragma once
// The composition root of the edge daemon: one Asio thread that owns all state, a thread per bus, a store
// thread per database.

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/app/alarm_clock.h"
#include "gateway/app/uplink.h"
#include "gateway/bus/bus.h"
#include "gateway/config/config.h"
#include "gateway/control/server.h"
#include "gateway/flow/building.h"
#include "gateway/flow/eviction_book.h"
#include "gateway/flow/fill_forecast.h"
#include "gateway/flow/telemetry.h"
#include "gateway/meter/counter_book.h"

namespace tocsin::gateway {

struct DaemonOptions {
  std::string config_path, profiles_dir, socket_path;
  std::filesystem::path state_dir;
};

class Daemon {
 public:
  // Throws std::runtime_error when the program cannot start.
  Daemon(boost::asio::io_context& io, DaemonOptions options, Config config);
  ~Daemon();

  void start();
  void stop();  // in order: outputs stay as they are, everything queued is committed

  // For the control socket (requests.cpp).
  const Config& config() const { return config_; }
  flow::Building& building() { return *building_; }
  const Uplink& uplink() const { return *uplink_; }
  const AlarmClock& alarm_clock() const { return alarm_clock_; }
  const meter::Counts& meter_counts() const { return counters_->counts(); }
  const outbox::StoreHealth& store_health() const { return store_health_; }
  const outbox::Identity& identity() const { return identity_; }
  bus::Bus* bus_of(const std::string& device);
  const std::map<std::string, std::unique_ptr<bus::Bus>>& buses() const { return buses_; }
  outbox::StoreThread& alarm_store() { return *alarm_store_; }
  outbox::StoreThread& data_store() { return *data_store_; }
  const flow::EvictionBook& evictions() const { return evictions_; }
  const flow::FillForecast& alarm_forecast() const { return alarm_forecast_; }
  const flow::FillForecast& data_forecast() const { return data_forecast_; }
  MonoTime started_at() const { return started_at_; }
  // Carries out what the building decided; `stored` runs when what it says is committed.
  void perform(flow::Step step, std::function<void()> stored = {});
  void add_watcher(std::shared_ptr<control::Reply> watcher) { watchers_.push_back(std::move(watcher)); }

 private:
  void open_stores();
  void make_buses();
  void make_uplink();
  void write(const flow::Write& write);
  void store(flow::Step& step, std::function<void()> then);
  void on_readings(std::vector<Reading> readings);
  void on_detection(const PointId& point, const std::optional<std::string>& miss);
  void store_block(Bytes block);
  void store_waiting();
  void make_counters(const meter::StateRows& rows);
  void house_keeping();
  void inspect(outbox::StoreThread& store, flow::FillForecast& forecast);
  void relieve(outbox::StoreThread& store, const outbox::Outbox::EvictionPlan& plan);
  void tell_watchers(const std::vector<Reading>& readings);
  void schedule();

  boost::asio::io_context& io_;
  DaemonOptions options_;
  Config config_;
  outbox::Identity identity_;
  std::array<wire::LaneState, 3> lanes_;
  std::unique_ptr<outbox::StoreThread> alarm_store_, data_store_;
  flow::Restored restored_;
  std::vector<std::string> lost_at_open_;
  std::uint64_t term_ = 0;
  std::unique_ptr<flow::Building> building_;
  flow::Telemetry telemetry_;
  std::unique_ptr<meter::CounterBook> counters_;
  flow::EvictionBook evictions_;
  flow::FillForecast alarm_forecast_, data_forecast_;
  std::uint64_t data_head_ = 0;
  std::uint64_t data_stored_ = 0;  // the uplink is about to be told of; 0: it knows
  std::uint64_t telemetry_dropped_ = 0;
  std::unique_ptr<Uplink> uplink_;
  AlarmClock alarm_clock_;
  std::map<std::string, std::unique_ptr<bus::Bus>> buses_;
  std::unique_ptr<control::Server> control_;
  std::vector<std::shared_ptr<control::Reply>> watchers_;
  outbox::StoreHealth store_health_;
  boost::asio::steady_timer timer_, house_timer_;
  MonoTime started_at_{};
  MonoTime health_told_{};  // of the buses
  bool unacked_ = false;
  bool stopped_ = false;
};

}  // namespace tocsin::gateway
