#include "tests/unit/session/uplink_bench.h"

using namespace tocsin;
using namespace tocsin::session;
using namespace tocsin::session::test;

namespace {

// Times between now and the next Connect.
std::optional<Duration> wait_for_connect(UplinkBench& bench) {
  bench.others.clear();
  const MonoTime start = bench.now;
  for (int i = 0; i < 10 && !bench.find<Connect>(); ++i) {
    const auto due = bench.session.next_due();
    if (!due) return std::nullopt;
    bench.now = std::max(bench.now, *due);
    bench.tick();
  }
  if (!bench.find<Connect>()) return std::nullopt;
  return bench.now - start;
}

const Error gone = fail(Fault::disconnected, "connection lost");

}  // namespace

TEST_CASE("the first connect comes within a second, with the gateway's id and its down topics") {
  UplinkBench bench;
  bench.take(bench.session.on_start(bench.now));
  bench.after(1s);
  const auto connect = bench.find<Connect>();
  REQUIRE(connect);
  CHECK(connect->client_id == "gw1");
  CHECK(connect->subscribe == std::vector<std::string>{wire::gateway_topic(community, "gw1", "down/+")});
}

TEST_CASE("failed connects wait longer, up to a minute; a success starts again within a second") {
  UplinkBench bench;
  bench.take(bench.session.on_start(bench.now));
  Duration longest{}, sum{};
  for (int i = 0; i < 40; ++i) {
    const auto wait = wait_for_connect(bench);
    REQUIRE(wait);
    CHECK(*wait <= 60s);
    longest = std::max(longest, *wait);
    sum += *wait;
    bench.take(bench.session.on_down(gone, bench.now));
  }
  CHECK(longest > 20s);
  CHECK(sum > 200s);
  REQUIRE(wait_for_connect(bench));
  bench.take(bench.session.on_connected(65535, nonce, bench.now));
  for (int i = 0; i < 5; ++i) {
    bench.take(bench.session.on_down(gone, bench.now));
    const auto wait = wait_for_connect(bench);
    REQUIRE(wait);
    CHECK(*wait <= 1s);
    bench.take(bench.session.on_connected(65535, nonce, bench.now));
  }
}

TEST_CASE("a port that never answers is given up after a minute") {
  UplinkBench bench;
  bench.take(bench.session.on_start(bench.now));
  bench.after(2s);
  REQUIRE(bench.find<Connect>());
  bench.others.clear();
  bench.after(58s);
  CHECK_FALSE(bench.find<Disconnect>());
  bench.after(10s);
  CHECK(bench.find<Disconnect>());
}

TEST_CASE("hello says who speaks and is repeated at 1, 2, 5 .. 30 s until resume") {
  UplinkBench bench;
  bench.store(Lane::alarm, 3);
  bench.session.set_open_alarms(
      {{"gw1-00000000000000e1-1", "smoke-1", "smoke", "smoke", "fire", "prealarm"}});
  bench.session.set_desired_version(9);
  bench.connect();
  std::vector<Duration> times;
  const MonoTime start = bench.now;
  for (int i = 0; i < 1200; ++i) {
    if (!bench.pull("up/hello").empty()) times.push_back(bench.now - start);
    bench.puback_all();
    bench.after(100ms);
  }
  const std::vector<Duration> wanted{0s, 1s, 3s, 8s, 18s, 38s, 68s, 98s};
  REQUIRE(times.size() >= wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(times[i] - wanted[i] <= 100ms);

  bench.after(30s);
  const auto hellos = bench.pull("up/hello");
  REQUIRE_FALSE(hellos.empty());
  const auto hello = decode_hello(hellos[0].payload);
  REQUIRE(hello.has_value());
  CHECK(hello->epoch == epoch);
  CHECK(hello->db_nonce == 0xDB);
  CHECK(hello->session_nonce == nonce);
  CHECK(hello->lanes.at(Lane::alarm).head == 3);
  CHECK(hello->active.size() == 1);
  CHECK(hello->active_complete);
  CHECK(hello->desired_version == 9);

  bench.puback_all();
  bench.resume({});
  bench.after(0s);
  bench.puback_all();
  for (int i = 0; i < 60; ++i) {
    bench.after(1s);
    bench.puback_all();
  }
  CHECK(bench.pull("up/hello").empty());
}

TEST_CASE("a hello of very many open alarms still fits a frame and says that it is cut") {
  UplinkBench bench;
  std::vector<OpenAlarm> open;
  for (int i = 0; i < 5000; ++i)
    open.push_back(
        {"gw1-00000000000000e1-" + std::to_string(i), "smoke", "smoke", "smoke", "fire", "prealarm"});
  bench.session.set_open_alarms(open);
  bench.connect();
  const auto hellos = bench.pull("up/hello");
  REQUIRE(hellos.size() == 1);
  CHECK(hellos[0].payload.size() < 64 * 1024);
  const auto hello = decode_hello(hellos[0].payload);
  REQUIRE(hello.has_value());
  CHECK_FALSE(hello->active_complete);
}

TEST_CASE("nothing of a lane is sent before resume") {
  UplinkBench bench;
  bench.store(Lane::alarm, 3);
  bench.connect();
  bench.puback_all();
  bench.after(5s);
  CHECK(bench.pull("up/alarm").empty());
  bench.resume({});
  CHECK(bench.pull("up/alarm").size() == 1);
}

TEST_CASE("alive comes every 20 s with both clocks") {
  UplinkBench bench;
  bench.connect();
  bench.resume({});
  bench.puback_all();
  int seen = 0;
  for (int i = 0; i < 61; ++i) {
    bench.after(1s);
    for (const Publish& one : bench.pull("up/alive")) {
      const auto alive = decode_alive(one.payload);
      REQUIRE(alive.has_value());
      CHECK(alive->mono <= bench.now);
      CHECK(alive->utc == bench.wall);
      CHECK(alive->clock_quality == 2);
      ++seen;
    }
    bench.puback_all();
  }
  CHECK(seen == 3);
}

TEST_CASE("the link is cut only when the broker is silent for 15 s with a publish outstanding") {
  UplinkBench bench;
  bench.connect();
  bench.resume({});
  bench.puback_all();
  bench.others.clear();
  SUBCASE("no PUBACK, nothing heard: cut, and connected again within a second") {
    bench.store(Lane::alarm, 1);
    bench.after(14900ms);
    CHECK_FALSE(bench.find<Disconnect>());
    bench.after(200ms);
    REQUIRE(bench.find<Disconnect>());
    bench.after(1s);
    CHECK(bench.find<Connect>());
  }
  SUBCASE("anything heard from the broker keeps the link") {
    bench.store(Lane::alarm, 1);
    for (int i = 0; i < 20; ++i) {
      bench.after(10s);
      bench.down("down/ack", {});
    }
    CHECK_FALSE(bench.find<Disconnect>());
  }
  SUBCASE("a cloud that never acknowledges does not cut the link") {
    bench.store(Lane::alarm, 1);
    for (int i = 0; i < 300; ++i) {
      bench.puback_all();
      bench.after(1s);
    }
    CHECK_FALSE(bench.find<Disconnect>());
  }
}

TEST_CASE("PUBACK reasons are shown: nobody listens, and a refusal that is a configuration problem") {
  UplinkBench bench;
  bench.connect();
  bench.puback(*bench.outstanding.begin(), 0x10);
  CHECK(bench.session.status(bench.now).last_problem == "cloud not listening");
  bench.after(1s);
  bench.puback(*bench.outstanding.begin(), 0x87);
  CHECK(bench.session.status(bench.now).last_problem.find("135") != std::string::npos);
  bench.resume({});
  CHECK(bench.session.status(bench.now).last_problem.empty());
}

TEST_CASE("events of an earlier connection change nothing") {
  UplinkBench bench;
  bench.store(Lane::alarm, 5);
  bench.connect();
  bench.resume({});
  const auto frame = bench.pull("up/alarm");
  REQUIRE(frame.size() == 1);
  bench.take(bench.session.on_down(gone, bench.now));
  bench.outstanding.clear();
  bench.puback(frame[0].token);
  CHECK_FALSE(bench.session.status(bench.now).connected);
  bench.resume({{Lane::alarm, 5}});
  CHECK_FALSE(bench.find<MarkAcked>());
}
