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
  std::vector<Alarm> open_untold(AlarmClass cls);
  void save(const Alarm& alarm);
  std::vector<AlarmRow> list(const AlarmQuery& query);
  std::uint64_t open_count();

 private:
  std::vector<std::int64_t> open_numbers(std::int64_t before);  // newest first

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

}  // namespace tocsin::cloud
