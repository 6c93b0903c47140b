#include "sync/session/ingest_impl.h"

namespace tocsin::session {

// What a person has to look at, or nothing: the same disk in two gateways, or a disk that went back in time.
// Lane data is not judged: a power cut may take what its store had not yet synced.
std::string IngestSession::Impl::conflict_in(const HelloMessage& hello) const {
  const auto known = state.watermarks.find(hello.epoch);
  if (known == state.watermarks.end()) return {};
  if (hello.epoch == state.epoch && state.db_nonce != 0 && hello.db_nonce != state.db_nonce)
    return "two databases claim the same epoch: a cloned disk";
  for (const Lane lane : {Lane::alarm, Lane::event}) {
    const auto upto = known->second.find(lane);
    const auto told = hello.lanes.find(lane);
    if (upto == known->second.end() || told == hello.lanes.end()) continue;
    if (told->second.head < upto->second)
      return "lane " + std::string(name_of(lane)) +
             " went back: the gateway runs an older copy of its database";
  }
  return {};
}

void IngestSession::Impl::note_conflict(const std::string& detail, IngestActions& out) {
  if (called_for == session_nonce && state.identity_conflict) return;
  called_for = session_nonce;
  out.push_back(IdentityConflict{detail});
  if (state.identity_conflict) return;
  state.identity_conflict = true;
  store_identity(out);
}

void IngestSession::Impl::store_identity(IngestActions& out) {
  identity_stored = false;
  identity_ticket = ++last_ticket;
  tickets[identity_ticket] = {state.epoch, std::nullopt, 0};
  out.push_back(StoreIdentity{identity_ticket, state, software});
}

// The database of the epoch before is gone, and with it what it had not sent. Its watermark stays where it
// is: should that disk ever come back, its records are still welcome.
void IngestSession::Impl::end_epoch(IngestActions& out) {
  for (const Lane lane : wire::lanes) {
    if (receiver(lane).ticket != 0)
      ended_behind[receiver(lane).ticket] = {speaking, lane, heads[lane]};
    else
      book_end(speaking, lane, heads[lane], out);
  }
}

void IngestSession::Impl::book_end(std::uint64_t epoch, Lane lane, std::uint64_t head, IngestActions& out) {
  const std::uint64_t upto = state.watermarks[epoch][lane];
  if (head <= upto) return;
  tickets[++last_ticket] = {epoch, lane, upto};
  out.push_back(StoreRecords{
      last_ticket, epoch, lane, upto + 1, head, "the gateway's database was replaced", {}, upto});
}

void IngestSession::Impl::book_end_after(std::uint64_t ticket, IngestActions& out) {
  const auto ended = ended_behind.find(ticket);
  if (ended == ended_behind.end()) return;
  const EndedLane lane = ended->second;
  ended_behind.erase(ended);
  book_end(lane.epoch, lane.lane, lane.head, out);
}

void IngestSession::Impl::on_hello(const HelloMessage& hello, IngestActions& out) {
  if (hello.term > term) {
    reject("newer-term");  // another owner has been here: the gateway ignores us
    return;
  }
  const bool new_epoch = !state.watermarks.contains(hello.epoch);
  const std::string conflict = conflict_in(hello);
  if (hello.epoch != speaking) {
    if (speaking != 0 && new_epoch) end_epoch(out);
    for (const Lane lane : wire::lanes) {
      drop_waiting(lane);
      receiver(lane).ticket = 0;
    }
    heads.clear();
    applied_now.clear();
  }
  speaking = hello.epoch;
  session_nonce = hello.session_nonce;
  desired_version = hello.desired_version;
  for (const auto& [lane, lane_state] : hello.lanes) heads[lane] = std::max(heads[lane], lane_state.head);
  for (Receiver& one : receivers) one.asked_at.reset();

  const bool changed = new_epoch || software != hello.software ||
                       (hello.epoch == state.epoch && state.db_nonce != hello.db_nonce);
  software = hello.software;
  if (new_epoch) {
    state.epoch = hello.epoch;
    for (const Lane lane : wire::lanes) state.watermarks[hello.epoch][lane] = 0;
  }
  if (hello.epoch == state.epoch) state.db_nonce = hello.db_nonce;
  const std::uint64_t before = identity_ticket;
  if (!conflict.empty()) note_conflict(conflict, out);
  if (hello.active_complete) {
    ActiveNow active;
    for (const OpenAlarm& alarm : hello.active) active.alarm_ids.push_back(alarm.alarm_id);
    out.push_back(std::move(active));
  }
  if (identity_ticket != before) return;  // stored with the conflict
  if (changed || (!identity_stored && identity_ticket == 0))
    store_identity(out);
  else if (identity_stored)
    reply_resume(out);  // else it follows the commit under way
}

}  // namespace tocsin::session
