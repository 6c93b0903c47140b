#include "tests/unit/session/ingest_bench.h"

using namespace tocsin;
using namespace tocsin::session;
using namespace tocsin::session::test;

namespace {

GatewayState known() {
  GatewayState state;
  state.epoch = first_epoch;
  state.db_nonce = 0xDB;
  state.watermarks[first_epoch] = {{Lane::alarm, 10}, {Lane::event, 20}, {Lane::data, 30}};
  return state;
}

}  // namespace

TEST_CASE("at its start the cloud sends resume to a gateway it knows, and to one it does not: say hello") {
  IngestBench one(known(), true);
  one.take(one.session.on_start(one.now));
  REQUIRE(one.resumes().size() == 1);
  CHECK(one.resumes()[0].term == 77);
  CHECK(one.resumes()[0].epoch == first_epoch);
  CHECK(one.resumes()[0].watermarks.at(Lane::data) == 30);
  CHECK(one.resumes()[0].restored);
  CHECK(one.resumes()[0].session_nonce == 0);
  IngestBench other;
  other.take(other.session.on_start(other.now));
  CHECK(other.resumes().at(0).epoch == 0);
}

TEST_CASE("hello is answered by resume, after its identity is stored") {
  IngestBench bench;
  bench.hello();
  const auto identities = bench.all<StoreIdentity>();
  REQUIRE(identities.size() == 1);
  CHECK(identities[0].state.epoch == first_epoch);
  CHECK(identities[0].state.db_nonce == 0xDB);
  CHECK(identities[0].software == "0.1.0");
  CHECK(bench.resumes().empty());
  bench.hello();  // repeated while the commit is under way
  CHECK(bench.all<StoreIdentity>().size() == 1);
  bench.commit_all();
  REQUIRE(bench.resumes().size() == 1);
  CHECK(bench.resumes()[0].session_nonce == 5);
  CHECK(bench.session.session_nonce() == 5);
  bench.hello(first_epoch, 6);
  REQUIRE(bench.resumes().size() == 2);
  CHECK(bench.resumes()[1].session_nonce == 6);
  CHECK(bench.all<StoreIdentity>().size() == 1);
}

TEST_CASE("an identity that could not be stored is tried again at the next hello") {
  IngestBench bench;
  bench.hello();
  bench.take(bench.session.on_failed(bench.all<StoreIdentity>()[0].ticket, bench.now));
  CHECK(bench.resumes().empty());
  bench.hello();
  bench.commit_all();
  CHECK(bench.resumes().size() == 1);
}

TEST_CASE("records before hello are not taken; hello is asked for, once a second at most") {
  IngestBench bench(known());
  bench.batch(Lane::alarm, 11, 11);
  bench.batch(Lane::alarm, 12, 12);
  CHECK(bench.all<StoreRecords>().empty());
  REQUIRE(bench.resumes().size() == 1);
  CHECK(bench.resumes()[0].epoch == 0);
  CHECK(bench.session.rejected().at("before-hello") == 2);
}

TEST_CASE("a new epoch starts at zero, and what the old one had not sent is booked as a gap") {
  IngestBench bench(known());
  bench.hello(first_epoch, 5, 0xDB, {{Lane::alarm, {1, 15, 0}}, {Lane::data, {31, 30, 0}}});
  bench.commit_all();
  bench.actions.clear();
  bench.hello(0xE2, 6, 0xDC);
  const auto gaps = bench.all<StoreRecords>();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].epoch == first_epoch);
  CHECK(gaps[0].lane == Lane::alarm);
  CHECK(gaps[0].gap_from == 11);
  CHECK(gaps[0].gap_to == 15);
  CHECK(gaps[0].upto == 10);  // should that disk come back, its records are still welcome
  CHECK(bench.all<IdentityConflict>().empty());
  bench.commit_all();
  CHECK(bench.session.state().epoch == 0xE2);
  CHECK(bench.resumes().back().epoch == 0xE2);
  CHECK(bench.resumes().back().watermarks.at(Lane::alarm) == 0);
  bench.batch(Lane::alarm, 1, 1, 0, 0xE2);
  bench.commit_all();
  CHECK(bench.acks().back().epoch == 0xE2);

  bench.hello(first_epoch, 7, 0xDB, {{Lane::alarm, {1, 15, 0}}, {Lane::event, {1, 20, 0}}});
  bench.commit_all();
  CHECK(bench.session.state().epoch == 0xE2);  // order of epochs = order of first hello
  CHECK(bench.resumes().back().watermarks.at(Lane::alarm) == 10);
  bench.batch(Lane::alarm, 11, 15, 0);
  bench.commit_all();
  CHECK(bench.acks().back().upto == 15);
}

TEST_CASE("another nonce in the same epoch is a cloned disk: a human is called once per session") {
  IngestBench bench(known());
  bench.hello(first_epoch, 5, 0xAA);
  CHECK(bench.all<IdentityConflict>().size() == 1);
  CHECK(bench.all<StoreIdentity>().size() == 1);
  CHECK(bench.all<StoreIdentity>().back().state.identity_conflict);
  bench.commit_all();
  bench.hello(first_epoch, 5, 0xAA);
  CHECK(bench.all<IdentityConflict>().size() == 1);
  bench.batch(Lane::alarm, 11, 11);  // its records are taken all the same
  bench.commit_all();
  CHECK(bench.acks().back().upto == 11);
}

TEST_CASE("an alarm lane that went back is a rolled-back disk") {
  IngestBench bench(known());
  bench.hello(first_epoch, 5, 0xDB, {{Lane::alarm, {1, 4, 0}}});
  CHECK(bench.all<IdentityConflict>().size() == 1);
}

TEST_CASE("the same id with another body is a conflict, and still acknowledged") {
  IngestBench bench(known());
  bench.greet();
  bench.batch(Lane::alarm, 9, 9);
  const auto stores = bench.all<StoreRecords>();
  REQUIRE(stores.size() == 1);
  bench.take(bench.session.on_committed(stores[0].ticket, true, bench.now));
  CHECK(bench.all<IdentityConflict>().size() == 1);
  CHECK(bench.acks().back().upto == 10);
  CHECK(bench.session.state().identity_conflict);
  CHECK(bench.all<StoreIdentity>().size() == 1);
}

TEST_CASE("a commit of an epoch that ended meanwhile moves its watermark but is not acknowledged") {
  IngestBench bench(known());
  bench.greet();
  bench.batch(Lane::alarm, 11, 12);
  const std::uint64_t ticket = bench.all<StoreRecords>()[0].ticket;
  bench.hello(0xE2, 6, 0xDC);
  bench.take(bench.session.on_committed(ticket, false, bench.now));
  CHECK(bench.acks().empty());
  CHECK(bench.session.state().watermarks.at(first_epoch).at(Lane::alarm) == 12);
  CHECK(bench.session.state().watermarks.at(0xE2).at(Lane::alarm) == 0);
}

TEST_CASE("the gap of an ended epoch is booked after the commit under way, from where that ends") {
  for (const bool fails : {false, true}) {
    IngestBench bench(known());
    bench.greet();
    bench.batch(Lane::alarm, 11, 12);
    bench.batch(Lane::alarm, 13, 15);
    const std::uint64_t ticket = bench.all<StoreRecords>()[0].ticket;
    bench.hello(0xE2, 6, 0xDC);
    CHECK(bench.all<StoreRecords>().size() == 1);
    bench.take(fails ? bench.session.on_failed(ticket, bench.now)
                     : bench.session.on_committed(ticket, false, bench.now));
    const auto stores = bench.all<StoreRecords>();
    REQUIRE(stores.size() == 2);
    CHECK(stores[1].epoch == first_epoch);
    CHECK(stores[1].gap_from == (fails ? 11 : 13));
    CHECK(stores[1].gap_to == 15);
    CHECK(stores[1].upto == (fails ? 10 : 12));
  }
}

TEST_CASE("up/now of a new epoch is not taken for one of the old") {
  IngestBench bench(known());
  bench.greet();
  bench.up("up/now", encode(NowMessage{first_epoch, 12, Bytes{7}}));
  bench.hello(0xE2, 6, 0xDC);
  bench.commit_all();
  bench.up("up/now", encode(NowMessage{0xE2, 12, Bytes{7}}));
  CHECK(bench.all<ApplyNow>().size() == 2);
}

TEST_CASE("alarms that are active now come from hello, unless the list was cut") {
  IngestBench bench;
  HelloMessage hello{first_epoch, 0,       1,  5,
                     1,           "0.1.0", {}, {{"gw1-00000000000000e1-1", "s", "p", "r", "fire", "a1"}},
                     true,        0,       0};
  bench.up("up/hello", encode(hello));
  REQUIRE(bench.all<ActiveNow>().size() == 1);
  CHECK(bench.all<ActiveNow>()[0].alarm_ids == std::vector<std::string>{"gw1-00000000000000e1-1"});
  hello.active.assign(5000, hello.active[0]);
  bench.up("up/hello", encode(hello));
  CHECK(bench.all<ActiveNow>().size() == 1);
}

TEST_CASE("a gateway that has seen a newer owner is not answered") {
  IngestBench bench(known());
  HelloMessage hello{first_epoch, 0, 0xDB, 5, 1, "0.1.0", {}, {}, true, 0, 78};
  bench.up("up/hello", encode(hello));
  bench.commit_all();
  CHECK(bench.resumes().empty());
  CHECK(bench.session.rejected().at("newer-term") == 1);
}
