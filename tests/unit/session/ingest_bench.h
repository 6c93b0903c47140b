#pragma once
// The cloud's session of one gateway; commits are answered by hand.

#include <doctest/doctest.h>

#include "sync/session/ingest.h"
#include "sync/session/messages.h"
#include "sync/wire/codec.h"
#include "sync/wire/frame.h"
#include "sync/wire/topics.h"

namespace tocsin::session::test {

inline constexpr std::uint64_t first_epoch = 0xE1;

class IngestBench {
 public:
  explicit IngestBench(GatewayState state = {}, bool restored = false)
      : session("gw1", "wangjing-west", std::move(state), 77, restored) {}

  void take(IngestActions more) {
    for (IngestAction& action : more) actions.push_back(std::move(action));
  }
  void up(const std::string& suffix, const Bytes& payload) {
    take(session.on_message(suffix, payload, now, wall));
  }
  void hello(std::uint64_t epoch = first_epoch, std::uint64_t nonce = 5, std::uint64_t db_nonce = 0xDB,
             std::map<Lane, LaneState> lanes = {}) {
    up("up/hello",
       encode(HelloMessage{epoch, 0, db_nonce, nonce, 1, "0.1.0", std::move(lanes), {}, true, 0, 0}));
  }
  void greet(std::uint64_t epoch = first_epoch) {
    hello(epoch);
    commit_all();
    actions.clear();
  }
  void batch(Lane lane, std::uint64_t first, std::uint64_t last, std::uint64_t after = 0,
             std::uint64_t epoch = first_epoch) {
    std::vector<Record> records;
    for (std::uint64_t seq = first; seq <= last; ++seq)
      records.push_back({seq, Bytes{static_cast<std::uint8_t>(seq)}, wall});
    up("up/" + std::string(name_of(lane)), wire::encode_frame(epoch, lane, after, records, wall));
  }
  // Commits everything that is asked for, also what follows from it.
  void commit_all() {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      if (const auto* records = std::get_if<StoreRecords>(&actions[i]);
          records != nullptr && !done.contains(records->ticket)) {
        done[records->ticket] = true;
        take(session.on_committed(records->ticket, false, now));
      } else if (const auto* identity = std::get_if<StoreIdentity>(&actions[i]);
                 identity != nullptr && !done.contains(identity->ticket)) {
        done[identity->ticket] = true;
        take(session.on_committed(identity->ticket, false, now));
      }
    }
  }

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const IngestAction& action : actions)
      if (const auto* one = std::get_if<T>(&action)) found.push_back(*one);
    return found;
  }
  std::vector<AckMessage> acks() const {
    std::vector<AckMessage> found;
    for (const Reply& reply : all<Reply>())
      if (reply.topic == wire::gateway_topic("wangjing-west", "gw1", "down/ack"))
        found.push_back(*decode_ack(reply.payload));
    return found;
  }
  std::vector<ResumeMessage> resumes() const {
    std::vector<ResumeMessage> found;
    for (const Reply& reply : all<Reply>())
      if (reply.topic == wire::gateway_topic("wangjing-west", "gw1", "down/resume"))
        found.push_back(*decode_resume(reply.payload));
    return found;
  }

  IngestSession session;
  MonoTime now{100s};
  UtcTime wall{std::chrono::milliseconds{1'763'000'000'000}};
  IngestActions actions;
  std::map<std::uint64_t, bool> done;
};

}  // namespace tocsin::session::test
