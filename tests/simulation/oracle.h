#pragma once
// What really happened, and what must never happen: the invariants of design section 7, checked at every
// step. Bodies are compared by a 64-bit hash.

#include <array>
#include <map>
#include <string>
#include <vector>

#include "sync/session/ingest.h"
#include "sync/wire/lane.h"

namespace tocsin::simulation {

using wire::Lane;

std::uint64_t hash_of(const Bytes& body);
inline std::size_t index_of(Lane lane) {
  return static_cast<std::size_t>(lane) - 1;
}

// Where a record of a gateway is; index is its seq.
enum class Fate : std::uint8_t { never_written, kept, deleted, given_up };
struct LaneTruth {
  std::vector<std::uint64_t> hash{0};
  std::vector<Fate> fate{Fate::never_written};
  std::vector<MonoTime> accepted{MonoTime{}};
  std::uint64_t disputed_upto = 0;  // a cloned disk wrote these ids twice
  std::uint64_t marked = 0;         // acked in the store, as far as the session said

  std::uint64_t head() const { return hash.size() - 1; }
};
struct EpochTruth {
  std::array<LaneTruth, 3> lanes;
  bool ended = false;  // its database is gone
};

// What the cloud's database holds.
enum class Row : std::uint8_t { absent, stored, gap };
struct LaneRows {
  std::vector<Row> rows{Row::gap};
  std::vector<std::uint64_t> hash{0};
  std::uint64_t complete = 0;  // every row up to here is stored or booked
  std::uint64_t watermark = 0;
};
using CloudRows =
    std::map<std::pair<std::size_t, std::uint64_t>, std::array<LaneRows, 3>>;  // (gateway, epoch)

class Oracle {
 public:
  // The gateway's side.
  void accepted(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t seq, std::uint64_t hash,
                MonoTime now);
  void gone(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t from, std::uint64_t to,
            Fate fate);
  void ended(std::size_t gateway, std::uint64_t epoch) { truth(gateway, epoch).ended = true; }
  void cloned(std::size_t gateway, std::uint64_t epoch);
  // The process starts with the mark that its store has: the newest may not have been stored.
  void restarted(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t acked) {
    truth(gateway, epoch).lanes[index_of(lane)].marked = acked;
  }
  void marked(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t upto);
  void unmarked(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t upto, bool was_restored);

  // The cloud's side. `committed` gives true when an id came with another body.
  bool committed(CloudRows& cloud, std::size_t gateway, const session::StoreRecords& change, MonoTime now);
  void acknowledged(CloudRows& cloud, std::size_t gateway, std::uint64_t epoch, Lane lane,
                    std::uint64_t upto);
  void applied_now(std::size_t gateway, const session::ApplyNow& now);

  // After everything healed.
  void complete(CloudRows& cloud, std::size_t gateway, std::uint64_t epoch);

  void violated(const std::string& what) {
    if (failure_.empty()) failure_ = what;
  }
  const std::string& failure() const { return failure_; }  // the first; empty while all is well
  Duration slowest_alarm() const { return slowest_alarm_; }
  std::uint64_t commits() const { return commits_; }
  std::uint64_t gaps() const { return gaps_; }
  std::uint64_t nows() const { return nows_; }

  EpochTruth& truth(std::size_t gateway, std::uint64_t epoch) { return truth_[{gateway, epoch}]; }

 private:
  void book_gap(LaneRows& rows, const LaneTruth& lane, bool ended, const session::StoreRecords& change);

  std::map<std::pair<std::size_t, std::uint64_t>, EpochTruth> truth_;
  std::map<std::pair<std::size_t, std::uint64_t>, std::array<std::uint64_t, 3>> ever_complete_;
  std::string failure_;
  Duration slowest_alarm_{};
  std::uint64_t commits_ = 0, gaps_ = 0, nows_ = 0;
};

}  // namespace tocsin::simulation
