#include "tests/bench/bare_drain.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "tests/bench/subscriber.h"

namespace tocsin::bench {
namespace {

constexpr std::size_t largest_frame = 64 * 1024, window = 16;  // as our uplink (design section 7)

// A frame is: length (4 bytes), body, and so on.
void append(std::string& frame, const unsigned char* body, std::size_t size) {
  for (int shift = 0; shift < 32; shift += 8) frame.push_back(static_cast<char>(size >> shift));
  frame.append(reinterpret_cast<const char*>(body), size);
}

class Sink {
 public:
  explicit Sink(const std::filesystem::path& file)
      : database_(file,
                  std::string(bare_setup) + "CREATE TABLE mark(lane INTEGER PRIMARY KEY, upto INTEGER);") {}

  void take(const std::string& frame) {
    database_.run("BEGIN");
    for (std::size_t at = 0; at + 4 <= frame.size();) {
      std::size_t size = 0;
      for (int i = 3; i >= 0; --i)
        size = size << 8 | static_cast<unsigned char>(frame[at + static_cast<std::size_t>(i)]);
      const auto* body = reinterpret_cast<const std::uint8_t*>(frame.data()) + at + 4;
      database_.insert(static_cast<std::int64_t>(++records_), {body, size});
      at += 4 + size;
    }
    database_.run("INSERT OR REPLACE INTO mark VALUES(3," + std::to_string(records_) + ")");
    database_.run("COMMIT");
    const std::lock_guard lock(mutex_);
    ++frames_;
    wake_.notify_one();
  }

  // Waits until so many frames are committed.
  void wait_for(std::size_t frames) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_for(lock, std::chrono::minutes(2), [&] { return frames_ >= frames; }))
      throw std::runtime_error("the bare drain stands still");
  }

 private:
  BareDatabase database_;
  std::uint64_t records_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::size_t frames_ = 0;
};

}  // namespace

const char* const bare_setup =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
    "CREATE TABLE data(seq INTEGER PRIMARY KEY, body BLOB);";

BareDatabase::BareDatabase(const std::filesystem::path& file, const std::string& setup) {
  if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  run(setup);
  if (sqlite3_prepare_v2(db_, "INSERT INTO data VALUES(?,?)", -1, &insert_, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(db_));
}

BareDatabase::~BareDatabase() {
  sqlite3_finalize(insert_);
  sqlite3_close(db_);
}

void BareDatabase::run(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(db_));
}

void BareDatabase::insert(std::int64_t seq, ByteView body) {
  sqlite3_bind_int64(insert_, 1, seq);
  sqlite3_bind_blob(insert_, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
  if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
  sqlite3_reset(insert_);
}

double bare_drain(const std::vector<Bytes>& blocks, const std::string& broker,
                  const std::filesystem::path& folder) {
  BareDatabase source(folder / "source.db", bare_setup);
  source.run("BEGIN");
  for (std::size_t i = 0; i < blocks.size(); ++i) source.insert(static_cast<std::int64_t>(i) + 1, blocks[i]);
  source.run("COMMIT");
  Sink sink(folder / "sink.db");
  BareClient taker(broker, "bare-sink", "bare/data",
                   [&](const std::string&, const std::string& payload, auto) { sink.take(payload); });
  BareClient giver(broker, "bare-source", "", nullptr);

  const auto start = std::chrono::steady_clock::now();
  sqlite3_stmt* rows = nullptr;
  if (sqlite3_prepare_v2(source.get(), "SELECT body FROM data ORDER BY seq", -1, &rows, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(source.get()));
  std::size_t frames = 0;
  std::string frame;
  const auto send = [&] {
    if (frames >= window) sink.wait_for(frames - window + 1);
    giver.publish("bare/data", frame);
    ++frames;
    frame.clear();
  };
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(rows, 0));
    if (frame.size() + size > largest_frame) send();
    append(frame, static_cast<const unsigned char*>(sqlite3_column_blob(rows, 0)), size);
  }
  sqlite3_finalize(rows);
  if (!frame.empty()) send();
  sink.wait_for(frames);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace tocsin::bench
