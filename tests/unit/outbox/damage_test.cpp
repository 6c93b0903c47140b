// Files that somebody or something has hurt between two starts.

#include <algorithm>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/unit/outbox/fixture.h"

using namespace tocsin;
using namespace tocsin::outbox;
using namespace tocsin::outbox::test;
using tocsin::test::TempDir;

namespace {

namespace fs = std::filesystem;

// alarm.db with three alarms (the first acked), one event and a state, as a kill -9 leaves it.
struct Killed {
  explicit Killed(bool clean = false) {
    Open opened = open(alarm_options(dir / "live.db"));
    REQUIRE(opened.outbox);
    epoch = opened.report.identity.epoch;
    Change first = change(Lane::alarm, 1, "alarm-one");
    first.state = {{"alarm", "z1", body_of("state-of-z1")}};
    REQUIRE(ok(opened.outbox->commit({first, change(Lane::alarm, 2, "alarm-two")}, t0)));
    REQUIRE(ok(opened.outbox->commit(
        {change(Lane::alarm, 3, "alarm-three"), change(Lane::event, 1, "event-one")}, t0)));
    REQUIRE(ok(opened.outbox->mark_acked(Lane::alarm, 1, t0)));
    REQUIRE(ok(opened.outbox->upkeep()));
    if (clean) opened.outbox.reset();
    copy_as_killed(dir / "live.db", file);
  }
  Open start() const { return open(alarm_options(file)); }
  fs::path aside(const char* part = "") const { return file.string() + ".damaged-1" + part; }

  // Changes one byte of the first place where the text stands.
  void flip(const std::string& part, const std::string& text) const {
    Bytes content = file_content(file.string() + part);
    const auto at = std::search(content.begin(), content.end(), text.begin(), text.end());
    REQUIRE(at != content.end());
    *at ^= 1;
    write_file(file.string() + part, content);
  }

  TempDir dir;
  fs::path file = dir / "alarm.db";
  std::uint64_t epoch = 0;
};

void check_replaced(const Killed& killed, const Open& after) {
  REQUIRE(after.outbox);
  CHECK(after.report.lost != "");
  CHECK(after.report.identity.epoch != killed.epoch);
  CHECK(after.report.identity.previous_epoch == killed.epoch);
  CHECK_FALSE(after.report.created);
}

}  // namespace

TEST_CASE("after a kill everything is there") {
  const Killed killed;
  Open after = killed.start();
  CHECK(after.report.lost == "");
  CHECK(after.report.identity.epoch == killed.epoch);
  CHECK(records(*after.outbox, Lane::alarm) == "1:alarm-one 2:alarm-two 3:alarm-three");
  CHECK(after.outbox->lane(Lane::alarm).acked == 1);
}

TEST_CASE("a header of zeros: the file is set aside, a new epoch begins, work goes on") {
  const Killed killed(true);
  Bytes content = file_content(killed.file);
  std::fill_n(content.begin(), 100, std::uint8_t{0});
  write_file(killed.file, content);
  Open after = killed.start();
  check_replaced(killed, after);
  CHECK(fs::exists(killed.aside()));
  CHECK(after.outbox->lane(Lane::alarm).head == 0);
  CHECK(ok(after.outbox->commit({change(Lane::alarm, 1, "new")}, t0)));
}

TEST_CASE("a truncated file is replaced; what is readable is carried over") {
  const Killed killed(true);
  fs::resize_file(killed.file, fs::file_size(killed.file) / 2);
  Open after = killed.start();
  check_replaced(killed, after);
  CHECK(ok(after.outbox->commit({change(Lane::event, after.outbox->lane(Lane::event).head + 1, "new")}, t0)));
}

TEST_CASE("an empty file is replaced") {
  const Killed killed(true);
  write_file(killed.file, {});
  check_replaced(killed, killed.start());
}

TEST_CASE(
    "a removed WAL is noticed; states and unacked records of the rest are carried over under the new epoch") {
  const Killed killed;
  {
    // All is in the database file now, and three more alarms are in the WAL only.
    Open opened = killed.start();
    for (std::uint64_t seq = 4; seq <= 6; ++seq)
      REQUIRE(ok(opened.outbox->commit({change(Lane::alarm, seq, "late")}, t0)));
    REQUIRE(ok(opened.outbox->upkeep()));
    copy_as_killed(killed.file, killed.dir / "again.db");
  }
  fs::remove((killed.dir / "again.db-wal").string());
  Open after = open(alarm_options(killed.dir / "again.db"));
  check_replaced(killed, after);
  CHECK(records(*after.outbox, Lane::alarm) == "1:alarm-two 2:alarm-three");
  CHECK(records(*after.outbox, Lane::event) == "1:event-one");
  REQUIRE(after.outbox->states("alarm").size() == 1);
  CHECK(text_of(after.outbox->states("alarm")[0].second) == "state-of-z1");
  CHECK(after.outbox->lane(Lane::alarm).acked == 0);
}

TEST_CASE("an older copy of the file is noticed") {
  const Killed killed(true);
  const Bytes old = file_content(killed.file);
  {
    Open opened = killed.start();
    REQUIRE(ok(opened.outbox->commit({change(Lane::alarm, 4, "alarm-four")}, t0)));
  }
  write_file(killed.file, old);
  Open after = killed.start();
  check_replaced(killed, after);
  CHECK(records(*after.outbox, Lane::alarm) == "1:alarm-two 2:alarm-three");
}

TEST_CASE("a removed database is noticed") {
  const Killed killed(true);
  fs::remove(killed.file);
  check_replaced(killed, killed.start());
}

TEST_CASE("the database of another gateway is noticed") {
  const Killed killed(true);
  { Open other = open(alarm_options(killed.dir / "other.db")); }
  write_file(killed.file, file_content(killed.dir / "other.db"));
  check_replaced(killed, killed.start());
}

TEST_CASE(
    "a database beside the identity file of another: unacked records are carried over, by its own acks") {
  const Killed killed(true);
  const Open other = open(alarm_options(killed.dir / "other.db"));
  write_file(killed.file.string() + ".id", file_content(killed.dir / "other.db.id"));
  Open after = killed.start();
  REQUIRE(after.outbox);
  CHECK(after.report.identity.previous_epoch == other.report.identity.epoch);
  CHECK(records(*after.outbox, Lane::alarm) == "1:alarm-two 2:alarm-three");
}

TEST_CASE("a flipped bit in a record costs that record, and it is said") {
  const Killed killed(true);
  killed.flip("", "alarm-two");
  Open after = killed.start();
  REQUIRE(after.outbox);
  CHECK(after.report.lost == "Record 2 of lane alarm was damaged and is gone.");
  CHECK(after.report.identity.epoch == killed.epoch);
  CHECK(records(*after.outbox, Lane::alarm) == "1:alarm-one 3:alarm-three");
}

TEST_CASE("a damaged last record does not free its seq") {
  const Killed killed(true);
  killed.flip("", "alarm-three");
  Open after = killed.start();
  REQUIRE(after.outbox);
  CHECK(after.outbox->lane(Lane::alarm).head == 3);
}

TEST_CASE("a flipped bit in a state costs that state, and it is said") {
  const Killed killed(true);
  killed.flip("", "state-of-z1");
  Open after = killed.start();
  REQUIRE(after.outbox);
  CHECK(after.report.lost == "State alarm z1 was damaged and is gone.");
  CHECK(after.outbox->states("alarm").empty());
}

TEST_CASE("what was lost is said at each start until a commit has followed") {
  const Killed killed(true);
  killed.flip("", "alarm-two");
  CHECK(killed.start().report.lost != "");
  {
    Open again = killed.start();
    CHECK(again.report.lost != "");
    REQUIRE(ok(again.outbox->commit({change(Lane::alarm, 4, "outbox damaged")}, t0)));
  }
  CHECK(killed.start().report.lost == "");
}

TEST_CASE("a record that goes bad while the program runs is dropped when it is read") {
  const TempDir dir;
  const Options options = alarm_options(dir / "alarm.db");
  {
    Open opened = open(options);
    std::vector<Change> many;  // more than SQLite keeps in memory
    for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
      many.push_back(change(Lane::alarm, seq, "body-" + std::to_string(seq) + std::string(3500, 'x')));
    }
    REQUIRE(ok(opened.outbox->commit(many, t0)));
  }
  Open opened = open(options);
  const Bytes content = file_content(options.file);
  const std::string text = "body-500x";
  const auto at = std::search(content.begin(), content.end(), text.begin(), text.end());
  REQUIRE(at != content.end());
  std::fstream file(options.file, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(at - content.begin());
  file.put('B');
  file.close();
  REQUIRE(opened.outbox->read(Lane::alarm, 501, 500, 1 << 30)->size() ==
          500);  // pushes it out of the cache, if it was there
  const Result<std::vector<Record>> read = opened.outbox->read(Lane::alarm, 499, 2, 1 << 20);
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK(read->at(0).seq == 499);
  CHECK(read->at(1).seq == 501);
  CHECK(opened.outbox->usage().damaged == 1);
}

TEST_CASE("a file of a newer program is left alone") {
  const Killed killed(true);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(killed.file.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, "PRAGMA user_version=99", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  const Bytes before = file_content(killed.file);
  const Open after = killed.start();
  REQUIRE(after.error);
  CHECK(after.error->fault == Fault::newer_version);
  CHECK(file_content(killed.file) == before);
}

TEST_CASE("a lost or damaged identity file is written again") {
  const Killed killed(true);
  const fs::path beside = killed.file.string() + ".id";
  SUBCASE("nonsense") {
    write_file(beside, body_of("nonsense"));
  }
  SUBCASE("another epoch") {
    Bytes content = file_content(beside);
    content[content.size() / 2] ^= 1;
    write_file(beside, content);
  }
  SUBCASE("gone") {
    fs::remove(beside);
  }
  Open after = killed.start();
  REQUIRE(after.outbox);
  CHECK(after.report.identity.epoch == killed.epoch);
  CHECK(records(*after.outbox, Lane::alarm) == "1:alarm-one 2:alarm-two 3:alarm-three");
}

TEST_CASE("a start that ended while the replacement was put in place is finished by the next") {
  const Killed killed(true);
  fs::rename(killed.file, killed.file.string() + ".kept");
  { Open replaced = killed.start(); }
  // As if the power had gone after the old file was set aside and before the new one got its name.
  fs::rename(killed.file, killed.file.string() + ".new");
  Open after = killed.start();
  REQUIRE(after.outbox);
  CHECK(after.report.lost != "");
  CHECK(after.report.identity.previous_epoch == killed.epoch);
}

TEST_CASE("a half-built replacement is thrown away") {
  const Killed killed(true);
  write_file(killed.file.string() + ".new", body_of("half"));
  Open after = killed.start();
  REQUIRE(after.outbox);
  CHECK(after.report.identity.epoch == killed.epoch);
  CHECK_FALSE(fs::exists(killed.file.string() + ".new"));
}

TEST_CASE("damaged files do not fill the disk: two are kept") {
  const Killed killed(true);
  for (int round = 0; round < 4; ++round) {
    write_file(killed.file, body_of("round " + std::to_string(round)));
    REQUIRE(killed.start().outbox);
  }
  CHECK(text_of(file_content(killed.file.string() + ".damaged-1")) == "round 2");
  CHECK(text_of(file_content(killed.file.string() + ".damaged-2")) == "round 3");
  CHECK_FALSE(fs::exists(killed.file.string() + ".damaged-3"));
}

TEST_CASE("any flipped byte of the files: the start succeeds, and no record has another body") {
  const Killed killed;
  for (const char* part : {"", "-wal"}) {
    const Bytes good = file_content(killed.file.string() + part);
    for (std::size_t at = 0; at < good.size(); at += 251) {
      CAPTURE(part);
      CAPTURE(at);
      const TempDir dir(TempDir::in_memory());
      copy_as_killed(killed.file, dir / "alarm.db");
      Bytes bad = good;
      bad[at] ^= 0x55;
      write_file((dir / "alarm.db").string() + part, bad);
      Open after = open(alarm_options(dir / "alarm.db"));
      REQUIRE(after.outbox);
      const std::string found = records(*after.outbox, Lane::alarm);
      const bool whole = found == "1:alarm-one 2:alarm-two 3:alarm-three";
      if (!whole) REQUIRE(after.report.lost != "");
      const Result<std::vector<Record>> rows = after.outbox->read(Lane::alarm, 1, 100, 100'000);
      REQUIRE(rows.has_value());
      for (const Record& record : *rows) {
        const std::string text = text_of(record.body);
        REQUIRE((text == "alarm-one" || text == "alarm-two" || text == "alarm-three"));
      }
    }
  }
}
