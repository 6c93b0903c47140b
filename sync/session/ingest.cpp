#include "sync/session/ingest.h"

#include "sync/session/ingest_impl.h"
#include "sync/wire/topics.h"

namespace tocsin::session {
namespace {

constexpr std::size_t largest_up = 256 * 1024;  // bytes; the broker's own limit (facts/reliability.md 1.3)
constexpr std::size_t most_applied = 256;

std::optional<Lane> lane_of_topic(std::string_view suffix) {
  if (suffix == "up/alarm") return Lane::alarm;
  if (suffix == "up/event") return Lane::event;
  if (suffix == "up/data") return Lane::data;
  return std::nullopt;
}

}  // namespace

IngestSession::Impl::Impl(std::string gateway_id, std::string community, GatewayState known,
                          std::uint64_t my_term, bool is_restored)
    : gateway(std::move(gateway_id)),
      topic_prefix(wire::gateway_topic(community, gateway, "")),
      state(std::move(known)),
      term(my_term),
      restored(is_restored) {}

void IngestSession::Impl::heard(MonoTime now, IngestActions& out) {
  heard_at = now;
  if (!silent) return;
  silent = false;
  out.push_back(Silence{false});
}

void IngestSession::Impl::reply(std::string_view suffix, Bytes payload, IngestActions& out) {
  out.push_back(Reply{topic_prefix + std::string(suffix), std::move(payload)});
}

void IngestSession::Impl::reply_resume(IngestActions& out) {
  const std::uint64_t epoch = speaking != 0 ? speaking : state.epoch;
  ResumeMessage resume{term, epoch, {}, restored, session_nonce};
  if (epoch != 0) resume.watermarks = state.watermarks[epoch];
  reply("down/resume", encode(resume), out);
}

void IngestSession::Impl::reply_ack(Lane lane, IngestActions& out) {
  reply("down/ack", encode(AckMessage{term, speaking, lane, watermark(lane)}), out);
}

// Epoch 0 says "say hello": this session has not heard one, or the gateway speaks of another epoch than its
// hello.
void IngestSession::Impl::ask_hello(MonoTime now, IngestActions& out) {
  if (asked_hello_at && now - *asked_hello_at < ask_pause) return;
  asked_hello_at = now;
  reply("down/resume", encode(ResumeMessage{term, 0, {}, restored, 0}), out);
}

bool IngestSession::Impl::is_speaking(std::uint64_t epoch, MonoTime now, IngestActions& out) {
  if (epoch == speaking && identity_stored) return true;
  reject(speaking == 0 || !identity_stored ? "before-hello" : "other-epoch");
  if (identity_ticket == 0) ask_hello(now, out);
  return false;
}

void IngestSession::Impl::on_now(const NowMessage& message, MonoTime now, IngestActions& out) {
  if (!is_speaking(message.epoch, now, out) || message.seq <= watermark(Lane::alarm)) return;
  if (!applied_now.insert(message.seq).second) return;
  if (applied_now.size() > most_applied) applied_now.erase(applied_now.begin());
  out.push_back(ApplyNow{message.epoch, message.seq, message.body});
}

void IngestSession::Impl::on_alive(const AliveMessage& message, MonoTime now, IngestActions& out) {
  if (!is_speaking(message.epoch, now, out)) return;
  for (const auto& [lane, lane_state] : message.lanes) heads[lane] = std::max(heads[lane], lane_state.head);
}

IngestSession::IngestSession(std::string gateway, std::string community, GatewayState state,
                             std::uint64_t term, bool restored)
    : impl_(std::make_unique<Impl>(std::move(gateway), std::move(community), std::move(state), term,
                                   restored)) {}
IngestSession::~IngestSession() = default;

IngestActions IngestSession::on_start(MonoTime now) {
  IngestActions out;
  if (!impl_->heard_at) impl_->heard_at = now;
  impl_->reply_resume(out);
  return out;
}

IngestActions IngestSession::on_message(std::string_view suffix, ByteView payload, MonoTime now, UtcTime) {
  IngestActions out;
  Impl& self = *impl_;
  const auto handle = [&](const auto& message, auto&& then) {
    if (!message) {
      self.reject(message.error().fault == Fault::crc ? "checksum" : "malformed");
      return;
    }
    self.heard(now, out);
    then(*message);
  };
  if (payload.size() > largest_up) {
    self.reject("oversize");
  } else if (const auto lane = lane_of_topic(suffix)) {
    handle(wire::decode_frame(payload), [&](const wire::Frame& frame) {
      if (frame.lane == *lane)
        self.on_frame(frame, now, out);
      else
        self.reject("wrong-lane");
    });
  } else if (suffix == "up/hello") {
    handle(decode_hello(payload), [&](const HelloMessage& hello) { self.on_hello(hello, out); });
  } else if (suffix == "up/alive") {
    handle(decode_alive(payload), [&](const AliveMessage& alive) { self.on_alive(alive, now, out); });
  } else if (suffix == "up/now") {
    handle(decode_now(payload), [&](const NowMessage& message) { self.on_now(message, now, out); });
  } else {
    self.reject("unknown-topic");
  }
  return out;
}

IngestActions IngestSession::on_committed(std::uint64_t ticket, bool conflict, MonoTime now) {
  IngestActions out;
  Impl& self = *impl_;
  const auto found = self.tickets.find(ticket);
  if (found == self.tickets.end()) return out;
  const Impl::Ticket done = found->second;
  self.tickets.erase(found);
  if (!done.lane) {
    if (ticket != self.identity_ticket) return out;
    self.identity_ticket = 0;
    self.identity_stored = true;
    self.reply_resume(out);
    return out;
  }
  std::uint64_t& upto = self.state.watermarks[done.epoch][*done.lane];
  upto = std::max(upto, done.upto);
  if (conflict) self.note_conflict("a record came again with another body", out);
  self.book_end_after(ticket, out);
  if (self.receiver(*done.lane).ticket != ticket) return out;  // of an epoch that ended meanwhile
  self.receiver(*done.lane).ticket = 0;
  self.reply_ack(*done.lane, out);
  self.drain(*done.lane, now, out);
  return out;
}

IngestActions IngestSession::on_failed(std::uint64_t ticket, MonoTime) {
  IngestActions out;
  Impl& self = *impl_;
  const auto found = self.tickets.find(ticket);
  if (found == self.tickets.end()) return out;
  const std::optional<Lane> lane = found->second.lane;
  self.tickets.erase(found);
  if (ticket == self.identity_ticket) self.identity_ticket = 0;
  self.book_end_after(ticket, out);
  if (lane && self.receiver(*lane).ticket == ticket) {
    self.receiver(*lane).ticket = 0;
    self.drop_waiting(*lane);  // they follow what was not stored
  }
  return out;
}

IngestActions IngestSession::on_tick(MonoTime now) {
  IngestActions out;
  Impl& self = *impl_;
  if (self.silent || !self.heard_at || now < *self.heard_at + gateway_silence) return out;
  self.silent = true;
  out.push_back(Silence{true});
  return out;
}

std::optional<MonoTime> IngestSession::next_due() const {
  if (impl_->silent || !impl_->heard_at) return std::nullopt;
  return *impl_->heard_at + gateway_silence;
}

const GatewayState& IngestSession::state() const {
  return impl_->state;
}
std::uint64_t IngestSession::desired_version() const {
  return impl_->desired_version;
}
std::uint64_t IngestSession::session_nonce() const {
  return impl_->session_nonce;
}
std::map<std::string, std::uint64_t> IngestSession::rejected() const {
  return impl_->rejected;
}

}  // namespace tocsin::session
