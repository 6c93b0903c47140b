#include "cloud/store/sqlite_connection.h"

#include <sqlite3.h>

#include "cloud/store/migrations.h"

namespace tocsin::cloud {

Query& Query::bind(std::int64_t value) {
  statement_.bind(++bound_, value);
  return *this;
}

Query& Query::bind(const std::string& value) {
  statement_.bindNoCopy(++bound_, value);
  return *this;
}

Query& Query::bind(ByteView value) {
  // An empty span may hold no address, and SQLite would take that for NULL.
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  statement_.bindNoCopy(++bound_, data, static_cast<int>(value.size()));
  return *this;
}

Query& Query::bind_null() {
  statement_.bind(++bound_);
  return *this;
}

ByteView Query::bytes(int column) const {
  const SQLite::Column blob = statement_.getColumn(column);
  return {static_cast<const std::uint8_t*>(blob.getBlob()), static_cast<std::size_t>(blob.getBytes())};
}

Connection::Connection(const std::filesystem::path& file)
    : database_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 2000) {
  // EXCLUSIVE: a second process is refused, and the WAL needs no shared-memory file.
  exec("PRAGMA locking_mode=EXCLUSIVE");
  exec("PRAGMA journal_mode=WAL");
  exec("PRAGMA synchronous=FULL");
  exec("PRAGMA foreign_keys=ON");
  exec("PRAGMA trusted_schema=OFF");
  exec("PRAGMA journal_size_limit=16777216");
}

Query Connection::query(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) statement = std::make_unique<SQLite::Statement>(database_, sql);
  return Query(*statement);
}

Status Connection::migrate() {
  const auto version = static_cast<std::size_t>(database_.execAndGet("PRAGMA user_version").getInt());
  if (version > migrations.size())
    return fail(Fault::newer_version, "database version " + std::to_string(version) +
                                          ", this program knows " + std::to_string(migrations.size()));
  for (std::size_t step = version; step < migrations.size(); ++step) {
    SQLite::Transaction transaction(database_);
    exec(migrations[step]);
    exec("PRAGMA user_version=" + std::to_string(step + 1));
    transaction.commit();
  }
  return {};
}

Error to_error(const SQLite::Exception& e) {
  const Fault fault = e.getErrorCode() == SQLITE_FULL ? Fault::storage_full : Fault::storage;
  return fail(fault, e.what(), e.getExtendedErrorCode());
}

}  // namespace tocsin::cloud
