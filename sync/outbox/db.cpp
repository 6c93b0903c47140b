#include "sync/outbox/db.h"

#include <sqlite3.h>

namespace tocsin::outbox {
namespace {

constexpr int progress_steps = 4000;  // virtual machine steps between two looks at the clock

Error error_of(sqlite3* db) {
  return to_error(sqlite3_extended_errcode(db), sqlite3_errmsg(db));
}

// Called by SQLite after each commit.
int note_wal_pages(void* pages, sqlite3* /*db*/, const char* /*schema*/, int in_wal) {
  *static_cast<int*>(pages) = in_wal;
  return SQLITE_OK;
}

}  // namespace

Error to_error(int extended_code, const std::string& message) {
  const Fault fault = (extended_code & 0xFF) == SQLITE_FULL ? Fault::storage_full : Fault::storage;
  return fail(fault, message, extended_code);
}

bool is_damage(const Error& error) {
  switch (error.code) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_DATA:
    case SQLITE_IOERR_CORRUPTFS: return true;
    default: return (error.code & 0xFF) == SQLITE_CORRUPT || (error.code & 0xFF) == SQLITE_NOTADB;
  }
}

bool is_interrupted(const Error& error) {
  return (error.code & 0xFF) == SQLITE_INTERRUPT;
}

bool is_io_error(const Error& error) {
  return (error.code & 0xFF) == SQLITE_IOERR;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::check_bind(int code) {
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

Statement& Statement::bind(std::int64_t value) {
  check_bind(sqlite3_bind_int64(statement_.get(), ++bound_, value));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  check_bind(
      sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(ByteView bytes) {
  // A null pointer would be stored as NULL; an empty body is a value.
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  check_bind(sqlite3_bind_blob64(statement_.get(), ++bound_, data, bytes.size(), SQLITE_STATIC));
  return *this;
}

Result<bool> Statement::next_row() {
  sqlite3* db = sqlite3_db_handle(statement_.get());
  if (bind_code_ != SQLITE_OK) {
    const Error error = to_error(bind_code_, sqlite3_errstr(bind_code_));
    reset();
    return error;
  }
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  const Error error = error_of(db);
  reset();
  return error;
}

Status Statement::run() {
  for (;;) {
    const Result<bool> row = next_row();
    if (!row) return row.error();
    if (!*row) return {};
  }
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
  bind_code_ = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const ByteView view = bytes(column);
  return {view.begin(), view.end()};
}

ByteView Statement::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? ByteView{} : ByteView(data, static_cast<std::size_t>(size));
}

void Db::Close::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

Result<Db> Db::open(const std::filesystem::path& file, const std::string& vfs) {
  sqlite3* raw = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, vfs.empty() ? nullptr : vfs.c_str());
  Db db(raw);
  if (raw == nullptr) return to_error(code, sqlite3_errstr(code));
  sqlite3_extended_result_codes(raw, 1);
  if (code != SQLITE_OK) return error_of(raw);
  // The WAL is checkpointed by us, where a failure is seen, and never by the way while closing.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  const Status set = db.run(
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=OFF; PRAGMA trusted_schema=OFF; PRAGMA "
      "mmap_size=0;"
      "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0;");
  if (!set) return set.error();
  sqlite3_wal_hook(raw, note_wal_pages, db.wal_pages_.get());  // after the pragma, which would take it away
  return db;
}

Status Db::run(const std::string& sql) {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return error_of(db_.get());
}

Result<Statement> Db::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error_of(db_.get());
  return Statement(statement);
}

Result<Statement*> Db::cached(const std::string& sql) {
  const auto known = cache_.find(sql);
  if (known != cache_.end()) {
    known->second.reset();
    return &known->second;
  }
  Result<Statement> statement = prepare(sql);
  if (!statement) return statement.error();
  return &cache_.emplace(sql, std::move(*statement)).first->second;
}

Result<std::int64_t> Db::integer(std::string_view sql) {
  Result<Statement*> query = cached(std::string(sql));
  if (!query) return query.error();
  const Result<bool> row = (*query)->next_row();
  if (!row) return row.error();
  const std::int64_t value = *row ? (*query)->integer(0) : 0;
  (*query)->reset();
  return value;
}

std::int64_t Db::changes() const {
  return sqlite3_changes64(db_.get());
}

Status Db::checkpoint(bool truncate) {
  int in_log = 0;
  int moved = 0;
  const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  if (sqlite3_wal_checkpoint_v2(db_.get(), nullptr, mode, &in_log, &moved) != SQLITE_OK)
    return error_of(db_.get());
  if (moved < in_log) return fail(Fault::storage, "checkpoint is incomplete", SQLITE_BUSY);
  *wal_pages_ = 0;
  return {};
}

void Db::limit_time(std::optional<std::chrono::steady_clock::time_point> deadline) {
  if (!deadline) {
    sqlite3_progress_handler(db_.get(), 0, nullptr, nullptr);
    return;
  }
  deadline_ = std::make_unique<std::chrono::steady_clock::time_point>(*deadline);
  const auto expired = [](void* at) {
    return std::chrono::steady_clock::now() >= *static_cast<std::chrono::steady_clock::time_point*>(at) ? 1
                                                                                                        : 0;
  };
  sqlite3_progress_handler(db_.get(), progress_steps, expired, deadline_.get());
}

Transaction::~Transaction() {
  if (open_) static_cast<void>(db_.run("ROLLBACK"));
}

Status Transaction::begin() {
  Status begun = db_.run("BEGIN IMMEDIATE");
  open_ = begun.has_value();
  return begun;
}

Status Transaction::commit() {
  Status committed = db_.run("COMMIT");
  if (committed) open_ = false;
  return committed;
}

}  // namespace tocsin::outbox
