#pragma once
// Inside of UplinkSession. uplink.cpp: the connection and its clocks. uplink_cloud.cpp: what the cloud says.
// uplink_send.cpp: what goes out, in which order.

#include <array>

#include "sync/session/delays.h"
#include "sync/session/in_flight.h"
#include "sync/session/lane_sender.h"
#include "sync/session/messages.h"
#include "sync/session/uplink.h"
#include "sync/session/urgent.h"

namespace tocsin::session {

struct UplinkSession::Impl {
  enum class Phase : std::uint8_t { idle, waiting, connecting, connected };

  Impl(UplinkIdentity who, UplinkLimits how_much, std::uint64_t known_term, std::uint64_t seed);

  LaneSender& lane(Lane which) { return senders[static_cast<std::size_t>(which) - 1]; }
  const LaneSender& lane(Lane which) const { return senders[static_cast<std::size_t>(which) - 1]; }

  // uplink.cpp
  void wait_to_connect(Duration delay, MonoTime now);
  void lose_connection();
  void check_broker(MonoTime now, Actions& out);
  void refuse(std::string why);
  void note_reason(const Flight& flight, std::uint8_t reason, MonoTime now);

  // uplink_cloud.cpp
  bool accept_term(std::uint64_t seen, Actions& out);  // false: an old term
  void on_resume(const ResumeMessage& resume, MonoTime now, Actions& out);
  void open_lanes(const ResumeMessage& resume, MonoTime now, Actions& out);
  void go_back(const ResumeMessage& resume, MonoTime now, Actions& out);
  void on_ack(const AckMessage& ack, MonoTime now, Actions& out);
  void mark(Lane which, const std::optional<LaneSender::Mark>& mark, Actions& out);
  void say_hello_again(MonoTime now, Actions& out);
  void deliver_order(std::string_view suffix, ByteView payload, bool retained, Actions& out);

  // uplink_send.cpp
  void publish(Flight flight, std::string_view suffix, Bytes payload, MonoTime now, Actions& out);
  void send_hello(MonoTime now, Actions& out);
  void send_alive(MonoTime now, UtcTime wall, std::uint32_t clock_quality, Actions& out);
  void send_urgent(MonoTime now, Actions& out);
  void send_frame(Lane which, const std::vector<Record>& records, MonoTime now, UtcTime wall, Actions& out);
  void pump(MonoTime now, Actions& out);  // asks for what may be sent next
  std::optional<Lane> next_lane() const;
  std::size_t frame_budget(Lane which) const;
  bool is_stuck(std::uint64_t seq, MonoTime now) const;  // older alarms keep this one back
  std::optional<MonoTime> urgent_at() const;

  UplinkIdentity identity;
  UplinkLimits limits;
  std::uint64_t term;
  std::string topic_prefix;  // tocsin/1/<shard>/<gw>/

  Phase phase = Phase::idle;
  ReconnectDelay reconnect;
  std::optional<MonoTime> connect_at;        // phase waiting
  std::optional<MonoTime> connect_limit_at;  // phase connecting
  std::uint64_t session_nonce = 0;
  std::size_t slots = 1;  // frames that may be in flight

  bool resumed = false;
  std::optional<MonoTime> hello_at;  // while not resumed
  std::optional<MonoTime> last_hello;
  Steps<hello_pauses.size()> hello_pause{hello_pauses};
  std::optional<MonoTime> alive_at;

  InFlight in_flight;
  std::array<LaneSender, 3> senders;
  Urgent urgent;
  std::size_t owed_to_data = 0;  // bytes of alarm and event frames since data had its turn
  std::vector<OpenAlarm> open_alarms;
  std::uint64_t desired_version = 0;

  std::uint64_t rejected = 0;
  std::string last_problem;
};

}  // namespace tocsin::session
