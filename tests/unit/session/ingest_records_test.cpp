#include "tests/unit/session/ingest_bench.h"

using namespace tocsin;
using namespace tocsin::session;
using namespace tocsin::session::test;

TEST_CASE("records are stored with their times, and acknowledged after the commit only") {
  IngestBench bench;
  bench.greet();
  bench.batch(Lane::alarm, 1, 3);
  const auto stores = bench.all<StoreRecords>();
  REQUIRE(stores.size() == 1);
  CHECK(stores[0].epoch == first_epoch);
  CHECK(stores[0].lane == Lane::alarm);
  CHECK(stores[0].upto == 3);
  CHECK(stores[0].gap_from == 0);
  REQUIRE(stores[0].records.size() == 3);
  CHECK(stores[0].records[2].seq == 3);
  CHECK(stores[0].records[2].body == Bytes{3});
  CHECK(stores[0].records[2].stored == bench.wall);
  CHECK(stores[0].records[2].sent == bench.wall);
  CHECK(bench.acks().empty());
  bench.commit_all();
  REQUIRE(bench.acks().size() == 1);
  CHECK(bench.acks()[0].upto == 3);
  CHECK(bench.acks()[0].term == 77);
  CHECK(bench.session.state().watermarks.at(first_epoch).at(Lane::alarm) == 3);
}

TEST_CASE("one commit at a time per lane, in order; the other lanes do not wait") {
  IngestBench bench;
  bench.greet();
  bench.batch(Lane::alarm, 1, 2);
  bench.batch(Lane::alarm, 3, 4);
  CHECK(bench.all<StoreRecords>().size() == 1);
  bench.batch(Lane::data, 1, 1);
  REQUIRE(bench.all<StoreRecords>().size() == 2);
  bench.commit_all();
  const auto stores = bench.all<StoreRecords>();
  REQUIRE(stores.size() == 3);
  CHECK(stores[2].lane == Lane::alarm);
  CHECK(stores[2].records.front().seq == 3);
}

TEST_CASE("a failed commit is not acknowledged, nor is what waits behind it") {
  IngestBench bench;
  bench.greet();
  bench.batch(Lane::alarm, 1, 2);
  bench.batch(Lane::alarm, 3, 4);
  bench.take(bench.session.on_failed(bench.all<StoreRecords>()[0].ticket, bench.now));
  CHECK(bench.acks().empty());
  CHECK(bench.all<StoreRecords>().size() == 1);
  bench.batch(Lane::alarm, 1, 4);
  bench.commit_all();
  REQUIRE(bench.acks().size() == 1);
  CHECK(bench.acks()[0].upto == 4);
}

TEST_CASE("`after` beyond the watermark books a gap, and the lane goes on") {
  IngestBench bench;
  bench.greet();
  bench.batch(Lane::data, 21, 22, 20);
  const auto stores = bench.all<StoreRecords>();
  REQUIRE(stores.size() == 1);
  CHECK(stores[0].gap_from == 1);
  CHECK(stores[0].gap_to == 20);
  CHECK_FALSE(stores[0].gap_cause.empty());
  CHECK(stores[0].records.size() == 2);
  CHECK(stores[0].upto == 22);
  bench.commit_all();
  CHECK(bench.acks()[0].upto == 22);
}

TEST_CASE("a gap carries the cause that the gateway reported") {
  IngestBench bench;
  bench.greet();
  const std::vector<Record> events{
      {1, wire::encode_event(wire::EvictionReport{Lane::data, 1, 20, 20, "quota"}, {}), bench.wall}};
  bench.up("up/event", wire::encode_frame(first_epoch, Lane::event, 0, events, bench.wall));
  bench.batch(Lane::data, 21, 21, 20);
  CHECK(bench.all<StoreRecords>().back().gap_cause == "given up at the gateway: quota");
}

TEST_CASE(
    "a lost frame is not a gap: nothing is acknowledged, and the gateway is asked at once, once a second") {
  IngestBench bench;
  bench.greet();
  bench.batch(Lane::alarm, 1, 2);
  bench.commit_all();
  bench.actions.clear();
  bench.batch(Lane::alarm, 5, 6, 0);
  CHECK(bench.all<StoreRecords>().empty());
  CHECK(bench.acks().empty());
  REQUIRE(bench.resumes().size() == 1);
  CHECK(bench.resumes()[0].watermarks == std::map<Lane, std::uint64_t>{{Lane::alarm, 2}});
  CHECK(bench.resumes()[0].session_nonce == 5);
  bench.batch(Lane::alarm, 7, 8, 0);
  CHECK(bench.resumes().size() == 1);
  bench.now += 1s;
  bench.batch(Lane::alarm, 9, 9, 0);
  CHECK(bench.resumes().size() == 2);
  bench.batch(Lane::alarm, 3, 9, 0);
  bench.commit_all();
  CHECK(bench.acks().back().upto == 9);
  CHECK(bench.session.rejected().at("lost-frame") == 3);
}

TEST_CASE("a gap with a lost frame behind it books the gap and asks for the frame") {
  IngestBench bench;
  bench.greet();
  bench.batch(Lane::event, 15, 16, 10);
  const auto stores = bench.all<StoreRecords>();
  REQUIRE(stores.size() == 1);
  CHECK(stores[0].gap_to == 10);
  CHECK(stores[0].records.empty());
  CHECK(stores[0].upto == 10);
  bench.commit_all();
  CHECK(bench.acks().back().upto == 10);
  bench.batch(Lane::event, 15, 16, 10);
  CHECK(bench.resumes().size() == 1);
}

TEST_CASE("repeats are acknowledged again; of alarms and events the store compares the bodies") {
  IngestBench bench;
  bench.greet();
  for (const Lane lane : {Lane::alarm, Lane::data}) {
    bench.batch(lane, 1, 5);
    bench.commit_all();
    bench.actions.clear();
    bench.batch(lane, 2, 4);
    CHECK(bench.all<StoreRecords>().size() == (lane == Lane::alarm ? 1 : 0));
    bench.commit_all();
    REQUIRE(bench.acks().size() == 1);
    CHECK(bench.acks()[0].upto == 5);
    CHECK(bench.session.state().watermarks.at(first_epoch).at(lane) == 5);
    bench.actions.clear();
  }
  bench.batch(Lane::data, 4, 7);
  REQUIRE(bench.all<StoreRecords>().size() == 1);
  CHECK(bench.all<StoreRecords>()[0].records.front().seq == 6);
}

TEST_CASE("a slow store bounds what waits: the newest frames are dropped, and asked for later") {
  IngestBench bench;
  bench.greet();
  for (std::uint64_t i = 0; i < 100; ++i) bench.batch(Lane::alarm, i + 1, i + 1);
  CHECK(bench.session.rejected().at("queue-full") == 67);
  bench.commit_all();
  CHECK(bench.acks().back().upto == 33);
  bench.batch(Lane::alarm, 101, 101);
  CHECK(bench.resumes().size() == 1);
}

TEST_CASE("up/now is applied once, and not when its record is there already") {
  IngestBench bench;
  bench.greet();
  const Bytes now = encode(NowMessage{first_epoch, 9, Bytes{7}});
  bench.up("up/now", now);
  bench.up("up/now", now);
  REQUIRE(bench.all<ApplyNow>().size() == 1);
  CHECK(bench.all<ApplyNow>()[0].seq == 9);
  CHECK(bench.all<ApplyNow>()[0].body == Bytes{7});
  bench.batch(Lane::alarm, 1, 12);
  bench.commit_all();
  bench.up("up/now", encode(NowMessage{first_epoch, 10, Bytes{7}}));
  CHECK(bench.all<ApplyNow>().size() == 1);
}

TEST_CASE("what makes no sense is counted by cause and changes nothing") {
  IngestBench bench;
  bench.greet();
  std::vector<Record> one{{1, Bytes{1}, bench.wall}};
  Bytes good = wire::encode_frame(first_epoch, Lane::alarm, 0, one, bench.wall);
  bench.up("up/alarm", Bytes{1, 2, 3});
  bench.up("up/event", good);
  bench.up("up/unknown", good);
  bench.up("up/alarm", Bytes(300 * 1024, 0));
  bench.batch(Lane::alarm, 1, 1, 0, 0xBAD);
  for (const char* topic : {"up/hello", "up/alive", "up/now"}) bench.up(topic, Bytes{0xFF});
  const auto rejected = bench.session.rejected();
  CHECK(rejected.at("malformed") == 4);
  CHECK(rejected.at("wrong-lane") == 1);
  CHECK(rejected.at("unknown-topic") == 1);
  CHECK(rejected.at("oversize") == 1);
  CHECK(rejected.at("other-epoch") == 1);
  CHECK(bench.all<StoreRecords>().empty());
}

TEST_CASE("a minute without any message is the silence alarm; any message ends it") {
  IngestBench bench;
  bench.take(bench.session.on_start(bench.now));
  bench.now += 59s;
  bench.take(bench.session.on_tick(bench.now));
  CHECK(bench.all<Silence>().empty());
  CHECK(bench.session.next_due() == bench.now + 1s);
  bench.now += 1s;
  bench.take(bench.session.on_tick(bench.now));
  bench.take(bench.session.on_tick(bench.now));
  REQUIRE(bench.all<Silence>().size() == 1);
  CHECK(bench.all<Silence>()[0].silent);
  CHECK_FALSE(bench.session.next_due());
  bench.up("up/alive", Bytes{0xFF});
  CHECK(bench.all<Silence>().size() == 1);
  bench.hello();
  REQUIRE(bench.all<Silence>().size() == 2);
  CHECK_FALSE(bench.all<Silence>()[1].silent);
}
