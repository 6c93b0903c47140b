#pragma once
// The reference of a drain: blobs read from SQLite, packed into frames, published with bare Paho, and
// committed by the sink in the cloud's table. No sessions, no priorities, no checks.

#include <filesystem>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "core/bytes/reader.h"

namespace tocsin::bench {

// A connection that throws std::runtime_error.
class BareDatabase {
 public:
  BareDatabase(const std::filesystem::path& file, const std::string& setup);
  ~BareDatabase();
  BareDatabase(const BareDatabase&) = delete;
  BareDatabase& operator=(const BareDatabase&) = delete;

  void run(const std::string& sql);
  void insert(std::int64_t seq, ByteView body);  // INSERT INTO data, in whatever transaction is open
  sqlite3* get() { return db_; }

 private:
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

// WAL, synced at each commit, and a table data(seq, body).
extern const char* const bare_setup;

// Seconds until the sink has committed every blob of `blocks`.
double bare_drain(const std::vector<Bytes>& blocks, const std::string& broker,
                  const std::filesystem::path& folder);

}  // namespace tocsin::bench
