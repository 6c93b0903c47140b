#pragma once
// Records, places and a store in memory that the tests of the cloud share.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

#include "cloud/ingest/apply.h"
#include "cloud/store/sqlite_store.h"
#include "sync/wire/codec.h"

namespace tocsin::cloud::samples {

inline constexpr std::uint64_t epoch = 0x5f3a9c0e77d1b284;
inline constexpr UtcTime noon{std::chrono::milliseconds{1'795'312'800'120}};  // 2026-11-22T10:00:00.120+08:00

// A name for a database, gone again at the end.
struct TemporaryFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("tocsin-cloud-" + std::to_string(::getpid()) + ".db");
  TemporaryFile() { std::filesystem::remove(path); }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

inline Place place() {
  return {"wangjing-b12", {"110105", "wangjing-west", "b12", 39.99, 116.47}};
}

// A confirmed fire on 3F: what the city is there for.
inline alarm::Transition confirmed_fire() {
  alarm::Transition t;
  t.key = {"zone/3F", "fire", "confirmed"};
  t.cls = AlarmClass::fire;
  t.stage = Stage::confirmed;
  t.change = alarm::Change::raised;
  t.bits = {true, true, false, false, false};
  t.zone = "3F";
  t.cause = {"smoke-3f-01/smoke", "smoke-3f-02/smoke"};
  t.t_source = noon;
  t.t_detected.utc = noon + std::chrono::milliseconds{5};
  t.t_detected.clock = ClockQuality::synchronised;
  return t;
}

inline alarm::Transition next(alarm::Transition t, const std::string& id, alarm::Change change,
                              alarm::Bits bits) {
  t.alarm_id = id;
  t.change = change;
  t.bits = bits;
  return t;
}

inline session::ReceivedRecord record(std::uint64_t seq, const alarm::Transition& t) {
  return {seq, wire::encode_change(t, "3"), noon + std::chrono::milliseconds{6},
          noon + std::chrono::milliseconds{7}};
}

inline session::StoreRecords batch(std::vector<session::ReceivedRecord> records) {
  session::StoreRecords b;
  b.ticket = 1;
  b.epoch = epoch;
  b.lane = wire::Lane::alarm;
  b.upto = records.back().seq;
  b.records = std::move(records);
  return b;
}

inline std::unique_ptr<Store> store() {
  return std::move(open_sqlite_store(":memory:").value());
}

// doctest cannot print a Status.
inline bool done(Store& store, const std::function<void()>& work) {
  return store.transact(work).has_value();
}

inline constexpr const char* fire_id = "wangjing-b12-5f3a9c0e77d1b284-42";

}  // namespace tocsin::cloud::samples
