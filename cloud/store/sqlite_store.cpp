#include "cloud/store/sqlite_store.h"

#include "cloud/store/sqlite_tables.h"

namespace tocsin::cloud {
namespace {

AuditEntry audit_of(const Query& row) {
  return {row.integer(0), row.time(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6)};
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const std::filesystem::path& file) : db_(file) {}
  Status migrate() { return db_.migrate(); }

  Status transact(const std::function<void()>& work) override {
    try {
      db_.exec("BEGIN IMMEDIATE");
    } catch (const SQLite::Exception& e) {
      return to_error(e);
    }
    try {
      work();
      db_.exec("COMMIT");
      return {};
    } catch (const SQLite::Exception& e) {
      roll_back();
      return to_error(e);
    } catch (...) {
      roll_back();
      throw;
    }
  }

  std::optional<std::string> setting(const std::string& name) override {
    Query row = db_.query("SELECT value FROM setting WHERE name=?");
    return row.bind(name).step() ? std::optional(row.text(0)) : std::nullopt;
  }
  void set_setting(const std::string& name, const std::string& value) override {
    db_.query("INSERT INTO setting VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value")
        .bind(name)
        .bind(value)
        .run();
  }

  Inserted insert_record(const StoredRecord& record) override { return uplink_.insert_record(record); }
  std::uint64_t highest_seq(const std::string& gateway, std::uint64_t epoch, wire::Lane lane) override {
    return uplink_.highest_seq(gateway, epoch, lane);
  }
  void book_gap(const Gap& gap) override { uplink_.book_gap(gap); }
  void set_watermark(const std::string& gateway, std::uint64_t epoch, wire::Lane lane,
                     std::uint64_t upto) override {
    uplink_.set_watermark(gateway, epoch, lane, upto);
  }
  void save_gateway(const GatewayRow& gateway) override { uplink_.save_gateway(gateway); }
  std::vector<GatewayRow> gateways() override { return uplink_.gateways(); }
  std::vector<Gap> gaps(const std::string& gateway, std::size_t limit) override {
    return uplink_.gaps(gateway, limit);
  }

  std::optional<Alarm> alarm(const std::string& id) override { return alarms_.alarm(id); }
  std::optional<Alarm> open_alarm(const std::string& gateway, const alarm::Key& key) override {
    return alarms_.open_alarm(gateway, key);
  }
  std::vector<Alarm> open_alarms_of(const std::string& gateway) override {
    return alarms_.open_alarms_of(gateway);
  }
  void save_alarm(const Alarm& alarm) override { alarms_.save(alarm); }
  std::vector<AlarmRow> alarms(const AlarmQuery& query) override { return alarms_.list(query); }
  std::uint64_t open_count() override { return alarms_.open_count(); }

  FeedHead feed_head(const std::string& adcode) override { return feed_.head(adcode); }
  void append_feed(const FeedEntry& entry) override { feed_.append(entry); }
  std::vector<FeedEntry> feed_entries(const std::string& adcode, std::uint64_t from,
                                      std::size_t limit) override {
    return feed_.entries(adcode, from, limit);
  }
  std::vector<FeedEntry> open_feed(const std::string& adcode) override { return feed_.open(adcode); }
  void set_published(const std::string& adcode, std::uint64_t upto) override {
    feed_.set_published(adcode, upto);
  }
  void trim_feed(UtcTime before, std::size_t limit) override { feed_.trim(before, limit); }

  void append_news(const NewsEntry& entry) override { desk_.append_news(entry); }
  std::vector<NewsEntry> news(std::uint64_t after, std::size_t limit) override {
    return desk_.news(after, limit);
  }
  NewsRange news_range() override { return desk_.news_range(); }
  void trim_news(UtcTime before, std::uint64_t upto, std::size_t limit) override {
    desk_.trim_news(before, upto, limit);
  }
  std::optional<CallRow> call(const std::string& alarm_id) override { return desk_.call(alarm_id); }
  void save_call(const CallRow& call) override { desk_.save_call(call); }
  void remove_call(const std::string& alarm_id) override { desk_.remove_call(alarm_id); }
  std::vector<CallRow> calls_due(UtcTime now, std::size_t limit) override {
    return desk_.calls_due(now, limit);
  }
  std::optional<UtcTime> next_call() override { return desk_.next_call(); }

  void add_notice(const Notice& notice) override { notices_.add(notice); }
  std::vector<Notice> notices_due(const std::string& target, UtcTime now, std::size_t limit) override {
    return notices_.due(target, now, limit);
  }
  void save_attempt(std::uint64_t number, UtcTime due, int attempts, bool unclear) override {
    notices_.save_attempt(number, due, attempts, unclear);
  }
  void remove_notice(std::uint64_t number) override { notices_.remove(number); }
  std::map<std::string, std::uint64_t> notices_waiting() override { return notices_.waiting(); }
  std::uint64_t trim_notices(UtcTime before, std::size_t limit) override {
    return notices_.trim(before, limit);
  }

  void save_order(const OrderRow& order) override { orders_.save(order); }
  std::optional<OrderRow> order(const std::string& id) override { return orders_.find(id); }
  std::vector<OrderRow> open_orders() override { return orders_.open(); }
  std::vector<OrderRow> orders_of(const std::string& gateway, std::size_t limit) override {
    return orders_.of(gateway, limit);
  }

  void append_audit(const AuditEntry& entry) override {
    db_.query("INSERT INTO audit (number, at, who, action, subject, detail, hash) VALUES (?,?,?,?,?,?,?)")
        .bind(entry.number)
        .bind(entry.at)
        .bind(entry.who)
        .bind(entry.action)
        .bind(entry.subject)
        .bind(entry.detail)
        .bind(entry.hash)
        .run();
  }
  std::optional<AuditEntry> last_audit() override {
    Query row = db_.query(
        "SELECT number, at, who, action, subject, detail, hash FROM audit "
        "ORDER BY number DESC LIMIT 1");
    return row.step() ? std::optional(audit_of(row)) : std::nullopt;
  }
  std::vector<AuditEntry> audit(std::int64_t after, std::size_t limit) override {
    Query rows = db_.query(
        "SELECT number, at, who, action, subject, detail, hash FROM audit "
        "WHERE number > ? ORDER BY number LIMIT ?");
    rows.bind(after).bind(std::uint64_t{limit});
    std::vector<AuditEntry> list;
    while (rows.step()) list.push_back(audit_of(rows));
    return list;
  }

 private:
  // SQLite may have rolled back by itself (disk full); the second attempt's error says nothing new.
  void roll_back() {
    try {
      db_.exec("ROLLBACK");
    } catch (const SQLite::Exception&) {
    }
  }

  Connection db_;
  UplinkTables uplink_{db_};
  AlarmTables alarms_{db_};
  FeedTables feed_{db_};
  DeskTables desk_{db_};
  NoticeTables notices_{db_};
  OrderTables orders_{db_};
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& file) {
  try {
    auto store = std::make_unique<SqliteStore>(file);
    if (const Status migrated = store->migrate(); !migrated) return migrated.error();
    return std::unique_ptr<Store>(std::move(store));
  } catch (const SQLite::Exception& e) {
    Error error = to_error(e);
    error.detail = file.string() + ": " + error.detail;
    return error;
  }
}

}  // namespace tocsin::cloud
