#include "sync/wire/orders.h"
#include "tests/unit/session/uplink_bench.h"

using namespace tocsin;
using namespace tocsin::session;
using namespace tocsin::session::test;

namespace {

Bytes order() {
  return wire::encode_signed({Bytes{1, 2, 3}, "key-1", Bytes(64, 7)});
}

}  // namespace

TEST_CASE("a term is kept, lower terms are ignored, a new term is answered by hello") {
  UplinkBench bench({}, 50);
  bench.store(Lane::alarm, 5);
  bench.connect();
  bench.resume({}, false, 49);
  CHECK(bench.session.status(bench.now).rejected == 1);
  CHECK_FALSE(bench.session.status(bench.now).resumed);
  bench.resume({}, false, 60);
  REQUIRE(bench.find<StoreTerm>());
  CHECK(bench.find<StoreTerm>()->term == 60);
  CHECK(bench.session.status(bench.now).resumed);
  bench.puback_all();
  bench.pull("up/hello");
  bench.pull("up/alarm");
  bench.others.clear();

  bench.ack(Lane::alarm, 5, 59);
  CHECK_FALSE(bench.find<MarkAcked>());

  SUBCASE("by an unasked resume") {
    bench.resume({{Lane::alarm, 5}}, false, 61, 0);
  }
  SUBCASE("by an ack") {
    bench.ack(Lane::alarm, 5, 61);
  }
  CHECK(bench.find<StoreTerm>()->term == 61);
  CHECK(bench.pull("up/hello").size() == 1);
  CHECK_FALSE(bench.session.status(bench.now).resumed);
  CHECK_FALSE(bench.find<MarkAcked>());
  bench.resume({{Lane::alarm, 5}}, false, 61);
  CHECK(bench.find<MarkAcked>()->upto == 5);
}

TEST_CASE("an ack of another epoch is refused") {
  UplinkBench bench;
  bench.store(Lane::alarm, 5);
  bench.connect();
  bench.resume({});
  bench.down("down/ack", encode(AckMessage{term, epoch + 1, Lane::alarm, 5}));
  CHECK_FALSE(bench.find<MarkAcked>());
  CHECK(bench.session.status(bench.now).rejected == 1);
}

TEST_CASE("a resume that answers another hello is answered by hello, once a second at most") {
  UplinkBench bench;
  bench.connect();
  bench.resume({});
  bench.puback_all();
  bench.pull("up/hello");
  bench.resume({}, false, term, nonce - 1);
  CHECK(bench.pull("up/hello").empty());
  bench.after(1s);
  bench.resume({}, false, term, nonce - 1);
  CHECK(bench.pull("up/hello").size() == 1);
}

TEST_CASE("a request to resend goes back at once") {
  UplinkBench bench;
  bench.store(Lane::alarm, 5);
  bench.connect();
  bench.resume({});
  bench.puback_all();
  bench.pull("up/alarm");
  bench.resume({{Lane::alarm, 2}});
  const auto frames = bench.frames("up/alarm");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].records.front().seq == 3);
  CHECK(bench.find<MarkAcked>()->upto == 2);
  bench.resume({{Lane::alarm, 1}});  // an old copy of a request
  CHECK(bench.frames("up/alarm").empty());
}

TEST_CASE("a watermark goes back only when the cloud says that it was restored") {
  UplinkBench bench;
  bench.acked[Lane::alarm] = 5;
  bench.store(Lane::alarm, 5);
  bench.connect();
  SUBCASE("restored: unmarked, and sent again") {
    bench.resume({{Lane::alarm, 2}}, true);
    REQUIRE(bench.find<UnmarkAcked>());
    CHECK(bench.find<UnmarkAcked>()->lane == Lane::alarm);
    CHECK(bench.find<UnmarkAcked>()->upto == 2);
  }
  SUBCASE("not restored: nothing is unmarked, yet sent again, for a repeat is harmless and a loss is not") {
    bench.resume({{Lane::alarm, 2}}, false);
    CHECK_FALSE(bench.find<UnmarkAcked>());
    CHECK(bench.session.status(bench.now).last_problem.find("lacks records") != std::string::npos);
  }
  const auto frames = bench.frames("up/alarm");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].records.front().seq == 3);
}

TEST_CASE("a database that went back in time still delivers what it holds unacknowledged") {
  UplinkBench bench;
  bench.acked[Lane::alarm] = 1;
  bench.store(Lane::alarm, 2);
  bench.connect();
  bench.resume({{Lane::alarm, 10}});
  CHECK_FALSE(bench.find<MarkAcked>());
  CHECK(bench.session.status(bench.now).last_problem.find("lost") != std::string::npos);
  const auto frames = bench.frames("up/alarm");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].records.front().seq == 2);
  bench.ack(Lane::alarm, 10);
  CHECK(bench.find<MarkAcked>()->upto == 2);
}

TEST_CASE("while nobody listens a lane waits for its resend, and a resume starts it at once") {
  UplinkBench bench;
  bench.connect();
  bench.resume({});
  bench.puback_all();
  bench.store(Lane::alarm, 1);
  bench.puback(*bench.outstanding.begin(), 0x10);
  bench.frames("up/alarm");
  bench.store(Lane::alarm, 1);
  CHECK(bench.frames("up/alarm").empty());
  SUBCASE("its resend") {
    bench.after(5100ms);
  }
  SUBCASE("a resume") {
    bench.resume({{Lane::alarm, 0}});
  }
  const auto frames = bench.frames("up/alarm");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].records.size() == 2);
}

TEST_CASE("orders come with their exact bytes; retained, malformed and foreign ones never") {
  UplinkBench bench;
  bench.connect();
  bench.down("down/command", order(), true);
  bench.down("down/command", Bytes{1, 2, 3});
  bench.down("down/desired", order(), true);
  bench.take(bench.session.on_message(wire::gateway_topic(community, "gw2", "down/command"), order(), false,
                                      bench.now));
  bench.take(bench.session.on_message(wire::gateway_topic("elsewhere", "gw1", "down/command"), order(), false,
                                      bench.now));
  bench.down("down/unknown", order());
  bench.down("down/resume", Bytes(70000, 1));
  CHECK_FALSE(bench.find<DeliverCommand>());
  CHECK_FALSE(bench.find<DeliverDesired>());
  CHECK(bench.session.status(bench.now).rejected == 7);
  REQUIRE(bench.find<RefuseOrder>());  // for the audit
  CHECK(bench.find<RefuseOrder>()->flaw == OrderFlaw::retained);
  bench.down("down/command", order());
  REQUIRE(bench.find<DeliverCommand>());
  CHECK(bench.find<DeliverCommand>()->signed_bytes == order());
  bench.down("down/desired", order());
  CHECK(bench.find<DeliverDesired>());
}

TEST_CASE("an order of more than 64 KiB is refused, and only its beginning kept for the audit") {
  UplinkBench bench;
  bench.connect();
  bench.down("down/command", Bytes(70000, 1));
  REQUIRE(bench.find<RefuseOrder>());
  CHECK(bench.find<RefuseOrder>()->flaw == OrderFlaw::oversize);
  CHECK(bench.find<RefuseOrder>()->bytes.size() == 64 * 1024);
}

TEST_CASE("a renewed session says hello with its nonce and waits for the resume that echoes it") {
  UplinkBench bench;
  bench.connect();
  bench.resume({});
  bench.pull("up/hello");
  bench.puback_all();
  bench.take(bench.session.renew_session(77, bench.now));
  const auto hellos = bench.pull("up/hello");
  REQUIRE(hellos.size() == 1);
  CHECK(decode_hello(hellos[0].payload)->session_nonce == 77);
  CHECK_FALSE(bench.session.status(bench.now).resumed);
  bench.resume({});
  CHECK_FALSE(bench.session.status(bench.now).resumed);
  bench.resume({}, false, term, 77);
  CHECK(bench.session.status(bench.now).resumed);
}

TEST_CASE("noise from the cloud's side is counted and changes nothing") {
  UplinkBench bench;
  bench.store(Lane::alarm, 2);
  bench.connect();
  bench.resume({});
  bench.pull("up/alarm");
  bench.others.clear();
  for (const char* topic : {"down/resume", "down/ack"})
    for (int i = 0; i < 200; ++i) {
      Bytes noise(static_cast<std::size_t>(i % 40));
      std::uint32_t x = static_cast<std::uint32_t>(i * 7919 + 1);
      for (std::uint8_t& byte : noise)
        byte = static_cast<std::uint8_t>((x = x * 1664525u + 1013904223u) >> 24);
      bench.down(topic, noise);
    }
  CHECK_FALSE(bench.find<UnmarkAcked>());
  CHECK_FALSE(bench.find<MarkAcked>());
  CHECK(bench.session.status(bench.now).rejected > 100);
}
