// bench gateway: 1,000 registers over Modbus TCP, at 1 s and at 100 ms, through tocsin-gateway and
// tocsin-cloud: every value stored, sent and acknowledged. Beside it a bare loop that only reads and
// publishes.

#include <atomic>
#include <cstdio>
#include <fstream>
#include <set>
#include <stdexcept>
#include <thread>

#include <sqlite3.h>

#include "sync/wire/codec.h"
#include "tests/bench/benches.h"
#include "tests/bench/child.h"
#include "tests/bench/register_slave.h"
#include "tests/bench/subscriber.h"
#include "tests/support/mosquitto.h"

namespace tocsin::bench {
namespace {

using std::chrono::milliseconds;

constexpr int turns = 5;
constexpr double readings_of_warm_up = 3;  // periods, at least one second
constexpr double largest_ratio = 2, largest_resident = 24, largest_value = 3.9;

std::string point_name(int i) {
  char name[8];
  std::snprintf(name, sizeof name, "r%03d", i);
  return name;
}

void write_profile(const std::filesystem::path& profiles) {
  std::filesystem::create_directories(profiles / "bench");
  std::ofstream out(profiles / "bench/thousand.toml");
  out << "label = \"1,000 registers\"\nprotocol = \"modbus\"\nsource = \"this bench\"\n";
  for (int i = 0; i < RegisterSlave::registers; ++i)
    out << "[[point]]\nname = \"" << point_name(i) << "\"\nlabel = \"" << point_name(i)
        << "\"\nfrom = { table = \"input\", address = " << i << ", type = \"u16\" }\n"
        << (i == 0 ? "" : "scale = 0.1\n");
}

// Our gateway and cloud on a slave of their own, with somebody who counts the bytes of up/data.
struct Product {
  Product(const Options& options, milliseconds period, const std::filesystem::path& folder,
          const std::string& field, const std::string& city, int port)
      : listener(field, "bench-count", "tocsin/1/+/+/up/data",
                 [this](const std::string& topic, const std::string& payload, auto) {
                   wire_bytes += 11 + topic.size() +
                                 payload.size();  // the head of a PUBLISH, QoS 1, without properties
                 }) {
    write_profile(folder / "profiles");
    std::filesystem::create_directories(folder / "boards");
    std::ofstream(folder / "boards/generic-x86.toml")
        << "label = \"any\"\n";  // looked for beside the profiles
    std::ofstream(folder / "gateway.toml")
        << "gateway = { id = \"bench-b1\", board = \"generic-x86\" }\n"
        << "site = { adcode = \"110105\", community = \"bench\", building = \"b1\", lat = 39.99, lon = "
           "116.47 }\n"
        << "cloud = { brokers = [\"" << field << "\"] }\n"
        << "[bus.line]\ntype = \"modbus-tcp\"\nport = \"127.0.0.1:" << port << "\"\n"
        << "[device.plc]\nprofile = \"bench/thousand\"\nbus = \"line\"\naddress = 1\nperiod = \""
        << period.count() << "ms\"\n";
    std::ofstream(folder / "cloud.toml") << "field = { broker = \"" << field << "\" }\ncity = { broker = \""
                                         << city << "\" }\napi = { listen = \"127.0.0.1:" << test::free_port()
                                         << "\" }\nstore = { url = \"sqlite:\" }\n[community.bench]\nadcode "
                                            "= \"110105\"\ngateways = [\"bench-b1\"]\n";
    cloud =
        std::make_unique<Child>(std::vector<std::string>{options.programs / "tocsin-cloud", "run", "--config",
                                                         folder / "cloud.toml", "--state", folder / "cloud"},
                                folder / "cloud.log");
    gateway = std::make_unique<Child>(
        std::vector<std::string>{options.programs / "tocsin-gateway", "--config", folder / "gateway.toml",
                                 "--state", folder / "gateway", "--socket", folder / "control", "--profiles",
                                 folder / "profiles"},
        folder / "gateway.log");
  }

  std::atomic<std::uint64_t> wire_bytes = 0;
  BareClient listener;
  std::unique_ptr<Child> cloud, gateway;
};

struct Stored {
  std::uint64_t values = 0, bad = 0;
  std::uint64_t before_last = 0;  // values of all ticks but the last, which may be there in part
  std::multiset<std::int64_t> ticks;
};

// What the cloud has, read after it has ended.
Stored read_store(const std::filesystem::path& file) {
  sqlite3* db = nullptr;
  sqlite3_stmt* rows = nullptr;
  if (sqlite3_open(file.c_str(), &db) != SQLITE_OK ||
      sqlite3_prepare_v2(db, "SELECT body FROM record WHERE lane=3 ORDER BY seq", -1, &rows, nullptr) !=
          SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(db));
  Stored found;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const auto* body = static_cast<const std::uint8_t*>(sqlite3_column_blob(rows, 0));
    const auto block = wire::decode_block({body, static_cast<std::size_t>(sqlite3_column_bytes(rows, 0))});
    if (!block) throw std::runtime_error("a stored block cannot be read");
    for (const Reading& reading : *block) {
      if (reading.id.point == "r000") {  // the first of its tick
        found.before_last = found.values;
        found.ticks.insert(static_cast<std::int64_t>(as_number(reading.value).value_or(-1)));
      }
      ++found.values;
      if (reading.quality == Quality::bad) ++found.bad;
    }
  }
  sqlite3_finalize(rows);
  sqlite3_close(db);
  return found;
}

// Ticks that the slave served and the cloud lacks, or has twice.
double unseen(const Stored& stored, std::uint64_t served) {
  double wrong = 0;
  for (std::uint64_t tick = 1; tick <= served; ++tick)
    if (stored.ticks.count(static_cast<std::int64_t>(tick & 0xFFFF)) != 1) ++wrong;
  return wrong;
}

struct Measured {
  double cpu = 0, bare_cpu = 0, ratio = 0;  // seconds a second; of the bare loop; median of the turns
  double resident = 0;                      // MiB
  double bytes_per_value = 0, unseen = 0, missing = 0, bad = 0, polls = 0;
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

void sleep_for(milliseconds time) {
  std::this_thread::sleep_for(time);
}

Measured measure(const Options& options, milliseconds period, const std::filesystem::path& folder) {
  test::Mosquitto field("max_queued_messages 20000\nset_tcp_nodelay true\n"), city;
  RegisterSlave our_slave, bare_slave;
  Product product(options, period, folder, field.url(), city.url(), our_slave.port());
  Child bare({options.programs / "tocsin-bench-registers", std::to_string(bare_slave.port()), field.url(),
              std::to_string(period.count())},
             folder / "bare.log");
  sleep_for(std::max(milliseconds(2000), period * static_cast<int>(readings_of_warm_up)));
  const milliseconds turn = std::max(milliseconds(2000), period * 6);
  std::vector<double> mine, theirs, ratios;
  const std::uint64_t polls_before = our_slave.ticks();
  for (int i = 0; i < turns; ++i) {  // both run all the time: each turn saw the same machine
    const double our_start = product.gateway->cpu_seconds(), bare_start = bare.cpu_seconds();
    sleep_for(turn);
    if (!product.gateway->alive() || !product.cloud->alive() || !bare.alive())
      throw std::runtime_error("bench gateway: a program ended:\n" + text_of(folder / "gateway.log") +
                               text_of(folder / "cloud.log") + text_of(folder / "bare.log"));
    mine.push_back(product.gateway->cpu_seconds() - our_start);
    theirs.push_back(bare.cpu_seconds() - bare_start);
    ratios.push_back(mine.back() / theirs.back());
    std::fprintf(stderr, "gateway: %ld ms, turn %d: %.0f ms of processor, bare %.0f\n",
                 static_cast<long>(period.count()), i + 1, mine.back() * 1e3, theirs.back() * 1e3);
  }
  Measured found;
  found.polls = static_cast<double>(our_slave.ticks() - polls_before) /
                (std::chrono::duration<double>(turn).count() * turns);
  const double seconds = std::chrono::duration<double>(turn).count();
  found.cpu = median(mine) / seconds;
  found.bare_cpu = median(theirs) / seconds;
  found.ratio = median(ratios);
  found.resident = product.gateway->resident_mib();
  product.gateway.reset();  // in order: what it has read is stored
  const std::uint64_t served = our_slave.ticks();
  // What was stored but not yet sent goes when it comes back.
  sleep_for(milliseconds(500));
  product.cloud.reset();
  const Stored stored = read_store(folder / "cloud/cloud.db");
  const std::uint64_t complete =
      stored.ticks.empty() ? 0 : static_cast<std::uint64_t>(*stored.ticks.rbegin());
  found.unseen = unseen(stored, complete) +
                 (served - complete > 2000 / static_cast<std::uint64_t>(period.count()) + 2 ? 1 : 0);
  found.missing = static_cast<double>((complete - 1) * RegisterSlave::registers) -
                  static_cast<double>(stored.before_last);
  found.bad = static_cast<double>(stored.bad);
  found.bytes_per_value = static_cast<double>(product.wire_bytes) /
                          static_cast<double>(std::max<std::uint64_t>(1, stored.values));
  return found;
}

}  // namespace

std::vector<Finding> bench_gateway(const Options& options) {
  std::vector<Finding> found;
  for (const milliseconds period : {milliseconds(1000), milliseconds(100)}) {
    const test::TempDir folder;
    const Measured one = measure(options, period, folder.path());
    const std::string at = " at " + std::to_string(period.count()) + " ms";
    found.push_back(judged({"gateway", "processor time" + at, one.cpu * 1e3, "ms/s", one.bare_cpu * 1e3,
                            one.ratio, largest_ratio, true}));
    found.push_back(
        judged({"gateway", "resident" + at, one.resident, "MiB", {}, {}, largest_resident, true}));
    found.push_back(judged(
        {"gateway", "MQTT bytes per value" + at, one.bytes_per_value, "B", {}, {}, largest_value, true}));
    found.push_back(judged({"gateway", "ticks unseen" + at, one.unseen, "", {}, {}, 0, true}));
    found.push_back(judged({"gateway", "values missing" + at, std::abs(one.missing), "", {}, {}, 0, true}));
    found.push_back({"gateway", "polls of all registers" + at, one.polls, "1/s", {}, {}, {}, true});
  }
  return found;
}

}  // namespace tocsin::bench
