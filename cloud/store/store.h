#pragma once
// What the cloud keeps. A seam: SQLite now, PostgreSQL when one machine is no longer enough. All calls block
// and belong to the store thread (store_thread.h).
//
// Everything but open() runs inside transact(): all of it is committed and synced, or nothing is. A statement
// that fails leaves the work by an exception of the implementation; transact() rolls back and returns it as
// an Error. Nobody else sees it.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloud/alarms/alarm.h"
#include "core/result/result.h"
#include "sync/wire/lane.h"

namespace tocsin::cloud {

struct RecordId {
  std::string gateway;
  std::uint64_t epoch = 0;
  wire::Lane lane{};
  std::uint64_t seq = 0;
};

struct StoredRecord {
  RecordId id;
  ByteView body;
  UtcTime stored{}, sent{}, received{};
};

enum class Inserted : std::uint8_t {
  fresh,
  repeated,   // the same id with the same body: nothing to do
  new_clash,  // the same id with another body, for the first time: kept beside the first, which is never
              // overwritten
};

// [from, to] of a lane will never come.
struct Gap {
  std::string gateway;
  std::uint64_t epoch = 0;
  wire::Lane lane{};
  std::uint64_t from = 0, to = 0;
  std::string cause;
  UtcTime booked{};
};

struct GatewayRow {
  std::string id;
  std::uint64_t epoch = 0;
  std::uint64_t db_nonce = 0;
  bool identity_conflict = false;
  std::string software;
  std::map<std::uint64_t, std::map<wire::Lane, std::uint64_t>> watermarks;  // epoch -> lane -> upto
};

// One entry of a city's log. The body never changes once it has a seq.
struct FeedEntry {
  std::string adcode;
  std::uint64_t seq = 0;
  std::string alarm_id;
  std::string topic;    // of the retained document
  bool closed = false;  // the retained document goes
  bool latest = true;   // read only: no later entry of the same alarm
  std::string body;
  UtcTime created{};
};

struct FeedHead {
  std::uint64_t epoch = 1;
  std::uint64_t head = 0;       // highest seq committed
  std::uint64_t published = 0;  // everything up to here was taken by the city's broker
};

// A line of an alarm list. `number` counts alarms in the order they came in: the cursor of lists.
struct AlarmRow {
  std::int64_t number = 0;
  std::string document;
};

struct AlarmQuery {
  bool open_only = true;
  bool city_only = false;                // only what the city was told
  std::vector<std::string> communities;  // empty: all
  std::int64_t before = 0;               // cursor: alarms with a smaller number; 0 starts at the newest
  std::size_t limit = 100;
  // Alarms of these gateways with class fault, disabled or supervisory stay out: their silence says it
  // already.
  std::vector<std::string> inhibited;
};

// One change of one alarm, in the order of commits and without gaps: what the desk works on and what streams
// of the API send.
struct NewsEntry {
  std::uint64_t number = 0;  // given by the store
  std::string alarm_id, community;
  bool calls = false;    // raised, risen or back: people must hear of it
  std::string document;  // for operators
  UtcTime created{};
};

struct NewsRange {
  std::uint64_t first = 0, head = 0;  // 0: there is none yet
};

// What the desk has still to do about an open alarm (cloud/desk/call.h).
struct CallRow {
  std::string alarm_id;
  UtcTime opened{};
  int step = 0;
  UtcTime due{};
};

// A message to a webhook that was not taken yet.
struct Notice {
  std::uint64_t number = 0;  // given by the store
  std::string target;
  std::string alarm_id;
  bool urgent = false;  // goes before what waits
  bool call = false;    // to a person on duty, recorded in the audit; else one of a feed
  UtcTime created{}, due{};
  int attempts = 0;
  bool unclear = false;  // an attempt may have arrived: the next one says so
  std::string body;      // JSON object
};

struct AuditEntry {
  std::int64_t number = 0;
  UtcTime at{};
  std::string who, action, subject, detail;
  std::string hash;  // SHA-256, hex, over the hash before and this entry (audit.h)
};

// An order to a gateway (cloud/commands/order.h).
struct OrderRow {
  std::string id, gateway;
  bool open = false;  // still to be sent
  std::string document;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Status transact(const std::function<void()>& work) = 0;

  virtual std::optional<std::string> setting(const std::string& name) = 0;
  virtual void set_setting(const std::string& name, const std::string& value) = 0;

  // Records, gaps and watermarks of the uplink.
  virtual Inserted insert_record(const StoredRecord& record) = 0;
  virtual std::uint64_t highest_seq(const std::string& gateway, std::uint64_t epoch, wire::Lane lane) = 0;
  virtual void book_gap(const Gap& gap) = 0;
  virtual void set_watermark(const std::string& gateway, std::uint64_t epoch, wire::Lane lane,
                             std::uint64_t upto) = 0;
  virtual void save_gateway(const GatewayRow& gateway) = 0;  // without its watermarks
  virtual std::vector<GatewayRow> gateways() = 0;
  virtual std::vector<Gap> gaps(const std::string& gateway, std::size_t limit) = 0;  // newest first

  // Alarms.
  virtual std::optional<Alarm> alarm(const std::string& id) = 0;
  virtual std::optional<Alarm> open_alarm(const std::string& gateway, const alarm::Key& key) = 0;
  virtual std::vector<Alarm> open_alarms_of(const std::string& gateway) = 0;
  virtual void save_alarm(const Alarm& alarm) = 0;
  virtual std::vector<AlarmRow> alarms(const AlarmQuery& query) = 0;  // newest first
  virtual std::uint64_t open_count() = 0;

  // The city's log.
  virtual FeedHead feed_head(const std::string& adcode) = 0;
  virtual void append_feed(const FeedEntry& entry) = 0;  // its seq is head + 1
  virtual std::vector<FeedEntry> feed_entries(const std::string& adcode, std::uint64_t from,
                                              std::size_t limit) = 0;
  virtual std::vector<FeedEntry> open_feed(
      const std::string& adcode) = 0;  // the last entry of each open alarm
  virtual void set_published(const std::string& adcode, std::uint64_t upto) = 0;
  virtual void trim_feed(UtcTime before,
                         std::size_t limit) = 0;  // keeps what is unpublished or of an open alarm

  // News, and the work of the desk.
  virtual void append_news(const NewsEntry& entry) = 0;
  virtual std::vector<NewsEntry> news(std::uint64_t after, std::size_t limit) = 0;
  virtual NewsRange news_range() = 0;
  virtual void trim_news(UtcTime before, std::uint64_t upto, std::size_t limit) = 0;
  virtual std::optional<CallRow> call(const std::string& alarm_id) = 0;
  virtual void save_call(const CallRow& call) = 0;
  virtual void remove_call(const std::string& alarm_id) = 0;
  virtual std::vector<CallRow> calls_due(UtcTime now, std::size_t limit) = 0;  // the longest due first
  virtual std::optional<UtcTime> next_call() = 0;

  // Messages to webhooks.
  virtual void add_notice(const Notice& notice) = 0;
  virtual std::vector<Notice> notices_due(const std::string& target, UtcTime now,
                                          std::size_t limit) = 0;  // urgent ones first
  virtual void save_attempt(std::uint64_t number, UtcTime due, int attempts, bool unclear) = 0;
  virtual void remove_notice(std::uint64_t number) = 0;
  virtual std::map<std::string, std::uint64_t> notices_waiting() = 0;  // by target
  // Gives up what is older than `before`; how many went.
  virtual std::uint64_t trim_notices(UtcTime before, std::size_t limit) = 0;

  // Orders to gateways.
  virtual void save_order(const OrderRow& order) = 0;
  virtual std::optional<OrderRow> order(const std::string& id) = 0;
  virtual std::vector<OrderRow> open_orders() = 0;  // oldest first
  virtual std::vector<OrderRow> orders_of(const std::string& gateway,
                                          std::size_t limit) = 0;  // newest first

  // What people did; append-only.
  virtual void append_audit(const AuditEntry& entry) = 0;
  virtual std::optional<AuditEntry> last_audit() = 0;
  virtual std::vector<AuditEntry> audit(std::int64_t after, std::size_t limit) = 0;  // oldest first
};

}  // namespace tocsin::cloud
