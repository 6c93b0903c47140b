#pragma once
// Carries out what the uplink session decides: MQTT, reads from the stores, acks. Decides nothing itself.
// Asio thread.

#include <array>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/command/verify.h"
#include "gateway/config/config.h"
#include "sync/mqtt/mqtt_port.h"
#include "sync/outbox/store_thread.h"
#include "sync/session/uplink.h"

namespace tocsin::gateway {

class Uplink {
 public:
  struct Parts {
    outbox::StoreThread& alarms;  // lanes alarm and event
    outbox::StoreThread& data;
    std::array<wire::LaneState, 3> lanes;  // by lane - 1, as the stores have them
    std::uint64_t term = 0;                // highest seen in an earlier run
  };
  Uplink(boost::asio::io_context& io, const Config& config, session::UplinkIdentity identity, Parts parts);
  ~Uplink();

  void start();
  void stop();
  // Records of this lane are durable up to `head`. `newest`: the last of them in order, as the store keeps
  // them, or nothing; `urgent`: new life-safety ones.
  void on_stored(wire::Lane lane, std::uint64_t head, std::vector<wire::Record> newest,
                 const std::vector<wire::Record>& urgent);
  void on_evicted(wire::Lane lane, std::uint64_t upto);

  std::function<std::vector<session::OpenAlarm>()> open_alarms;  // asked for each hello
  // Told when records of the lane up to `upto` were handed to the session for sending.
  std::function<void(wire::Lane lane, std::uint64_t upto)> on_sent;
  // Told when an ack arrives: records of the lane up to `upto` are in the cloud.
  std::function<void(wire::Lane lane, std::uint64_t upto)> on_acked;
  std::function<void(std::uint64_t term)> on_term;
  std::function<std::uint64_t()> desired_version;  // asked for each hello
  // Orders as they came, and those that must not even be read.
  std::function<void(const Bytes&signed_bytes)> on_command, on_desired;
  std::function<void(command::Refusal why)> on_flawed_order;

  // The gateway as an order meets it now.
  command::Circumstances circumstances() const;
  void renew_session();  // with a new nonce: what is signed with it is younger than this call

  session::UplinkStatus status() const;
  wire::LaneState lane(wire::Lane lane) const { return lanes_[index(lane)]; }
  const std::string& broker() const { return broker_; }

 private:
  static std::size_t index(wire::Lane lane) { return static_cast<std::size_t>(lane) - 1; }
  outbox::StoreThread& store_of(wire::Lane lane) { return lane == wire::Lane::data ? data_ : alarms_; }
  void perform(session::Actions actions);
  void connect(const session::Connect& action);
  void read(const session::ReadRecords& action);
  void send(wire::Lane lane, std::uint64_t from, const std::vector<wire::Record>& records);
  void describe();  // to the session, what its next hello tells
  void deliver(const session::Action& action);
  void mark_acked(const session::MarkAcked& action);
  void schedule();

  boost::asio::io_context& io_;
  const Config& config_;
  outbox::StoreThread& alarms_;
  outbox::StoreThread& data_;
  std::array<wire::LaneState, 3> lanes_;
  std::array<std::vector<wire::Record>, 3>
      newest_;  // of the last commit: a lane without backlog needs no read
  session::UplinkSession session_;
  std::unique_ptr<mqtt::MqttPort> port_;
  boost::asio::steady_timer timer_;
  std::vector<std::string> subscriptions_;
  std::size_t next_broker_ = 0;
  std::string broker_;
  MonoTime session_since_{};  // when the nonce of this connection was drawn
  bool stopped_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers that come after the end
};

}  // namespace tocsin::gateway
