#include <algorithm>

#include "sync/session/ingest_impl.h"

namespace tocsin::session {
namespace {

constexpr std::size_t most_waiting = 32;             // frames per lane behind a commit
constexpr std::size_t most_waiting_bytes = 1 << 20;  // bytes of them
constexpr std::size_t most_evictions = 64;

std::size_t bytes_of(const wire::Frame& frame) {
  std::size_t bytes = 0;
  for (const Record& record : frame.records) bytes += record.body.size() + sizeof(Record);
  return bytes;
}

}  // namespace

void IngestSession::Impl::on_frame(wire::Frame frame, MonoTime now, IngestActions& out) {
  if (!is_speaking(frame.epoch, now, out)) return;
  heads[frame.lane] = std::max(heads[frame.lane], frame.records.back().seq);
  Receiver& lane = receiver(frame.lane);
  if (lane.ticket == 0) {
    consider(std::move(frame), now, out);
    return;
  }
  const std::size_t bytes = bytes_of(frame);
  if (lane.waiting.size() == most_waiting || lane.waiting_bytes + bytes > most_waiting_bytes) {
    reject("queue-full");
    return;
  }
  lane.waiting_bytes += bytes;
  lane.waiting.push_back(std::move(frame));
}

// The rule of the lane's order. Beyond watermark + 1, `after` tells a gap (the records are gone for good)
// from a lost frame (they still exist: nothing is acknowledged, the gateway sends again from watermark + 1 at
// once).
void IngestSession::Impl::consider(wire::Frame frame, MonoTime now, IngestActions& out) {
  const std::uint64_t upto = watermark(frame.lane);
  const std::uint64_t first = frame.records.front().seq, last = frame.records.back().seq;
  if (first <= upto + 1) {
    const bool nothing_new = last <= upto;
    if (nothing_new && frame.lane == Lane::data)
      reply_ack(frame.lane, out);
    else
      store(std::move(frame), 0, out);
  } else if (frame.after > upto) {
    const std::uint64_t gap_to = frame.after;
    if (first > gap_to + 1) frame.records.clear();  // and a lost frame behind the gap
    store(std::move(frame), gap_to, out);
  } else {
    reject("lost-frame");
    ask_again(frame.lane, now, out);
  }
}

// Repeated records of lanes alarm and event go to the store too: it is the store that sees whether their
// bodies are equal.
void IngestSession::Impl::store(wire::Frame frame, std::uint64_t gap_to, IngestActions& out) {
  const Lane lane = frame.lane;
  const std::uint64_t upto = watermark(lane);
  StoreRecords action{++last_ticket, frame.epoch, lane, 0, 0, {}, {}, std::max(upto, gap_to)};
  if (gap_to > upto) {
    action.gap_from = upto + 1;
    action.gap_to = gap_to;
    action.gap_cause = gap_cause(frame.epoch, lane, action.gap_from, gap_to);
  }
  if (lane == Lane::event) remember_evictions(frame);
  for (Record& record : frame.records) {
    if (lane == Lane::data && record.seq <= upto) continue;
    action.upto = std::max(action.upto, record.seq);
    action.records.push_back({record.seq, std::move(record.body), record.stored, frame.sent});
  }
  tickets[action.ticket] = {frame.epoch, lane, action.upto};
  receiver(lane).ticket = action.ticket;
  out.push_back(std::move(action));
}

void IngestSession::Impl::ask_again(Lane which, MonoTime now, IngestActions& out) {
  Receiver& lane = receiver(which);
  const std::uint64_t upto = watermark(which);
  if (lane.asked_at && lane.asked_upto == upto && now - *lane.asked_at < ask_pause) return;
  lane.asked_at = now;
  lane.asked_upto = upto;
  reply("down/resume", encode(ResumeMessage{term, speaking, {{which, upto}}, restored, session_nonce}), out);
}

void IngestSession::Impl::drain(Lane which, MonoTime now, IngestActions& out) {
  Receiver& lane = receiver(which);
  while (lane.ticket == 0 && !lane.waiting.empty()) {
    wire::Frame frame = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    lane.waiting_bytes -= bytes_of(frame);
    consider(std::move(frame), now, out);
  }
}

void IngestSession::Impl::drop_waiting(Lane lane) {
  receiver(lane).waiting.clear();
  receiver(lane).waiting_bytes = 0;
}

void IngestSession::Impl::remember_evictions(const wire::Frame& frame) {
  for (const Record& record : frame.records) {
    const auto event = wire::decode_event_body(record.body);
    if (!event) continue;  // of a newer version, or damaged: stored and shown as it is
    const auto* report = std::get_if<wire::EvictionReport>(&event->report);
    if (report == nullptr) continue;
    evictions.push_back({frame.epoch, *report});
    if (evictions.size() > most_evictions) evictions.pop_front();
  }
}

std::string IngestSession::Impl::gap_cause(std::uint64_t epoch, Lane lane, std::uint64_t from,
                                           std::uint64_t to) const {
  for (auto known = evictions.rbegin(); known != evictions.rend(); ++known)
    if (known->epoch == epoch && known->report.lane == lane && known->report.from <= to &&
        known->report.to >= from)
      return "given up at the gateway: " + known->report.why;
  return restored ? "acknowledged before the cloud was restored, no longer kept at the gateway"
                  : "no longer kept at the gateway";
}

}  // namespace tocsin::session
