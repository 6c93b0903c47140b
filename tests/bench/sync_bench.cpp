// bench sync: the outbox beside a bare SQLite loop, bytes per reading, syncs per commit, trim, and a drain.

#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "sync/outbox/outbox.h"
#include "sync/wire/codec.h"
#include "sync/wire/frame.h"
#include "sync/wire/topics.h"
#include "tests/bench/bare_drain.h"
#include "tests/bench/benches.h"
#include "tests/bench/plant.h"
#include "tests/bench/product_drain.h"
#include "tests/support/mosquitto.h"

namespace tocsin::bench {
namespace {

constexpr std::size_t pairs = 9, commits_per_turn = 200, blocks_per_ack = 8;
constexpr std::size_t drain_pairs = 5, drain_blocks = 20000;
const UtcTime noon{std::chrono::milliseconds(1'795'312'800'000)};

void must(const Status& status) {
  if (!status) throw std::runtime_error(to_string(status.error()));
}

std::unique_ptr<outbox::Outbox> open(const std::filesystem::path& file, std::vector<wire::Lane> lanes,
                                     outbox::Durability durability) {
  outbox::Options options;
  options.file = file;
  options.lanes = std::move(lanes);
  options.durability = durability;
  options.quota_bytes = 1ull << 30;
  outbox::OpenReport report;
  auto opened = outbox::Outbox::open(options, report);
  if (!opened) throw std::runtime_error(to_string(opened.error()));
  return std::move(*opened);
}

template <class Work>
double seconds_of(clockid_t clock, Work&& work) {
  timespec start{}, end{};
  ::clock_gettime(clock, &start);
  work();
  ::clock_gettime(clock, &end);
  return static_cast<double>(end.tv_sec - start.tv_sec) +
         static_cast<double>(end.tv_nsec - start.tv_nsec) * 1e-9;
}

// 200 readings a commit, each synced; both sides encode them.
Finding insert_rate(const std::filesystem::path& folder) {
  const auto ours = open(folder / "ours.db", {wire::Lane::data}, outbox::Durability::every_commit);
  BareDatabase bare(folder / "bare.db", bare_setup);
  Plant plant(1);
  std::uint64_t seq = 0;
  std::int64_t bare_seq = 0;
  std::vector<double> mine, theirs, ratios;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    std::vector<std::vector<Reading>> readings(commits_per_turn);
    for (auto& block : readings) block = plant.block();
    mine.push_back(seconds_of(CLOCK_MONOTONIC, [&] {
      for (const auto& block : readings) {
        outbox::Change change;
        change.records.emplace_back(wire::Lane::data, wire::Record{++seq, wire::encode_block(block), {}});
        must(ours->commit({change}, noon));
        must(ours->upkeep());
      }
    }));
    theirs.push_back(seconds_of(CLOCK_MONOTONIC, [&] {
      for (const auto& block : readings) bare.insert(++bare_seq, wire::encode_block(block));
    }));
    ratios.push_back(mine.back() / theirs.back());
  }
  const double per_commit = 1e6 / commits_per_turn;
  return judged({"sync", "commit of 200 readings, synced", median(mine) * per_commit, "us",
                 median(theirs) * per_commit, median(ratios), 1 / 0.6, true});
}

// What 200 readings a second cost on disk and on the wire, live: a record a frame.
std::vector<Finding> bytes_per_reading(const std::filesystem::path& folder) {
  constexpr std::size_t blocks = 2000,
                        mqtt_head = 1 + 3 + 2 + 2 + 1;  // type, length, topic length, id, properties
  Plant plant(2);
  const std::string topic = wire::gateway_topic("wangjing-west", "wangjing-b12", "up/data");
  std::uint64_t wire_bytes = 0;
  {
    const auto store = open(folder / "size.db", {wire::Lane::data}, outbox::Durability::at_checkpoint);
    for (std::uint64_t seq = 1; seq <= blocks; ++seq) {
      const wire::Record record{seq, wire::encode_block(plant.block()), noon};
      wire_bytes += mqtt_head + topic.size() +
                    wire::encode_frame(1, wire::Lane::data, seq - 1, std::span(&record, 1), noon).size();
      must(store->commit({{{{wire::Lane::data, record}}, {}}}, noon));
    }
  }  // closed: all of it is in the file
  const double readings = static_cast<double>(blocks * Plant::readings_per_block);
  const auto disk = static_cast<double>(std::filesystem::file_size(folder / "size.db"));
  return {judged({"sync", "bytes per reading on disk", disk / readings, "B", {}, {}, 4.3, true}),
          judged({"sync",
                  "bytes per reading on the wire",
                  static_cast<double>(wire_bytes) / readings,
                  "B",
                  {},
                  {},
                  3.9,
                  true})};
}

// Processor time of removing what was acknowledged, beside that of storing it.
Finding trim_share(const std::filesystem::path& folder) {
  const auto store = open(folder / "trim.db", {wire::Lane::data}, outbox::Durability::at_checkpoint);
  Plant plant(3);
  double insert = 0, trim = 0;
  std::vector<double> ratios;
  std::uint64_t seq = 0;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    double inserted = 0, trimmed = 0;
    for (std::size_t turn = 0; turn < commits_per_turn / blocks_per_ack; ++turn) {
      std::vector<std::vector<Reading>> readings(blocks_per_ack);
      for (auto& block : readings) block = plant.block();
      inserted += seconds_of(CLOCK_THREAD_CPUTIME_ID, [&] {
        for (const auto& block : readings) {
          outbox::Change change;
          change.records.emplace_back(wire::Lane::data, wire::Record{++seq, wire::encode_block(block), {}});
          must(store->commit({change}, noon));
        }
        must(store->upkeep());
      });
      trimmed +=
          seconds_of(CLOCK_THREAD_CPUTIME_ID, [&] { must(store->mark_acked(wire::Lane::data, seq, noon)); });
    }
    ratios.push_back(trimmed / inserted);
    insert += inserted;
    trim += trimmed;
  }
  const double per_reading = 1e6 / (static_cast<double>(seq) * Plant::readings_per_block);
  return judged({"sync", "trim, processor time per reading", trim * per_reading, "us", insert * per_reading,
                 median(ratios), 0.15, true});
}

// After the first commits the WAL is overwritten: each commit is one sync, whatever shares it.
Finding syncs_per_commit(const std::filesystem::path& folder) {
  constexpr std::uint64_t commits = 300;
  const auto store =
      open(folder / "alarm.db", {wire::Lane::alarm, wire::Lane::event}, outbox::Durability::every_commit);
  std::uint64_t seq = 0, syncs = 0;
  for (std::uint64_t i = 0; i < commits; ++i) {
    std::vector<outbox::Change> group(1 + i % 4);
    for (auto& change : group)
      change = {{{wire::Lane::alarm, {++seq, Bytes(200, 1), {}}}}, {{"alarm", "zone/3F/fire", Bytes(60, 2)}}};
    const std::uint64_t before = store->usage().syncs;
    must(store->commit(group, noon));
    if (i > 0) syncs += store->usage().syncs - before;  // the very first syncs the new WAL's header too
    must(store->upkeep());
  }
  return judged({"sync",
                 "syncs per group commit of alarms",
                 static_cast<double>(syncs) / (commits - 1),
                 "",
                 {},
                 {},
                 1,
                 true});
}

Finding drain(const Options& options, const std::filesystem::path& folder) {
  test::Mosquitto field("max_inflight_messages 50\nmax_queued_messages 20000\nset_tcp_nodelay true\n"), city;
  Plant plant(4);
  std::vector<Bytes> blocks;
  for (std::size_t i = 0; i < drain_blocks; ++i) blocks.push_back(wire::encode_block(plant.block()));
  std::vector<double> mine, theirs, ratios;
  for (std::size_t pair = 0; pair < drain_pairs; ++pair) {
    const auto ours = folder / ("ours-" + std::to_string(pair)),
               bare = folder / ("bare-" + std::to_string(pair));
    std::filesystem::create_directories(ours);
    std::filesystem::create_directories(bare);
    mine.push_back(product_drain(blocks, field.url(), city.url(), options.programs, options.profiles, ours));
    theirs.push_back(bare_drain(blocks, field.url(), bare));
    ratios.push_back(mine.back() / theirs.back());
    std::fprintf(stderr, "sync: drain of %zu readings %.2f s, bare %.2f s\n",
                 drain_blocks * Plant::readings_per_block, mine.back(), theirs.back());
  }
  const double per_reading = 1e6 / static_cast<double>(drain_blocks * Plant::readings_per_block);
  return judged({"sync", "drain, time per reading", median(mine) * per_reading, "us",
                 median(theirs) * per_reading, median(ratios), 1 / 0.8, true});
}

}  // namespace

std::vector<Finding> bench_sync(const Options& options) {
  const test::TempDir folder;
  std::vector<Finding> found{insert_rate(folder.path())};
  for (Finding& one : bytes_per_reading(folder.path())) found.push_back(std::move(one));
  found.push_back(trim_share(folder.path()));
  found.push_back(syncs_per_commit(folder.path()));
  found.push_back(drain(options, folder.path()));
  return found;
}

}  // namespace tocsin::bench
