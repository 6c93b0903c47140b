#pragma once
// Inside of IngestSession. ingest.cpp: messages, answers of the store, silence. ingest_identity.cpp: hello,
// epochs, conflicts. ingest_records.cpp: the order of each lane, gaps, lost frames.

#include <array>
#include <deque>
#include <set>

#include "sync/session/delays.h"
#include "sync/session/ingest.h"
#include "sync/session/messages.h"
#include "sync/wire/codec.h"
#include "sync/wire/frame.h"

namespace tocsin::session {

struct IngestSession::Impl {
  // One lane: a commit under way and what waits behind it. A full queue drops the newest; the gateway sends
  // it again.
  struct Receiver {
    std::deque<wire::Frame> waiting;
    std::size_t waiting_bytes = 0;
    std::uint64_t ticket = 0;      // 0: no commit under way
    std::uint64_t asked_upto = 0;  // the last request to resend
    std::optional<MonoTime> asked_at;
  };
  struct Ticket {
    std::uint64_t epoch = 0;
    std::optional<Lane> lane;  // nothing: an identity
    std::uint64_t upto = 0;
  };
  struct EndedLane {
    std::uint64_t epoch = 0;
    Lane lane{};
    std::uint64_t head = 0;
  };
  struct KnownEviction {
    std::uint64_t epoch = 0;
    wire::EvictionReport report;
  };

  Impl(std::string gateway_id, std::string community, GatewayState known, std::uint64_t my_term,
       bool is_restored);

  // ingest.cpp
  void heard(MonoTime now, IngestActions& out);
  void reject(const std::string& cause) { ++rejected[cause]; }
  void reply(std::string_view suffix, Bytes payload, IngestActions& out);
  void reply_resume(IngestActions& out);
  void reply_ack(Lane lane, IngestActions& out);
  void ask_hello(MonoTime now, IngestActions& out);
  bool is_speaking(std::uint64_t epoch, MonoTime now,
                   IngestActions& out);  // false: rejected, and hello is asked for
  void on_now(const NowMessage& message, MonoTime now, IngestActions& out);
  void on_alive(const AliveMessage& message, MonoTime now, IngestActions& out);

  // ingest_identity.cpp
  void on_hello(const HelloMessage& hello, IngestActions& out);
  void end_epoch(IngestActions& out);
  void book_end(std::uint64_t epoch, Lane lane, std::uint64_t head, IngestActions& out);
  void book_end_after(std::uint64_t ticket, IngestActions& out);
  void note_conflict(const std::string& detail, IngestActions& out);
  std::string conflict_in(const HelloMessage& hello) const;
  void store_identity(IngestActions& out);

  // ingest_records.cpp
  void on_frame(wire::Frame frame, MonoTime now, IngestActions& out);
  void consider(wire::Frame frame, MonoTime now, IngestActions& out);
  void store(wire::Frame frame, std::uint64_t gap_to, IngestActions& out);
  void ask_again(Lane lane, MonoTime now, IngestActions& out);
  void drain(Lane lane, MonoTime now, IngestActions& out);
  void drop_waiting(Lane lane);
  void remember_evictions(const wire::Frame& frame);
  std::string gap_cause(std::uint64_t epoch, Lane lane, std::uint64_t from, std::uint64_t to) const;

  Receiver& receiver(Lane lane) { return receivers[static_cast<std::size_t>(lane) - 1]; }
  std::uint64_t& watermark(Lane lane) { return state.watermarks[speaking][lane]; }

  std::string gateway;
  std::string topic_prefix;  // tocsin/1/<shard>/<gw>/
  GatewayState state;
  std::uint64_t term;
  bool restored;

  std::uint64_t speaking = 0;  // epoch of the last hello; 0 before the first
  std::uint64_t session_nonce = 0;
  std::uint64_t desired_version = 0;
  std::string software;
  bool identity_stored = false;
  std::uint64_t identity_ticket = 0;
  std::uint64_t called_for = 0;  // session_nonce for which a human was called

  std::array<Receiver, 3> receivers;
  std::map<std::uint64_t, Ticket> tickets;
  std::map<std::uint64_t, EndedLane> ended_behind;  // ticket of a commit under way -> what to book after it
  std::uint64_t last_ticket = 0;
  std::map<Lane, std::uint64_t> heads;  // of the speaking epoch, as told
  std::deque<KnownEviction> evictions;
  std::set<std::uint64_t> applied_now;  // seqs of the speaking epoch

  std::optional<MonoTime> heard_at;
  bool silent = false;
  std::optional<MonoTime> asked_hello_at;
  std::map<std::string, std::uint64_t> rejected;
};

}  // namespace tocsin::session
