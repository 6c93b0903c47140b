// The SQLite store: idempotence, all or nothing, versions.
#include <filesystem>
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "cloud/store/migrations.h"
#include "cloud/store/sqlite_connection.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;
using samples::done;
using samples::TemporaryFile;

namespace {

StoredRecord record(std::uint64_t seq, const Bytes& body) {
  return {
      {"gw-1", samples::epoch, wire::Lane::alarm, seq}, body, samples::noon, samples::noon, samples::noon};
}

}  // namespace

TEST_CASE("a record is stored once; another body under its id is kept beside it") {
  const auto store = samples::store();
  const Bytes one{1, 2, 3}, other{1, 2, 4}, empty{};
  CHECK(done(*store, [&] {
    CHECK(store->insert_record(record(1, one)) == Inserted::fresh);
    CHECK(store->insert_record(record(1, one)) == Inserted::repeated);
    CHECK(store->insert_record(record(1, other)) == Inserted::new_clash);
    CHECK(store->insert_record(record(1, other)) == Inserted::repeated);
    CHECK(store->insert_record(record(2, empty)) == Inserted::fresh);
    CHECK(store->highest_seq("gw-1", samples::epoch, wire::Lane::alarm) == 2);
    CHECK(store->highest_seq("gw-2", samples::epoch, wire::Lane::alarm) == 0);
  }));
}

TEST_CASE("a failed transaction leaves nothing") {
  const auto store = samples::store();
  const FeedEntry entry{"110105", 1, "a", "t", false, true, "{}", samples::noon};
  const Status status = store->transact([&] {
    store->set_setting("x", "y");
    store->append_feed(entry);
    store->append_feed(entry);  // the same number twice
  });
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().fault == Fault::storage);
  CHECK(done(*store, [&] {
    CHECK_FALSE(store->setting("x"));
    CHECK(store->feed_head("110105").head == 0);
  }));
}

TEST_CASE("watermarks never go back") {
  const auto store = samples::store();
  CHECK(done(*store, [&] {
    store->save_gateway({"gw-1", samples::epoch, 1, false, "1.0", {}});
    store->set_watermark("gw-1", samples::epoch, wire::Lane::alarm, 9);
    store->set_watermark("gw-1", samples::epoch, wire::Lane::alarm, 4);
    REQUIRE(store->gateways().size() == 1);
    CHECK(store->gateways()[0].epoch == samples::epoch);
    CHECK(store->gateways()[0].watermarks.at(samples::epoch).at(wire::Lane::alarm) == 9);
  }));
}

TEST_CASE("everything is there after a new start") {
  const TemporaryFile file;
  {
    const auto store = std::move(open_sqlite_store(file.path).value());
    CHECK(done(*store, [&] { store->set_setting("term", "5"); }));
  }
  const auto store = std::move(open_sqlite_store(file.path).value());
  CHECK(done(*store, [&] { CHECK(store->setting("term") == "5"); }));
}

TEST_CASE("a database of a newer program is left alone") {
  const TemporaryFile file;
  { REQUIRE(open_sqlite_store(file.path).has_value()); }
  {
    SQLite::Database newer(file.path.string(), SQLite::OPEN_READWRITE);
    newer.exec("PRAGMA user_version=99");
  }
  const auto store = open_sqlite_store(file.path);
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().fault == Fault::newer_version);
}

TEST_CASE("a database of the first version is brought up to date with all that is in it") {
  const TemporaryFile file;
  {
    SQLite::Database old(file.path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    old.exec(migrations[0]);
    old.exec("INSERT INTO record VALUES ('gw-1', 1, 0, 7, 1, 2, 3, x'aa')");
    old.exec("INSERT INTO feed_head VALUES ('110105', 1, 0)");
    old.exec("INSERT INTO feed VALUES ('110105', 1, 'a', 'topic', 0, 'body', 4)");
    old.exec("PRAGMA user_version=1");
  }
  const auto store = std::move(open_sqlite_store(file.path).value());
  CHECK(done(*store, [&] {
    CHECK(store->highest_seq("gw-1", 1, wire::Lane{}) == 7);
    const auto feed = store->feed_entries("110105", 1, 10);
    REQUIRE(feed.size() == 1);
    CHECK(feed[0].body == "body");
    CHECK(feed[0].created == UtcTime{std::chrono::milliseconds{4}});
  }));
}

TEST_CASE("a file that is no database is an error") {
  const TemporaryFile file;
  std::ofstream(file.path) << std::string(8192, 'x');
  CHECK_FALSE(open_sqlite_store(file.path).has_value());
}

TEST_CASE("each commit is synced: what was acknowledged survives a power cut") {
  const TemporaryFile file;
  Connection connection(file.path);
  constexpr int full = 2;  // https://www.sqlite.org/pragma.html#pragma_synchronous
  Query synchronous = connection.query("PRAGMA synchronous");
  REQUIRE(synchronous.step());
  CHECK(synchronous.integer(0) == full);
}

TEST_CASE("the feed keeps what is unpublished or of an open alarm when it is trimmed") {
  const auto store = samples::store();
  CHECK(done(*store, [&] {
    apply_records(*store, samples::place(), samples::batch({samples::record(42, samples::confirmed_fire())}),
                  samples::noon);
    for (std::uint64_t seq = 2; seq <= 4; ++seq)
      store->append_feed({"110105", seq, "gone", "t", true, true, "{}", samples::noon});
    store->set_published("110105", 3);
    store->trim_feed(samples::noon + std::chrono::milliseconds{1}, 100);
    const auto left = store->feed_entries("110105", 1, 10);
    REQUIRE(left.size() == 2);
    CHECK(left[0].seq == 1);  // of the open fire
    CHECK(left[1].seq == 4);  // unpublished
    store->append_feed(
        {"110105", 5, "gone", "t", true, true, "{}", samples::noon + std::chrono::milliseconds{2}});
    store->set_published("110105", 5);
    store->trim_feed(samples::noon + std::chrono::milliseconds{2}, 100);
    CHECK(store->feed_entries("110105", 2, 10).at(0).seq == 5);  // not old
  }));
}
