// The power goes at every single write and sync. What a commit had promised is there afterwards, and no seq
// is used twice.

#include <map>

#include <doctest/doctest.h>

#include "tests/support/power_cut_vfs.h"
#include "tests/unit/outbox/fixture.h"

using namespace tocsin;
using namespace tocsin::outbox;
using namespace tocsin::outbox::test;
using tocsin::test::PowerCutVfs;
using tocsin::test::TempDir;

namespace {

constexpr std::uint64_t seeds = 1;  // per moment; raise it after a change of the store

// What the program was told, and what it was in the middle of when the power went.
struct History {
  std::map<std::uint64_t, std::string> promised;  // seq -> body
  std::uint64_t tried = 0;                        // highest seq given to commit
  std::string state;                              // of the last promise
  std::string state_tried;
  std::uint64_t epoch = 0;
  std::uint64_t acked = 0;
};

std::string body(std::uint64_t seq) {
  return "record " + std::to_string(seq) + std::string(seq % 5 * 400, 'x');
}

// Commits three records, some of them together; false when the power is off.
bool commit_some(Outbox& outbox, Lane lane, History& history) {
  for (int group = 0; group < 2; ++group) {
    std::vector<Change> changes;
    std::uint64_t seq = outbox.lane(lane).head;
    for (int i = 0; i <= group; ++i) {
      ++seq;
      changes.push_back(change(lane, seq, body(seq)));
    }
    changes.back().state = {{"alarm", "z1", body_of("after " + std::to_string(seq))}};
    history.tried = seq;
    history.state_tried = "after " + std::to_string(seq);
    if (!outbox.commit(changes, t0)) return false;
    for (const Change& done : changes) {
      history.promised[done.records[0].second.seq] = text_of(done.records[0].second.body);
    }
    history.state = history.state_tried;
    static_cast<void>(outbox.upkeep());
  }
  return true;
}

// One life of the program: open, work, close, twice; then acks and a third life.
void live(const Options& options, Lane lane, History& history) {
  for (int start = 0; start < 3; ++start) {
    Open opened = open(options);
    if (!opened.outbox) return;
    history.epoch = opened.report.identity.epoch;
    if (!commit_some(*opened.outbox, lane, history)) return;
    if (start == 1) {
      const std::uint64_t upto = opened.outbox->lane(lane).head - 1;
      history.acked = upto;
      if (!opened.outbox->mark_acked(lane, upto, t0)) return;
    }
    if (!commit_some(*opened.outbox, lane, history)) return;
  }
}

std::string state_of(Outbox& outbox) {
  const auto states = outbox.states("alarm");
  return states.empty() ? "" : text_of(states[0].second);
}

}  // namespace

TEST_CASE(
    "alarm.db: a committed record survives a power cut at any moment, in its epoch, and nothing is reported "
    "lost") {
  std::uint64_t cuts = 0;
  for (std::uint64_t n = 1;; ++n) {
    bool over = true;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(n);
      CAPTURE(seed);
      const TempDir dir(TempDir::in_memory());
      PowerCutVfs disk(n * seeds + seed);
      Options options = alarm_options(dir / "alarm.db");
      options.vfs = disk.name();
      History history;
      disk.cut_at(n);
      live(options, Lane::alarm, history);
      if (!disk.is_cut()) continue;
      over = false;
      ++cuts;
      disk.restore();

      Open after = open(alarm_options(dir / "alarm.db"));
      REQUIRE(after.outbox);
      REQUIRE(after.report.lost == "");
      if (history.epoch != 0) REQUIRE(after.report.identity.epoch == history.epoch);
      const Result<std::vector<Record>> stored = after.outbox->read(Lane::alarm, 1, 1000, 1 << 20);
      REQUIRE(stored.has_value());
      std::uint64_t expected = 0;
      for (const Record& record : *stored) {
        REQUIRE(record.seq == ++expected);
        REQUIRE(text_of(record.body) == body(record.seq));  // no phantom, no other body
      }
      REQUIRE(expected >= history.promised.size());
      REQUIRE(expected <= history.tried);
      const bool all_of_last = expected == history.tried;
      REQUIRE(
          (expected == history.promised.size() || all_of_last));  // a group is there as a whole or not at all
      REQUIRE(state_of(*after.outbox) == (all_of_last ? history.state_tried : history.state));
      REQUIRE(after.outbox->lane(Lane::alarm).acked <= history.acked);
      REQUIRE(after.outbox->commit({change(Lane::alarm, expected + 1, "next")}, t0).has_value());
    }
    if (over) break;
  }
  CHECK(cuts > 100);
  MESSAGE(cuts << " power cuts");
}

TEST_CASE(
    "alarm.db: each sync fails once and the power goes later: what was promised after the failure is there "
    "too") {
  constexpr int tries = 4;
  std::uint64_t failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    CAPTURE(n);
    const TempDir dir(TempDir::in_memory());
    PowerCutVfs disk(n);
    Options options = alarm_options(dir / "alarm.db");
    options.vfs = disk.name();
    disk.fail_sync_at(n);
    std::uint64_t promised = 0;
    bool failed = false;
    for (int start = 0; start < 2; ++start) {
      Open opened = open(options);
      if (!opened.outbox) opened = open(options);
      REQUIRE(opened.outbox);
      for (int i = 0; i < 4; ++i) {
        const std::uint64_t seq = opened.outbox->lane(Lane::alarm).head + 1;
        bool stored = false;
        for (int attempt = 0; attempt < tries && !stored; ++attempt) {
          stored = opened.outbox->commit({change(Lane::alarm, seq, body(seq))}, t0).has_value();
          failed = failed || !stored;
        }
        REQUIRE(stored);
        promised = seq;
        static_cast<void>(opened.outbox->upkeep());
      }
      if (start == 1) disk.cut_at(1);  // no clean end
    }
    if (failed) ++failures;
    const bool over = disk.syncs() < n;
    disk.restore();
    Open after = open(alarm_options(dir / "alarm.db"));
    REQUIRE(after.outbox);
    REQUIRE(after.report.lost == "");
    REQUIRE(after.outbox->lane(Lane::alarm).head == promised);
    REQUIRE(after.outbox->read(Lane::alarm, 1, 1000, 1 << 20)->size() == promised);
    if (over) break;
  }
  CHECK(failures >= 8);
}

TEST_CASE("data.db: after a power cut there is a prefix of the records, and no seq is used again") {
  std::uint64_t cuts = 0;
  std::uint64_t short_prefixes = 0;
  for (std::uint64_t n = 1;; ++n) {
    bool over = true;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(n);
      CAPTURE(seed);
      const TempDir dir(TempDir::in_memory());
      PowerCutVfs disk(n * seeds + seed);
      Options options = data_options(dir / "data.db");
      options.vfs = disk.name();
      options.boot = "before";
      History history;
      disk.cut_at(n);
      live(options, Lane::data, history);
      if (!disk.is_cut()) continue;
      over = false;
      ++cuts;
      disk.restore();

      Options later = data_options(dir / "data.db");
      later.boot = "after";
      Open after = open(later);
      REQUIRE(after.outbox);
      if (history.epoch != 0) REQUIRE(after.report.identity.epoch == history.epoch);
      std::uint64_t last = 0;
      const Result<std::vector<Record>> stored = after.outbox->read(Lane::data, 1, 1000, 1 << 20);
      REQUIRE(stored.has_value());
      for (const Record& record : *stored) {
        REQUIRE((last == 0 || record.seq == last + 1));
        REQUIRE(text_of(record.body) == body(record.seq));
        last = record.seq;
      }
      if (last < history.promised.size()) ++short_prefixes;
      REQUIRE(after.outbox->lane(Lane::data).head >= history.tried);
    }
    if (over) break;
  }
  CHECK(cuts > 100);
  CHECK(short_prefixes > 0);  // or the disk had lost nothing and the test nothing to show
  MESSAGE(cuts << " power cuts");
}

TEST_CASE("a kill without a power cut loses nothing of data.db and leaves no gap") {
  const TempDir dir;
  Options options = data_options(dir / "data.db");
  options.boot = "same";
  Open first = open(options);
  REQUIRE(ok(first.outbox->commit({change(Lane::data, 1, "a"), change(Lane::data, 2, "b")}, t0)));
  copy_as_killed(options.file, dir / "killed.db");
  options.file = dir / "killed.db";
  Open after = open(options);
  REQUIRE(after.outbox);
  CHECK(after.report.lost == "");
  CHECK(records(*after.outbox, Lane::data) == "1:a 2:b");
  CHECK(after.outbox->lane(Lane::data).head == 2);
}

TEST_CASE("after another boot without a clean end the lane goes on above every seq it may have used") {
  const TempDir dir;
  Options options = data_options(dir / "data.db");
  options.boot = "one";
  Open first = open(options);
  REQUIRE(ok(first.outbox->commit({change(Lane::data, 1, "a")}, t0)));
  copy_as_killed(options.file, dir / "killed.db");
  options.file = dir / "killed.db";
  options.boot = "two";
  std::uint64_t head = 0;
  {
    Open after = open(options);
    CHECK(after.report.lost != "");
    head = after.outbox->lane(Lane::data).head;
    CHECK(head > 1000);
    CHECK(records(*after.outbox, Lane::data) == "1:a");
    REQUIRE(ok(after.outbox->commit({change(Lane::data, head + 1, "b")}, t0)));
  }
  options.boot = "three";  // the end before it was clean
  Open again = open(options);
  CHECK(again.report.lost == "");
  CHECK(again.outbox->lane(Lane::data).head == head + 1);
}
