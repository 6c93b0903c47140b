#pragma once
// The gateway's end of the uplink: windows, resume, acks, back-off. A pure state machine: events in, actions
// out; time is an argument. Owned by the gateway's Asio thread. Promises: docs/protocols/uplink.md, design
// section 7.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result/result.h"
#include "sync/wire/lane.h"

namespace tocsin::session {

using wire::Lane;
using wire::LaneState;
using wire::Record;

struct UplinkIdentity {
  std::string gateway;
  std::string community;  // decides the shard
  std::string software;
  std::uint64_t epoch = 0, previous_epoch = 0, db_nonce = 0, boot = 0;
};

struct UplinkLimits {
  std::size_t in_flight = 16;  // publishes handed over and not PUBACKed, over all lanes
  std::size_t data_in_flight = 2;
  std::size_t max_frame = 64 * 1024;  // 8 KiB on slow links
  std::size_t alarm_window = 4096, event_window = 4096,
              data_window = 768;  // records that await the cloud's ack
};

struct OpenAlarm {  // named in hello
  std::string alarm_id, device, point, rule, alarm_class, stage;
};

// What the shell is to do. Publish: hand to Paho, report its PUBACK by token. Read: answer with on_records.
struct Connect {
  std::string client_id;
  std::vector<std::string> subscribe;
};
struct Disconnect {
  std::string why;
};
struct Publish {
  std::uint64_t token = 0;
  std::string topic;
  Bytes payload;
};
struct ReadRecords {
  Lane lane{};
  std::uint64_t from = 0;
  std::size_t max_records = 0, max_bytes = 0;
};
struct MarkAcked {
  Lane lane{};
  std::uint64_t upto = 0;
};
struct UnmarkAcked {  // the cloud was restored from a backup
  Lane lane{};
  std::uint64_t upto = 0;
};
struct StoreTerm {
  std::uint64_t term = 0;
};  // highest term seen, to be kept
struct DeliverCommand {
  Bytes signed_bytes;
};  // exact bytes of down/command; retained ones never come here
struct DeliverDesired {
  Bytes signed_bytes;
};
// An order that must not be obeyed, for the audit. `bytes`: the first 64 KiB of it.
enum class OrderFlaw : std::uint8_t { retained, oversize, malformed };
struct RefuseOrder {
  OrderFlaw flaw{};
  Bytes bytes;
};
using Action = std::variant<Connect, Disconnect, Publish, ReadRecords, MarkAcked, UnmarkAcked, StoreTerm,
                            DeliverCommand, DeliverDesired, RefuseOrder>;
using Actions = std::vector<Action>;

// For status, metrics and `tocsin buffer`.
struct UplinkStatus {
  bool connected = false;  // to the broker
  bool resumed = false;    // the cloud has answered
  std::uint64_t term = 0;
  std::uint64_t session_nonce = 0;
  std::optional<Duration>
      oldest_unacked_alarm;    // waiting time of the oldest alarm the cloud has not committed
  std::uint64_t rejected = 0;  // malformed, foreign, retained or old-term messages dropped
  std::string last_problem;
};

class UplinkSession {
 public:
  UplinkSession(UplinkIdentity identity, UplinkLimits limits, std::uint64_t term, std::uint64_t random_seed);
  ~UplinkSession();

  // Lanes as the store has them; also after each commit (head grows), eviction (first grows).
  Actions on_lane(Lane lane, const LaneState& state, MonoTime now);
  // A new life-safety record: goes out as up/now when lane alarm has backlog.
  Actions on_urgent(const Record& record, MonoTime now);
  void set_open_alarms(std::vector<OpenAlarm> open);
  void set_desired_version(std::uint64_t version);

  Actions on_start(MonoTime now);
  Actions on_connected(std::uint16_t receive_maximum, std::uint64_t session_nonce, MonoTime now);
  Actions on_down(const Error& why, MonoTime now);
  Actions on_message(const std::string& topic, ByteView payload, bool retained, MonoTime now);
  // Draws a line: an order that repeats this nonce was signed after this moment. Says hello with it.
  Actions renew_session(std::uint64_t session_nonce, MonoTime now);
  Actions on_published(std::uint64_t token, std::uint8_t reason, MonoTime now);
  Actions on_records(Lane lane, std::uint64_t from, const std::vector<Record>& records, MonoTime now,
                     UtcTime wall);
  Actions on_tick(MonoTime now, UtcTime wall, std::uint32_t clock_quality);

  std::optional<MonoTime> next_due() const;
  UplinkStatus status(MonoTime now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::session
