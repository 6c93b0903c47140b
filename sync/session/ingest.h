#pragma once
// The cloud's end of the uplink, one per gateway: order, gaps, acks, silence. A pure state machine; the
// store's answers come in as events. Nothing is acknowledged before `on_committed`. Owned by the aggregator's
// Asio thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result/result.h"
#include "sync/wire/lane.h"

namespace tocsin::session {

using wire::Lane;
using wire::Record;

// What the store knows of a gateway.
struct GatewayState {
  std::uint64_t epoch = 0;  // current; 0 before the first hello
  std::uint64_t db_nonce = 0;
  std::map<std::uint64_t, std::map<Lane, std::uint64_t>> watermarks;  // epoch -> lane -> upto
  bool identity_conflict = false;
};

struct ReceivedRecord {
  std::uint64_t seq = 0;
  Bytes body;
  UtcTime stored{}, sent{};
};
// To be committed in one transaction: records (idempotent on the id), the gap before them, the new watermark.
struct StoreRecords {
  std::uint64_t ticket = 0;
  std::uint64_t epoch = 0;
  Lane lane{};
  std::uint64_t gap_from = 0, gap_to = 0;  // 0, 0: none; (watermark, after] is booked with its cause
  std::string gap_cause;
  std::vector<ReceivedRecord> records;
  std::uint64_t upto = 0;  // the watermark after this commit
};
struct StoreIdentity {  // a new epoch, or a changed nonce
  std::uint64_t ticket = 0;
  GatewayState state;
  std::string software;
};
struct ApplyNow {  // up/now: apply at once; the record's later arrival triggers nothing again
  std::uint64_t epoch = 0, seq = 0;
  Bytes body;
};
struct Reply {
  std::string topic;
  Bytes payload;
};
struct Silence {
  bool silent = false;
};  // raise or clear the gateway-silence alarm
struct IdentityConflict {
  std::string detail;
};  // call a human; records are stored all the same, marked
struct ActiveNow {
  std::vector<std::string> alarm_ids;
};  // from hello: alarms that are active at the gateway now
using IngestAction =
    std::variant<StoreRecords, StoreIdentity, ApplyNow, Reply, Silence, IdentityConflict, ActiveNow>;
using IngestActions = std::vector<IngestAction>;

class IngestSession {
 public:
  // term: of this aggregator's ownership. restored: the database came back from a backup.
  IngestSession(std::string gateway, std::string community, GatewayState state, std::uint64_t term,
                bool restored);
  ~IngestSession();

  IngestActions on_start(MonoTime now);  // resume to every known gateway
  // `topic_suffix`: "up/hello" … Malformed payloads give no action and count as rejected.
  IngestActions on_message(std::string_view topic_suffix, ByteView payload, MonoTime now, UtcTime wall);
  // conflict: the same id was there with another body.
  IngestActions on_committed(std::uint64_t ticket, bool conflict, MonoTime now);
  IngestActions on_failed(std::uint64_t ticket,
                          MonoTime now);  // the commit failed: no ack, the gateway sends again
  IngestActions on_tick(MonoTime now);
  std::optional<MonoTime> next_due() const;

  const GatewayState& state() const;
  std::uint64_t session_nonce() const;                    // of the last hello
  std::uint64_t desired_version() const;                  // likewise
  std::map<std::string, std::uint64_t> rejected() const;  // by cause

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::session
