#pragma once
// One SQLite connection and its prepared statements, with every result code checked. Not thread-safe: the
// connection belongs to one thread at a time, and it is the only one that writes and checkpoints its file
// (SQLite before 3.51.3 may corrupt a WAL that two connections reset).

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes/reader.h"
#include "core/result/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tocsin::outbox {

// SQLITE_FULL is storage_full, everything else storage; Error::code is SQLite's extended result code.
Error to_error(int extended_code, const std::string& message);
bool is_damage(const Error& error);       // the content of the file is wrong or unreadable
bool is_interrupted(const Error& error);  // by Db::limit_time
bool is_io_error(const Error& error);     // SQLITE_IOERR: what was written may or may not be on the disk

class Statement {
 public:
  Statement() = default;

  // Binds the next parameter. Text and bytes must live until the statement is reset.
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind(ByteView bytes);

  Result<bool> next_row();  // false at the end; the statement is reset then
  Status run();             // to the end, for statements without rows
  void reset();             // before the end of the rows was reached

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  ByteView bytes(int column) const;  // valid until the next step

 private:
  friend class Db;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  void check_bind(int code);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
  int bind_code_ = 0;  // the first failed bind; reported by the step
};

class Db {
 public:
  // `vfs` empty: the system's. The file is locked for this process alone, so it needs no shared-memory file;
  // a second process gets Fault::storage. Nothing is written before the first statement that changes
  // something.
  static Result<Db> open(const std::filesystem::path& file, const std::string& vfs);

  Status run(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  Result<Statement*> cached(
      const std::string& sql);  // prepared once, kept with the connection, ready to be bound
  Result<std::int64_t> integer(
      std::string_view sql);  // first column of the first row; 0 when there is no row
  std::int64_t changes() const;

  // All frames of the WAL go into the file and both are synced. `truncate` also empties the WAL file.
  Status checkpoint(bool truncate = false);
  // Pages that the WAL holds and no checkpoint has moved. Its file is no measure: it is overwritten, never
  // shrunk.
  int pages_to_move() const { return *wal_pages_; }
  // Statements that run past the deadline end with SQLITE_INTERRUPT; nothing: no limit.
  void limit_time(std::optional<std::chrono::steady_clock::time_point> deadline);

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  explicit Db(sqlite3* db) : db_(db) {}

  std::unique_ptr<int> wal_pages_ = std::make_unique<int>(0);  // at a fixed address, as deadline_
  std::unique_ptr<std::chrono::steady_clock::time_point>
      deadline_;  // at a fixed address: SQLite keeps a pointer to it
  std::unique_ptr<sqlite3, Close> db_;
  std::map<std::string, Statement> cache_;
};

// BEGIN IMMEDIATE; rolls back when it is destroyed without commit().
class Transaction {
 public:
  explicit Transaction(Db& db) : db_(db) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Status begin();
  Status commit();

 private:
  Db& db_;
  bool open_ = false;
};

}  // namespace tocsin::outbox
