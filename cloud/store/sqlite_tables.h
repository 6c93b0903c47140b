#pragma once
// The tables of the SQLite store, one group per class. They run inside the transaction of SqliteStore and
// throw SQLite::Exception.

#include "cloud/store/sqlite_connection.h"
#include "cloud/store/store.h"

namespace tocsin::cloud {

class UplinkTables {
 public:
  explicit UplinkTables(Connection& db) : db_(db) {}

  Inserted insert_record(const StoredRecord& record);
  std::uint64_t highest_seq(const std::string& gateway, std::uint64_t epoch, wire::Lane lane);
  void book_gap(const Gap& gap);
  void set_watermark(const std::string& gateway, std::uint64_t epoch, wire::Lane lane, std::uint64_t upto);
  void save_gateway(const GatewayRow& gateway);
  std::vector<GatewayRow> gateways();
  std::vector<Gap> gaps(const std::string& gateway, std::size_t limit);

 private:
  Connection& db_;
};

class AlarmTables {
 public:
  explicit AlarmTables(Connection& db) : db_(db) {}

  std::optional<Alarm> alarm(const std::string& id);
  std::optional<Alarm> open_alarm(const std::string& gateway, const alarm::Key& key);
  std::vector<Alarm> open_alarms_of(const std::string& gateway);
  void save(const Alarm& alarm);
  std::vector<AlarmRow> list(const AlarmQuery& query);
  std::uint64_t open_count();

 private:
  std::vector<std::int64_t> open_numbers(std::int64_t before);  // newest first

  Connection& db_;
};

class OrderTables {
 public:
  explicit OrderTables(Connection& db) : db_(db) {}

  void save(const OrderRow& row);
  std::optional<OrderRow> find(const std::string& id);
  std::vector<OrderRow> open();
  std::vector<OrderRow> of(const std::string& gateway, std::size_t limit);

 private:
  Connection& db_;
};

class FeedTables {
 public:
  explicit FeedTables(Connection& db) : db_(db) {}

  FeedHead head(const std::string& adcode);
  void append(const FeedEntry& entry);
  std::vector<FeedEntry> entries(const std::string& adcode, std::uint64_t from, std::size_t limit);
  std::vector<FeedEntry> open(const std::string& adcode);
  void set_published(const std::string& adcode, std::uint64_t upto);
  void trim(UtcTime before, std::size_t limit);

 private:
  Connection& db_;
};

class DeskTables {
 public:
  explicit DeskTables(Connection& db) : db_(db) {}

  void append_news(const NewsEntry& entry);
  std::vector<NewsEntry> news(std::uint64_t after, std::size_t limit);
  NewsRange news_range();
  void trim_news(UtcTime before, std::uint64_t upto, std::size_t limit);
  std::optional<CallRow> call(const std::string& alarm_id);
  void save_call(const CallRow& call);
  void remove_call(const std::string& alarm_id);
  std::vector<CallRow> calls_due(UtcTime now, std::size_t limit);
  std::optional<UtcTime> next_call();

 private:
  Connection& db_;
};

class NoticeTables {
 public:
  explicit NoticeTables(Connection& db) : db_(db) {}

  void add(const Notice& notice);
  std::vector<Notice> due(const std::string& target, UtcTime now, std::size_t limit);
  void save_attempt(std::uint64_t number, UtcTime due, int attempts, bool unclear);
  void remove(std::uint64_t number);
  std::map<std::string, std::uint64_t> waiting();
  std::uint64_t trim(UtcTime before, std::size_t limit);

 private:
  Connection& db_;
};

}  // namespace tocsin::cloud
