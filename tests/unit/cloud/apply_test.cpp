// From batches to records, alarms and feed entries: once, in order, without gaps.
#include <doctest/doctest.h>

#include "cloud/alarms/city.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;
using samples::batch;
using samples::confirmed_fire;
using samples::done;
using samples::next;
using samples::noon;

namespace {

struct Desk {
  std::unique_ptr<Store> store = samples::store();
  UtcTime now = noon + std::chrono::milliseconds{9};

  Applied records(const session::StoreRecords& records) {
    Applied applied;
    REQUIRE(done(*store, [&] { applied = apply_records(*store, samples::place(), records, now); }));
    return applied;
  }
  Applied now_message(std::uint64_t seq, const alarm::Transition& t) {
    Applied applied;
    const session::ApplyNow message{samples::epoch, seq, wire::encode_change(t, "3")};
    REQUIRE(done(*store, [&] { applied = apply_now(*store, samples::place(), message, now); }));
    return applied;
  }
  Applied silence(bool silent) {
    Applied applied;
    REQUIRE(done(*store, [&] { applied = apply_silence(*store, samples::place(), silent, now); }));
    return applied;
  }
  std::vector<FeedEntry> feed() {
    std::vector<FeedEntry> entries;
    REQUIRE(done(*store, [&] { entries = store->feed_entries("110105", 1, 1000); }));
    return entries;
  }
  std::size_t open() {
    std::uint64_t count = 0;
    REQUIRE(done(*store, [&] { count = store->open_count(); }));
    return count;
  }
};

}  // namespace

TEST_CASE("a batch that comes again changes nothing") {
  Desk desk;
  const auto one = batch({samples::record(42, confirmed_fire())});
  CHECK(desk.records(one).told.at(0).adcode == "110105");
  const Applied again = desk.records(one);
  CHECK(again.told.empty());
  CHECK_FALSE(again.conflict);
  CHECK(desk.feed().size() == 1);
  CHECK(desk.open() == 1);
}

TEST_CASE("the log is numbered without gaps, and closing clears") {
  Desk desk;
  const auto returned = next(confirmed_fire(), samples::fire_id, alarm::Change::returned, {false, true});
  const auto closed = next(confirmed_fire(), samples::fire_id, alarm::Change::closed, {});
  desk.records(batch(
      {samples::record(42, confirmed_fire()), samples::record(43, returned), samples::record(44, closed)}));
  const auto feed = desk.feed();
  REQUIRE(feed.size() == 3);
  for (std::size_t i = 0; i < feed.size(); ++i) CHECK(feed[i].seq == i + 1);
  CHECK_FALSE(feed[0].latest);
  CHECK(feed[2].latest);
  CHECK(feed[2].closed);
  CHECK(desk.open() == 0);
}

TEST_CASE("up/now is told at once and its record triggers nothing again") {
  Desk desk;
  CHECK_FALSE(desk.now_message(42, confirmed_fire()).told.empty());
  CHECK(desk.now_message(42, confirmed_fire()).told.empty());
  CHECK(desk.records(batch({samples::record(42, confirmed_fire())})).told.empty());
  CHECK(desk.feed().size() == 1);
}

TEST_CASE("the same id with another body is a conflict: shown and told, marked, never overwriting") {
  Desk desk;
  desk.records(batch({samples::record(42, confirmed_fire())}));
  auto other = confirmed_fire();
  other.key.device = "zone/4F";
  const auto clash = batch({samples::record(42, other)});
  CHECK(desk.records(clash).conflict);
  CHECK(desk.open() == 2);
  CHECK(desk.feed()[1].body.find("\"identity_conflict\":true") != std::string::npos);
  CHECK(desk.feed()[1].body.find("zone/4F") != std::string::npos);
  CHECK_FALSE(desk.records(clash).conflict);  // the third time it is known
  CHECK(desk.feed().size() == 2);
}

TEST_CASE("a body that cannot be read is stored and counted") {
  Desk desk;
  auto bad = batch({samples::record(42, confirmed_fire())});
  bad.records[0].body = {0xff, 0xff, 0xff};
  CHECK(desk.records(bad).unreadable == 1);
  CHECK(desk.open() == 0);
  CHECK(done(*desk.store, [&] {
    CHECK(desk.store->highest_seq("wangjing-b12", samples::epoch, wire::Lane::alarm) == 42);
  }));
}

TEST_CASE("a gap is booked with its cause, and the watermark goes past it") {
  Desk desk;
  auto after_gap = batch({samples::record(42, confirmed_fire())});
  after_gap.gap_from = 1;
  after_gap.gap_to = 41;
  after_gap.gap_cause = "disk full";
  desk.records(after_gap);
  CHECK(done(*desk.store, [&] {
    const auto gaps = desk.store->gaps("wangjing-b12", 10);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].to == 41);
    CHECK(gaps[0].cause == "disk full");
  }));
}

TEST_CASE("a silence is raised once, closed once, and named by the cloud") {
  Desk desk;
  CHECK_FALSE(desk.silence(true).told.empty());
  CHECK(desk.silence(true).told.empty());
  CHECK(desk.open() == 1);
  CHECK(desk.feed()[0].alarm_id == "wangjing-b12-0000000000000000-1");
  CHECK_FALSE(desk.silence(false).told.empty());
  CHECK(desk.silence(false).told.empty());
  CHECK(desk.open() == 0);
  desk.silence(true);
  CHECK(desk.feed().back().alarm_id == "wangjing-b12-0000000000000000-3");
}

TEST_CASE("after a hello of a new database, what only the old one knew is closed") {
  Desk desk;
  desk.records(batch({samples::record(42, confirmed_fire()), samples::record(43, confirmed_fire())}));
  desk.silence(true);
  const auto hello = [&](std::uint64_t epoch, const std::vector<std::string>& active) {
    REQUIRE(done(*desk.store, [&] { apply_active(*desk.store, samples::place(), epoch, active, desk.now); }));
  };
  hello(samples::epoch, {});
  CHECK(desk.open() == 3);  // the present database closes its alarms by its own records
  hello(samples::epoch + 1, {samples::fire_id});
  CHECK(desk.open() == 2);  // and the cloud's own alarm is none of its business
  CHECK(desk.feed().back().closed);
}

TEST_CASE("what concerns nobody outside is not told; once told, it is told to its end") {
  Desk desk;
  auto gas = confirmed_fire();
  gas.key = {"gas-1", "gas", "gas"};
  gas.cls = AlarmClass::gas;
  gas.stage = Stage::a1;
  desk.records(batch({samples::record(42, gas)}));
  CHECK(desk.feed().empty());
  gas.stage = Stage::a2;
  desk.records(batch({samples::record(43, next(gas, samples::fire_id, alarm::Change::stage_rose, {true}))}));
  gas.stage = Stage::a1;
  desk.records(batch({samples::record(44, next(gas, samples::fire_id, alarm::Change::closed, {}))}));
  CHECK(desk.feed().size() == 2);
}
