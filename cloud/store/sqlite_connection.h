#pragma once
// One SQLite connection with its statements prepared once. Throws SQLite::Exception; sqlite_store.cpp
// translates.

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::cloud {

// A statement at its start, for one use: it is reset when it leaves the scope.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Binds the next parameter. Text and bytes must live until the query ends.
  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(bool value) { return bind(std::int64_t{value ? 1 : 0}); }
  Query& bind(UtcTime value) { return bind(std::int64_t{value.time_since_epoch().count()}); }
  Query& bind(const std::string& value);
  Query& bind(const char* value) = delete;
  Query& bind(ByteView value);
  Query& bind_null();

  bool step() { return statement_.executeStep(); }
  int run() { return statement_.exec(); }  // rows changed

  std::int64_t integer(int column) const { return statement_.getColumn(column).getInt64(); }
  std::uint64_t u64(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  UtcTime time(int column) const { return UtcTime{std::chrono::milliseconds{integer(column)}}; }
  std::string text(int column) const { return statement_.getColumn(column).getString(); }
  ByteView bytes(int column) const;  // valid until the next step
  bool is_null(int column) const { return statement_.isColumnNull(column); }

 private:
  SQLite::Statement& statement_;
  int bound_ = 0;
};

class Connection {
 public:
  explicit Connection(const std::filesystem::path& file);

  Query query(const char* sql);  // `sql` is a literal: its address is the key of the prepared statement
  void exec(const std::string& sql) { database_.exec(sql); }
  Status migrate();

 private:
  SQLite::Database database_;
  std::map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

Error to_error(const SQLite::Exception& e);

}  // namespace tocsin::cloud
