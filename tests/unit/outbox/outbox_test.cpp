// Records and states in and out of an Outbox, over a file that nobody hurts.

#include "sync/outbox/outbox.h"

#include <doctest/doctest.h>

#include "tests/unit/outbox/fixture.h"

using namespace tocsin;
using namespace tocsin::outbox;
using namespace tocsin::outbox::test;

TEST_CASE("a new file has an epoch, empty lanes and nothing lost") {
  const tocsin::test::TempDir dir;
  Open opened = open(alarm_options(dir / "alarm.db"));
  REQUIRE(opened.outbox);
  CHECK(opened.report.created);
  CHECK(opened.report.lost == "");
  CHECK(opened.report.identity.epoch != 0);
  CHECK(opened.report.identity.previous_epoch == 0);
  CHECK(opened.outbox->lane(Lane::alarm).head == 0);
  CHECK(opened.outbox->lane(Lane::alarm).first == 1);
}

TEST_CASE("two new files have different epochs and nonces") {
  const tocsin::test::TempDir dir;
  const Open a = open(alarm_options(dir / "a.db"));
  const Open b = open(alarm_options(dir / "b.db"));
  CHECK(a.report.identity.epoch != b.report.identity.epoch);
  CHECK(a.report.identity.db_nonce != b.report.identity.db_nonce);
}

TEST_CASE("records, states and the identity survive a restart") {
  const tocsin::test::TempDir dir;
  const Options options = alarm_options(dir / "alarm.db");
  Identity before;
  {
    Open opened = open(options);
    before = opened.report.identity;
    Change fire = change(Lane::alarm, 1, "fire");
    fire.records.push_back({Lane::event, Record{1, body_of("door"), {}}});
    fire.state = {{"alarm", "z1", body_of("active")},
                  {"alarm", "z2", body_of("normal")},
                  {"pulse", "siren", body_of("x")}};
    REQUIRE(ok(opened.outbox->commit({fire, change(Lane::alarm, 2, "smoke")}, t0)));
    REQUIRE(ok(opened.outbox->commit({{{}, {{"alarm", "z2", {}}}}}, t0)));
  }
  Open again = open(options);
  REQUIRE(again.outbox);
  CHECK_FALSE(again.report.created);
  CHECK(again.report.lost == "");
  CHECK(again.report.identity.epoch == before.epoch);
  CHECK(again.report.identity.db_nonce == before.db_nonce);
  CHECK(records(*again.outbox, Lane::alarm) == "1:fire 2:smoke");
  CHECK(records(*again.outbox, Lane::event) == "1:door");
  CHECK(again.outbox->lane(Lane::alarm).head == 2);
  REQUIRE(again.outbox->states("alarm").size() == 1);
  CHECK(again.outbox->states("alarm")[0].first == "z1");
  CHECK(text_of(again.outbox->states("alarm")[0].second) == "active");
  CHECK(again.outbox->states("pulse").size() == 1);
}

TEST_CASE("the stored time of a record is that of its commit") {
  const tocsin::test::TempDir dir;
  Open opened = open(alarm_options(dir / "alarm.db"));
  REQUIRE(ok(opened.outbox->commit({change(Lane::alarm, 1, "fire")}, t0)));
  CHECK(opened.outbox->read(Lane::alarm, 1, 10, 1000)->at(0).stored == t0);
}

TEST_CASE("a commit is all or nothing and keeps the order of its lane") {
  const tocsin::test::TempDir dir;
  Open opened = open(alarm_options(dir / "alarm.db"));
  Change wrong = change(Lane::alarm, 2, "too early");
  wrong.state = {{"alarm", "z1", body_of("active")}};
  const Status refused =
      opened.outbox->commit({change(Lane::alarm, 1, "fire"), change(Lane::alarm, 3, "gap"), wrong}, t0);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fault == Fault::bad_input);
  CHECK(records(*opened.outbox, Lane::alarm) == "");
  CHECK(opened.outbox->states("alarm").empty());
  CHECK(opened.outbox->lane(Lane::alarm).head == 0);
  CHECK(ok(opened.outbox->commit({change(Lane::alarm, 1, "fire")}, t0)));
}

TEST_CASE("a stored record may be repeated but not changed") {
  const tocsin::test::TempDir dir;
  Open opened = open(alarm_options(dir / "alarm.db"));
  REQUIRE(ok(opened.outbox->commit({change(Lane::alarm, 1, "fire")}, t0)));
  CHECK(ok(opened.outbox->commit({change(Lane::alarm, 1, "fire")}, t0)));
  const Status other = opened.outbox->commit({change(Lane::alarm, 1, "no fire")}, t0);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().fault == Fault::bad_input);
  CHECK(records(*opened.outbox, Lane::alarm) == "1:fire");
}

TEST_CASE("a lane of another file is refused") {
  const tocsin::test::TempDir dir;
  Open opened = open(alarm_options(dir / "alarm.db"));
  CHECK(opened.outbox->commit({change(Lane::data, 1, "x")}, t0).error().fault == Fault::bad_input);
}

TEST_CASE("read is bounded in records and bytes, and gives one record however large") {
  const tocsin::test::TempDir dir;
  Open opened = open(alarm_options(dir / "alarm.db"));
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    REQUIRE(ok(opened.outbox->commit({change(Lane::alarm, seq, std::string(100, 'x'))}, t0)));
  }
  CHECK(opened.outbox->read(Lane::alarm, 1, 2, 1000)->size() == 2);
  CHECK(opened.outbox->read(Lane::alarm, 1, 10, 300)->size() == 3);
  CHECK(opened.outbox->read(Lane::alarm, 1, 10, 299)->size() == 2);
  CHECK(opened.outbox->read(Lane::alarm, 4, 10, 1)->size() == 1);
  CHECK(opened.outbox->read(Lane::alarm, 6, 10, 1000)->empty());
  CHECK(opened.outbox->read(Lane::alarm, 1, 0, 1000)->empty());
}

TEST_CASE("a second program gets an error, and the file stays as it is") {
  const tocsin::test::TempDir dir;
  Open first = open(alarm_options(dir / "alarm.db"));
  REQUIRE(ok(first.outbox->commit({change(Lane::alarm, 1, "fire")}, t0)));
  const Open second = open(alarm_options(dir / "alarm.db"));
  REQUIRE(second.error);
  CHECK(second.error->fault == Fault::storage);
  REQUIRE(ok(first.outbox->commit({change(Lane::alarm, 2, "more")}, t0)));
  CHECK(records(*first.outbox, Lane::alarm) == "1:fire 2:more");
}

TEST_CASE("usage counts what waits and what was written") {
  const tocsin::test::TempDir dir;
  Open opened = open(alarm_options(dir / "alarm.db"));
  const Usage before = opened.outbox->usage();
  REQUIRE(ok(opened.outbox->commit(
      {change(Lane::alarm, 1, std::string(5000, 'x')), change(Lane::alarm, 2, "y")}, t0)));
  REQUIRE(ok(opened.outbox->mark_acked(Lane::alarm, 1, t0)));
  const Usage after = opened.outbox->usage();
  CHECK(after.waiting.at(Lane::alarm) == 1);
  CHECK(after.waiting.at(Lane::event) == 0);
  CHECK(after.bytes_written >= before.bytes_written + 5000);
  CHECK(after.bytes > 5000);
}
