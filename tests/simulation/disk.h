#pragma once
// A gateway's databases: what is committed, what of it is synced, what a power cut leaves. Lanes alarm and
// event are synced at each commit; lane data is synced now and then, and a power cut takes the newest of it.
// A seq that may have been sent is never given again: numbers of lane data are reserved in synced steps, and
// after a power cut counting goes on behind them.

#include <array>
#include <deque>
#include <optional>

#include "tests/simulation/oracle.h"

namespace tocsin::simulation {

class Disk {
 public:
  static constexpr std::uint64_t reserve_step = 64;
  static constexpr std::size_t data_quota = 40, event_quota = 60;  // records

  std::uint64_t epoch = 0, previous_epoch = 0, nonce = 0;
  std::uint64_t term = 0;

  wire::Record append(Lane lane, Bytes body, UtcTime stored, MonoTime now);
  wire::LaneState state(Lane lane) const;
  std::vector<wire::Record> read(Lane lane, std::uint64_t from, std::size_t max_records,
                                 std::size_t max_bytes) const;
  void mark_acked(Lane lane, std::uint64_t upto);  // of lane data the rows die
  void unmark_acked(Lane lane, std::uint64_t upto) { one(lane).acked = std::min(one(lane).acked, upto); }

  struct Range {
    std::uint64_t from = 0, to = 0;
  };
  std::optional<Range> over_quota(Lane lane) const;  // what has to go
  void evict(Lane lane, std::uint64_t upto);
  // Data written since `synced` may be gone; `keep` of those records are still there. Gives what is lost for
  // good.
  std::optional<Range> lose_unsynced(MonoTime synced, std::size_t keep);

 private:
  struct Row {
    wire::Record record;
    MonoTime written{};
  };
  struct Rows {
    std::deque<Row> rows;
    std::uint64_t next = 1, acked = 0, reserved = 0, head = 0;
  };
  Rows& one(Lane lane) { return lanes_[index_of(lane)]; }
  const Rows& one(Lane lane) const { return lanes_[index_of(lane)]; }

  std::array<Rows, 3> lanes_;
};

}  // namespace tocsin::simulation
