#include "tests/simulation/oracle.h"

#include <algorithm>

namespace tocsin::simulation {
namespace {

std::string at(std::size_t gateway, Lane lane, std::uint64_t seq) {
  return " (gateway " + std::to_string(gateway) + ", lane " + std::string(name_of(lane)) + ", seq " +
         std::to_string(seq) + ")";
}

void grow(LaneRows& rows, std::uint64_t upto) {
  if (rows.rows.size() > upto) return;
  rows.rows.resize(upto + 1, Row::absent);
  rows.hash.resize(upto + 1, 0);
}

void advance(LaneRows& rows) {
  while (rows.complete + 1 < rows.rows.size() && rows.rows[rows.complete + 1] != Row::absent) ++rows.complete;
}

}  // namespace

std::uint64_t hash_of(const Bytes& body) {
  std::uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a
  for (const std::uint8_t byte : body) hash = (hash ^ byte) * 0x100000001B3u;
  return hash | 1;
}

void Oracle::accepted(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t seq,
                      std::uint64_t hash, MonoTime now) {
  LaneTruth& one = truth(gateway, epoch).lanes[index_of(lane)];
  if (seq < one.hash.size()) {
    if (seq > one.disputed_upto) violated("the model wrote a seq twice" + at(gateway, lane, seq));
    if (one.fate[seq] != Fate::never_written)
      return;  // of a cloned disk: the first writer's body is the record's
  }
  const std::size_t size = std::max<std::size_t>(one.hash.size(), seq + 1);
  one.hash.resize(size, 0);
  one.fate.resize(size, Fate::never_written);
  one.accepted.resize(size);
  one.hash[seq] = hash;
  one.fate[seq] = Fate::kept;
  one.accepted[seq] = now;
}

void Oracle::gone(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t from, std::uint64_t to,
                  Fate fate) {
  LaneTruth& one = truth(gateway, epoch).lanes[index_of(lane)];
  for (std::uint64_t seq = from; seq <= std::min(to, one.head()); ++seq) {
    if (one.fate[seq] != Fate::kept) continue;
    one.fate[seq] = fate;
    if (fate == Fate::given_up && lane == Lane::alarm)
      violated("I7: an alarm was given up" + at(gateway, lane, seq));
  }
}

void Oracle::cloned(std::size_t gateway, std::uint64_t epoch) {
  for (LaneTruth& lane : truth(gateway, epoch).lanes) {
    lane.disputed_upto = lane.head();
    lane.marked = 0;
  }
}

void Oracle::marked(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t upto) {
  LaneTruth& one = truth(gateway, epoch).lanes[index_of(lane)];
  if (upto <= one.marked) violated("I9: the gateway's mark does not rise" + at(gateway, lane, upto));
  if (upto > ever_complete_[{gateway, epoch}][index_of(lane)] && upto > one.disputed_upto)
    violated("I1: marked as acknowledged, but the cloud never had it" + at(gateway, lane, upto));
  one.marked = upto;
}

void Oracle::unmarked(std::size_t gateway, std::uint64_t epoch, Lane lane, std::uint64_t upto,
                      bool was_restored) {
  LaneTruth& one = truth(gateway, epoch).lanes[index_of(lane)];
  if (!was_restored) violated("I9: a mark went back without a restore" + at(gateway, lane, upto));
  one.marked = upto;
}

void Oracle::book_gap(LaneRows& rows, const LaneTruth& lane, bool ended,
                      const session::StoreRecords& change) {
  ++gaps_;
  if (change.gap_cause.empty()) violated("I8: a gap without its cause");
  grow(rows, change.gap_to);
  for (std::uint64_t seq = change.gap_from; seq <= change.gap_to; ++seq) {
    if (rows.rows[seq] == Row::stored) continue;
    const bool kept = seq < lane.fate.size() && lane.fate[seq] == Fate::kept;
    if (kept && !ended && seq > lane.disputed_upto)
      violated("I8: a gap booked over a record that still exists, lane " + std::string(name_of(change.lane)) +
               ", seq " + std::to_string(seq));
    if (change.upto >= change.gap_to)
      rows.rows[seq] = Row::gap;  // else: noted, the watermark stays before it
  }
}

bool Oracle::committed(CloudRows& cloud, std::size_t gateway, const session::StoreRecords& change,
                       MonoTime now) {
  ++commits_;
  const std::size_t lane = index_of(change.lane);
  const EpochTruth& epoch = truth(gateway, change.epoch);
  const LaneTruth& written = epoch.lanes[lane];
  LaneRows& rows = cloud[{gateway, change.epoch}][lane];
  if (change.gap_to != 0) book_gap(rows, written, epoch.ended, change);
  bool conflict = false;
  for (const session::ReceivedRecord& record : change.records) {
    const std::uint64_t hash = hash_of(record.body);
    grow(rows, record.seq);
    if (rows.rows[record.seq] == Row::stored) {
      conflict = conflict || rows.hash[record.seq] != hash;
      continue;
    }
    const bool real = record.seq <= written.head() && written.fate[record.seq] != Fate::never_written;
    if (!real)
      violated("I5: a record that nobody wrote" + at(gateway, change.lane, record.seq));
    else if (written.hash[record.seq] != hash && record.seq > written.disputed_upto)
      violated("I4: another body than was written" + at(gateway, change.lane, record.seq));
    else if (change.lane == Lane::alarm)
      slowest_alarm_ = std::max(slowest_alarm_, now - written.accepted[record.seq]);
    rows.rows[record.seq] = Row::stored;
    rows.hash[record.seq] = hash;
  }
  advance(rows);
  rows.watermark = std::max(rows.watermark, change.upto);
  if (rows.watermark > rows.complete)
    violated("I1: the watermark is beyond what is stored or booked" +
             at(gateway, change.lane, rows.complete + 1));
  std::uint64_t& ever = ever_complete_[{gateway, change.epoch}][lane];
  ever = std::max(ever, rows.complete);
  return conflict;
}

void Oracle::acknowledged(CloudRows& cloud, std::size_t gateway, std::uint64_t epoch, Lane lane,
                          std::uint64_t upto) {
  if (upto > cloud[{gateway, epoch}][index_of(lane)].complete)
    violated("I6: acknowledged before its commit" + at(gateway, lane, upto));
}

void Oracle::applied_now(std::size_t gateway, const session::ApplyNow& now) {
  ++nows_;
  const LaneTruth& alarms = truth(gateway, now.epoch).lanes[index_of(Lane::alarm)];
  if (now.seq > alarms.head() ||
      (alarms.hash[now.seq] != hash_of(now.body) && now.seq > alarms.disputed_upto))
    violated("I5: up/now of an alarm that nobody wrote" + at(gateway, Lane::alarm, now.seq));
}

void Oracle::complete(CloudRows& cloud, std::size_t gateway, std::uint64_t epoch) {
  const EpochTruth& one = truth(gateway, epoch);
  if (one.ended) return;
  for (const Lane lane : wire::lanes) {
    const LaneTruth& written = one.lanes[index_of(lane)];
    LaneRows& rows = cloud[{gateway, epoch}][index_of(lane)];
    if (written.head() == written.disputed_upto) continue;  // empty, or nothing new since the disk was cloned
    if (rows.complete < written.head())
      violated("I1, I13: not everything arrived, " + std::to_string(rows.complete) + " of " +
               std::to_string(written.head()) + at(gateway, lane, rows.complete + 1));
    grow(rows, written.head());
    for (std::uint64_t seq = 1; lane == Lane::alarm && seq <= written.head(); ++seq)
      if (written.fate[seq] == Fate::kept && rows.rows[seq] != Row::stored && seq > written.disputed_upto)
        violated("I1: an accepted alarm is not in the cloud's table" + at(gateway, lane, seq));
  }
}

}  // namespace tocsin::simulation
