// Acks, keeping times, quota, a full disk, and disks that answer with errors.

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/power_cut_vfs.h"
#include "tests/unit/outbox/fixture.h"

using namespace tocsin;
using namespace tocsin::outbox;
using namespace tocsin::outbox::test;
using tocsin::test::PowerCutVfs;
using tocsin::test::TempDir;

namespace {

void fill(Outbox& outbox, Lane lane, std::uint64_t count, std::size_t size) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t seq = outbox.lane(lane).head + 1;
    REQUIRE(ok(outbox.commit({change(lane, seq, std::string(size, 'x'))}, t0)));
  }
}

}  // namespace

TEST_CASE("acked data is gone at once, acked alarms stay seven days") {
  const TempDir dir;
  Open data = open(data_options(dir / "data.db"));
  fill(*data.outbox, Lane::data, 3, 10);
  REQUIRE(ok(data.outbox->mark_acked(Lane::data, 2, t0)));
  CHECK(data.outbox->lane(Lane::data).first == 3);
  CHECK(data.outbox->read(Lane::data, 1, 10, 1000)->size() == 1);

  Open alarm = open(alarm_options(dir / "alarm.db"));
  fill(*alarm.outbox, Lane::alarm, 3, 10);
  REQUIRE(ok(alarm.outbox->mark_acked(Lane::alarm, 2, t0)));
  REQUIRE(ok(alarm.outbox->trim(t0 + std::chrono::hours(7 * 24))));
  CHECK(alarm.outbox->lane(Lane::alarm).first == 1);
  REQUIRE(ok(alarm.outbox->trim(t0 + std::chrono::hours(7 * 24 + 1))));
  CHECK(alarm.outbox->lane(Lane::alarm).first == 3);
  CHECK(alarm.outbox->lane(Lane::alarm).acked == 2);
}

TEST_CASE("an alarm that waited long is kept seven days from its ack, not from its commit") {
  const TempDir dir;
  Open alarm = open(alarm_options(dir / "alarm.db"));
  fill(*alarm.outbox, Lane::alarm, 2, 10);
  const UtcTime late = t0 + std::chrono::hours(30 * 24);
  REQUIRE(ok(alarm.outbox->mark_acked(Lane::alarm, 2, late)));
  REQUIRE(ok(alarm.outbox->trim(late + std::chrono::hours(24))));
  CHECK(alarm.outbox->lane(Lane::alarm).first == 1);
}

TEST_CASE("head and watermark survive when no row is left") {
  const TempDir dir;
  {
    Open data = open(data_options(dir / "data.db"));
    fill(*data.outbox, Lane::data, 5, 10);
    REQUIRE(ok(data.outbox->mark_acked(Lane::data, 9, t0)));  // more than there is
    CHECK(data.outbox->lane(Lane::data).acked == 5);
  }
  const Open again = open(data_options(dir / "data.db"));
  CHECK(again.outbox->lane(Lane::data).head == 5);
  CHECK(again.outbox->lane(Lane::data).acked == 5);
  CHECK(again.outbox->lane(Lane::data).first == 6);
}

TEST_CASE("a restored cloud can have its acks taken back, and the seqs stay used") {
  const TempDir dir;
  {
    Open data = open(data_options(dir / "data.db"));
    fill(*data.outbox, Lane::data, 5, 10);
    REQUIRE(ok(data.outbox->mark_acked(Lane::data, 5, t0)));
    REQUIRE(ok(data.outbox->unmark_acked(Lane::data, 2)));
    CHECK(data.outbox->lane(Lane::data).acked == 2);
    CHECK(data.outbox->lane(Lane::data).head == 5);
  }
  const Open again = open(data_options(dir / "data.db"));
  CHECK(again.outbox->lane(Lane::data).acked == 2);
  CHECK(again.outbox->lane(Lane::data).head == 5);

  Open alarm = open(alarm_options(dir / "alarm.db"));
  fill(*alarm.outbox, Lane::alarm, 3, 10);
  REQUIRE(ok(alarm.outbox->mark_acked(Lane::alarm, 3, t0)));
  REQUIRE(ok(alarm.outbox->unmark_acked(Lane::alarm, 1)));
  CHECK(alarm.outbox->lane(Lane::alarm).acked == 1);
  CHECK(alarm.outbox->read(Lane::alarm, 2, 10, 1000)->size() == 2);
}

TEST_CASE("data above its quota is planned oldest first, and evicting it twice is no error") {
  const TempDir dir;
  Options options = data_options(dir / "data.db");
  options.quota_bytes = 400'000;
  Open data = open(options);
  fill(*data.outbox, Lane::data, 60, 3000);
  CHECK_FALSE(data.outbox->plan_eviction().has_value());
  fill(*data.outbox, Lane::data, 15, 3000);
  const auto plan = data.outbox->plan_eviction();
  REQUIRE(plan.has_value());
  CHECK(plan->lane == Lane::data);
  CHECK(plan->from == 1);
  CHECK(plan->count == plan->to);
  CHECK(plan->count < 40);
  REQUIRE(ok(data.outbox->evict(*plan)));
  CHECK(data.outbox->lane(Lane::data).first == plan->to + 1);
  CHECK_FALSE(data.outbox->plan_eviction().has_value());
  CHECK(ok(data.outbox->evict(*plan)));
  CHECK(data.outbox->lane(Lane::data).head == 75);
}

TEST_CASE("evicting up to the head gives the room back to the disk and does not free a seq") {
  const TempDir dir;
  const Options options = data_options(dir / "data.db");
  std::uintmax_t before = 0;
  {
    Open data = open(options);
    fill(*data.outbox, Lane::data, 100, 4000);
  }
  before = std::filesystem::file_size(options.file);
  {
    Open data = open(options);
    REQUIRE(ok(data.outbox->evict({Lane::data, 1, 100, 100})));
    CHECK(data.outbox->lane(Lane::data).first == 101);
  }
  CHECK(std::filesystem::file_size(options.file) < before / 4);
  const Open again = open(options);
  CHECK(again.outbox->lane(Lane::data).head == 100);
  CHECK(again.outbox->lane(Lane::data).first == 101);
}

TEST_CASE("the place of evicted data is used again: the file stays within its quota") {
  const TempDir dir;
  Options options = data_options(dir / "data.db");
  options.quota_bytes = 1'000'000;
  Open data = open(options);
  for (int round = 0; round < 40; ++round) {
    fill(*data.outbox, Lane::data, 20, 5000);
    REQUIRE(ok(data.outbox->upkeep()));
    if (const auto plan = data.outbox->plan_eviction()) REQUIRE(ok(data.outbox->evict(*plan)));
  }
  data.outbox.reset();
  CHECK(std::filesystem::file_size(options.file) <= options.quota_bytes);
}

TEST_CASE("the WAL is moved into the file before it grows") {
  const TempDir dir;
  Open alarm = open(alarm_options(dir / "alarm.db"));
  std::uintmax_t longest = 0;
  for (int round = 0; round < 40; ++round) {
    fill(*alarm.outbox, Lane::alarm, 1, 250'000);
    REQUIRE(ok(alarm.outbox->upkeep()));
    longest = std::max(longest, std::filesystem::file_size(dir / "alarm.db-wal"));
  }
  CHECK(longest < 6'000'000);
}

TEST_CASE("after the WAL was moved once, a commit costs one sync again") {
  const TempDir dir;
  PowerCutVfs disk(1);
  Options options = alarm_options(dir / "alarm.db");
  options.vfs = disk.name();
  Open alarm = open(options);
  for (int round = 0; round < 20; ++round) {
    fill(*alarm.outbox, Lane::alarm, 1, 250'000);
    REQUIRE(ok(alarm.outbox->upkeep()));
  }
  fill(*alarm.outbox, Lane::alarm, 1, 100);  // the WAL begins anew, and the synced file beside follows it
  REQUIRE(ok(alarm.outbox->upkeep()));
  const std::uint64_t before = disk.syncs();
  for (int round = 0; round < 10; ++round) {
    fill(*alarm.outbox, Lane::alarm, 1, 100);
    REQUIRE(ok(alarm.outbox->upkeep()));
  }
  CHECK(disk.syncs() - before == 10);
}

TEST_CASE("unacked alarms are never in a plan; events are, oldest unacked first") {
  const TempDir dir;
  Options options = alarm_options(dir / "alarm.db");
  options.quota_bytes = 200'000;
  Open alarm = open(options);
  fill(*alarm.outbox, Lane::alarm, 60, 5000);
  CHECK_FALSE(alarm.outbox->plan_eviction().has_value());
  CHECK(alarm.outbox->evict({Lane::alarm, 1, 10, 10}).error().fault == Fault::refused);
  fill(*alarm.outbox, Lane::event, 3, 100);
  REQUIRE(ok(alarm.outbox->mark_acked(Lane::event, 1, t0)));
  const auto plan = alarm.outbox->plan_eviction();
  REQUIRE(plan.has_value());
  CHECK(plan->lane == Lane::event);
  CHECK(plan->from == 2);
}

TEST_CASE("above the quota acked alarms go before their seven days") {
  const TempDir dir;
  Options options = alarm_options(dir / "alarm.db");
  options.quota_bytes = 200'000;
  Open alarm = open(options);
  fill(*alarm.outbox, Lane::alarm, 60, 5000);
  REQUIRE(ok(alarm.outbox->mark_acked(Lane::alarm, 50, t0)));
  REQUIRE(ok(alarm.outbox->trim(t0)));
  CHECK(alarm.outbox->lane(Lane::alarm).first == 51);
}

TEST_CASE("an eviction that a crash cut between its record and the delete is finished from its state") {
  const TempDir dir;
  Options options = data_options(dir / "data.db");
  options.quota_bytes = 100'000;
  Open alarm = open(alarm_options(dir / "alarm.db"));
  std::optional<Outbox::EvictionPlan> plan;
  {
    Open data = open(options);
    fill(*data.outbox, Lane::data, 30, 4000);
    plan = data.outbox->plan_eviction();
    REQUIRE(plan.has_value());
    Change recorded = change(Lane::event, 1, "evicted");
    recorded.state = {
        {"eviction", "data", body_of(std::to_string(plan->from) + " " + std::to_string(plan->to))}};
    REQUIRE(ok(alarm.outbox->commit({recorded}, t0)));
  }  // the crash: nothing was deleted
  Open data = open(options);
  CHECK(data.outbox->lane(Lane::data).first == plan->from);
  REQUIRE(alarm.outbox->states("eviction").size() == 1);
  REQUIRE(ok(data.outbox->evict(*plan)));
  CHECK(data.outbox->lane(Lane::data).first == plan->to + 1);
}

TEST_CASE("a full disk: the commit says so, the reserve goes, the same commit works when there is room") {
  const TempDir dir;
  PowerCutVfs disk(1);
  Options options = alarm_options(dir / "alarm.db");
  options.vfs = disk.name();
  Open alarm = open(options);
  CHECK(std::filesystem::exists(dir / "alarm.db.reserve"));
  fill(*alarm.outbox, Lane::alarm, 5, 1000);
  disk.set_room(3000);
  const Status full = alarm.outbox->commit({change(Lane::alarm, 6, std::string(20'000, 'x'))}, t0);
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().fault == Fault::storage_full);
  CHECK_FALSE(std::filesystem::exists(dir / "alarm.db.reserve"));
  CHECK(alarm.outbox->lane(Lane::alarm).head == 5);
  CHECK(alarm.outbox->read(Lane::alarm, 1, 10, 10'000)->size() == 5);
  disk.set_room(1 << 20);
  CHECK(ok(alarm.outbox->commit({change(Lane::alarm, 6, std::string(20'000, 'x'))}, t0)));
  CHECK(ok(alarm.outbox->upkeep()));
  CHECK(std::filesystem::exists(dir / "alarm.db.reserve"));
}

TEST_CASE("on a full disk a plan is made below the quota, and the reserve is enough to carry it out") {
  const TempDir dir;
  PowerCutVfs disk(1);
  Options options = data_options(dir / "data.db");
  options.vfs = disk.name();
  Open data = open(options);
  fill(*data.outbox, Lane::data, 100, 4000);
  CHECK_FALSE(data.outbox->plan_eviction().has_value());
  disk.set_room(0);
  REQUIRE_FALSE(data.outbox->commit({change(Lane::data, 101, std::string(100'000, 'x'))}, t0).has_value());
  const auto plan = data.outbox->plan_eviction();
  REQUIRE(plan.has_value());
  CHECK(plan->count >= 10);
  disk.set_room(1 << 20);  // what the reserve gave back
  CHECK(ok(data.outbox->evict(*plan)));
  CHECK(ok(data.outbox->commit({change(Lane::data, 101, "x")}, t0)));
  CHECK_FALSE(data.outbox->plan_eviction().has_value());  // there is room again: no more is thrown away
}

TEST_CASE("one commit is one sync, however many changes it has") {
  const TempDir dir;
  PowerCutVfs disk(1);
  Options options = alarm_options(dir / "alarm.db");
  options.vfs = disk.name();
  Open alarm = open(options);
  fill(*alarm.outbox, Lane::alarm, 1, 100);  // the first writes the header of the WAL
  const std::uint64_t before = disk.syncs();
  fill(*alarm.outbox, Lane::alarm, 10, 100);
  CHECK(disk.syncs() == before + 10);
  std::vector<Change> together;
  for (std::uint64_t seq = 12; seq < 112; ++seq) together.push_back(change(Lane::alarm, seq, "x"));
  REQUIRE(ok(alarm.outbox->commit(together, t0)));
  CHECK(disk.syncs() == before + 11);
  REQUIRE(ok(alarm.outbox->mark_acked(Lane::alarm, 50, t0)));  // an ack that is lost comes again
  CHECK(disk.syncs() == before + 11);
}

TEST_CASE("data.db is not synced by its commits") {
  const TempDir dir;
  PowerCutVfs disk(1);
  Options options = data_options(dir / "data.db");
  options.vfs = disk.name();
  Open data = open(options);
  fill(*data.outbox, Lane::data, 1, 100);
  const std::uint64_t before = disk.syncs();
  fill(*data.outbox, Lane::data, 20, 100);
  CHECK(disk.syncs() == before);
}

TEST_CASE("a sync that fails once: the commit is not promised, and repeating it stores it once") {
  for (std::uint64_t n = 1; n <= 3; ++n) {
    CAPTURE(n);
    const TempDir dir;
    PowerCutVfs disk(1);
    Options options = alarm_options(dir / "alarm.db");
    options.vfs = disk.name();
    Open alarm = open(options);
    fill(*alarm.outbox, Lane::alarm, 3, 100);
    const std::vector<Change> changes{change(Lane::alarm, 4, "four"), change(Lane::alarm, 5, "five")};
    disk.fail_sync_at(1);
    const Status failed = alarm.outbox->commit(changes, t0);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().fault == Fault::storage);
    const std::uint64_t before = disk.syncs();
    disk.fail_sync_at(n);  // also while the file is opened again
    for (int tries = 0; tries < 4; ++tries) {
      if (alarm.outbox->commit(changes, t0)) break;
    }
    CHECK(disk.syncs() >= before + 2);  // WAL and file: all that there was is written and synced anew
    CHECK(alarm.outbox->lane(Lane::alarm).head == 5);
    CHECK(alarm.outbox->read(Lane::alarm, 4, 10, 1000)->size() == 2);
    // What is promised now is on the disk, although the kernel had dropped what the failed sync should have
    // written.
    alarm.outbox.reset();
    Open again = open(alarm_options(dir / "alarm.db"));
    CHECK(again.outbox->lane(Lane::alarm).head == 5);
  }
}

TEST_CASE("while syncs fail nothing is promised, and reading goes on when they work") {
  const TempDir dir;
  PowerCutVfs disk(1);
  Options options = alarm_options(dir / "alarm.db");
  options.vfs = disk.name();
  Open alarm = open(options);
  fill(*alarm.outbox, Lane::alarm, 3, 100);
  disk.fail_syncs(true);
  for (int tries = 0; tries < 3; ++tries)
    CHECK_FALSE(alarm.outbox->commit({change(Lane::alarm, 4, "four")}, t0).has_value());
  disk.fail_syncs(false);
  CHECK(ok(alarm.outbox->commit({change(Lane::alarm, 4, "four")}, t0)));
  CHECK(alarm.outbox->read(Lane::alarm, 1, 10, 1000)->size() == 4);
}
