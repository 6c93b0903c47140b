#include "tests/bench/bare_chain.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <modbus/modbus.h>
#include <sqlite3.h>

#include "tests/bench/subscriber.h"

namespace tocsin::bench {
namespace {

// The sizes of an alarm record on the wire and of the city's alarm document.
constexpr std::size_t record_size = 200, document_size = 1000;

class Database {
 public:
  explicit Database(const std::string& file) {
    check(sqlite3_open(file.c_str(), &db_));
    check(sqlite3_exec(db_,
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
                       "CREATE TABLE record(seq INTEGER PRIMARY KEY, body BLOB)",
                       nullptr, nullptr, nullptr));
    check(sqlite3_prepare_v2(db_, "INSERT INTO record(body) VALUES(?)", -1, &insert_, nullptr));
  }
  ~Database() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void commit(const std::string& body) {  // a statement of its own is a transaction
    sqlite3_bind_blob(insert_, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
    if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_reset(insert_);
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

struct Poller {
  explicit Poller(int port) : link(modbus_new_tcp("127.0.0.1", port)) {
    if (modbus_connect(link) != 0) throw std::runtime_error("bare Modbus client: cannot connect");
  }
  ~Poller() {
    modbus_close(link);
    modbus_free(link);
  }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  std::uint16_t read(int unit) {
    std::uint16_t registers[2] = {};
    modbus_set_slave(link, unit);
    if (modbus_read_registers(link, 0, 2, registers) != 2)
      throw std::runtime_error("bare Modbus client: no answer");
    return registers[0];
  }
  modbus_t* link;
};

// "<detector> <1 active, 0 not>" and what makes up the size.
std::string message_of(std::size_t detector, bool active, std::size_t size) {
  std::string text = std::to_string(detector) + (active ? " 1 " : " 0 ");
  text.resize(size, '.');
  return text;
}

}  // namespace

struct BareChain::Impl {
  Impl(const BareSetup& given, Director& told);
  void poll_all();
  void poll(Poller& poller, std::size_t detector, int unit);

  BareSetup setup;
  Director& director;
  Database edge_db, cloud_db;
  BareClient city, city_feed, cloud, edge;
  std::vector<bool> alarming;
  std::atomic<bool> stopping = false;
  std::thread thread;
};

BareChain::Impl::Impl(const BareSetup& given, Director& told)
    : setup(given),
      director(told),
      edge_db(given.folder + "/bare-edge.db"),
      cloud_db(given.folder + "/bare-cloud.db"),
      city(given.city_url, "bare-city", "bare/city",
           [this](const std::string&, const std::string& payload, SteadyTime at) {
             std::size_t end = 0;
             const std::size_t detector = std::stoul(payload, &end);
             director.on_city(detector, payload.at(end + 1) == '1', at);
           }),
      city_feed(given.city_url, "bare-feed", "", nullptr),
      cloud(given.field_url, "bare-cloud", "bare/field",
            [this](const std::string&, const std::string& payload, SteadyTime at) {
              director.on_field(at);
              cloud_db.commit(payload);
              std::string document = payload;
              document.resize(document_size, '.');
              city_feed.publish("bare/city", document);
            }),
      edge(given.field_url, "bare-edge", "", nullptr),
      alarming(given.ports.size() * static_cast<std::size_t>(given.units_per_line)),
      thread([this] { poll_all(); }) {}

void BareChain::Impl::poll_all() {
  std::vector<std::unique_ptr<Poller>> pollers;
  for (const int port : setup.ports) pollers.push_back(std::make_unique<Poller>(port));
  const auto pause =
      std::chrono::duration_cast<std::chrono::nanoseconds>(setup.period) / static_cast<int>(alarming.size());
  auto next = std::chrono::steady_clock::now();
  for (std::size_t detector = 0; !stopping; detector = (detector + 1) % alarming.size()) {
    const auto units = static_cast<std::size_t>(setup.units_per_line);
    poll(*pollers[detector / units], detector, static_cast<int>(detector % units) + 1);
    next = std::max(next + pause, std::chrono::steady_clock::now());
    std::this_thread::sleep_until(next);
  }
}

void BareChain::Impl::poll(Poller& poller, std::size_t detector, int unit) {
  const bool high = poller.read(unit) >= 200;
  if (high == alarming[detector]) return;
  if ((poller.read(unit) >= 200) != high) return;  // the second read must agree
  alarming[detector] = high;
  const std::string record = message_of(detector, high, record_size);
  edge_db.commit(record);
  edge.publish("bare/field", record);
}

BareChain::BareChain(const BareSetup& setup, Director& director)
    : impl_(std::make_unique<Impl>(setup, director)) {}

BareChain::~BareChain() {
  impl_->stopping = true;
  impl_->thread.join();
}

}  // namespace tocsin::bench
