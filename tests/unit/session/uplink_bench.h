#pragma once
// A gateway's session with a store in memory: answers reads at once, collects what the session does.

#include <deque>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "sync/session/messages.h"
#include "sync/session/uplink.h"
#include "sync/wire/frame.h"
#include "sync/wire/topics.h"

namespace tocsin::session::test {

inline constexpr std::uint64_t epoch = 0xE1, nonce = 0xC0DE, term = 100;
inline const std::string community = "wangjing-west";

class UplinkBench {
 public:
  explicit UplinkBench(UplinkLimits limits = {}, std::uint64_t known_term = 0)
      : session({"gw1", community, "0.1.0", epoch, 0, 0xDB, 0xB007}, limits, known_term, 42) {}

  // ---- driving
  // ------------------------------------------------------------------------------------------------------

  void take(Actions actions) {
    for (Action& action : actions) {
      if (const auto* read = std::get_if<ReadRecords>(&action); read != nullptr && answer_reads) {
        answer(*read);
      } else if (const auto* publish = std::get_if<Publish>(&action)) {
        outstanding.insert(publish->token);
        published.push_back(*publish);
      } else {
        others.push_back(std::move(action));
      }
    }
  }
  void answer(const ReadRecords& read) {
    std::vector<Record> found;
    std::size_t bytes = 0;
    for (auto at = stored[read.lane].lower_bound(read.from); at != stored[read.lane].end(); ++at) {
      if (found.size() == read.max_records ||
          (!found.empty() && bytes + at->second.body.size() > read.max_bytes))
        break;
      bytes += at->second.body.size();
      found.push_back(at->second);
    }
    take(session.on_records(read.lane, read.from, found, now, wall));
  }
  void tick() { take(session.on_tick(now, wall, 2)); }
  void after(Duration time) {  // ticks whenever something is due
    const MonoTime end = now + time;
    while (const auto due = session.next_due()) {
      if (*due > end) break;
      now = std::max(now, *due);
      tick();
    }
    now = end;
  }
  void connect(std::uint16_t receive_maximum = 65535) {
    take(session.on_start(now));
    after(1s);
    REQUIRE(find<Connect>());
    take(session.on_connected(receive_maximum, nonce, now));
  }
  void resume(std::map<Lane, std::uint64_t> watermarks, bool restored = false, std::uint64_t with_term = term,
              std::uint64_t with_nonce = nonce) {
    down("down/resume", encode(ResumeMessage{with_term, epoch, std::move(watermarks), restored, with_nonce}));
  }
  void ack(Lane lane, std::uint64_t upto, std::uint64_t with_term = term) {
    down("down/ack", encode(AckMessage{with_term, epoch, lane, upto}));
  }
  void down(const std::string& suffix, const Bytes& payload, bool retained = false) {
    take(session.on_message(wire::gateway_topic(community, "gw1", suffix), payload, retained, now));
  }
  void puback(std::uint64_t token, std::uint8_t reason = 0) {
    outstanding.erase(token);
    take(session.on_published(token, reason, now));
  }
  void puback_all() {
    while (!outstanding.empty()) puback(*outstanding.begin());
  }
  void store(Lane lane, std::size_t count, std::size_t size = 50) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t seq = ++heads[lane];
      Bytes body(size);  // does not compress
      std::uint32_t x = static_cast<std::uint32_t>(seq);
      for (std::uint8_t& byte : body)
        byte = static_cast<std::uint8_t>((x = x * 1664525u + 1013904223u) >> 24);
      stored[lane][seq] = {seq, std::move(body), wall};
    }
    tell(lane);
  }
  void evict(Lane lane, std::uint64_t upto) {
    std::erase_if(stored[lane], [&](const auto& entry) { return entry.first <= upto; });
    tell(lane);
  }
  void tell(Lane lane) {
    const std::uint64_t first = stored[lane].empty() ? heads[lane] + 1 : stored[lane].begin()->first;
    take(session.on_lane(lane, {first, heads[lane], acked[lane]}, now));
  }

  // ---- looking
  // ------------------------------------------------------------------------------------------------------

  template <class T>
  std::optional<T> find() const {
    for (const Action& action : others)
      if (const auto* one = std::get_if<T>(&action)) return *one;
    return std::nullopt;
  }
  // Takes what was published on one topic, oldest first.
  std::vector<Publish> pull(const std::string& suffix) {
    std::vector<Publish> found;
    const std::string topic = wire::gateway_topic(community, "gw1", suffix);
    std::erase_if(published, [&](const Publish& one) {
      if (one.topic != topic) return false;
      found.push_back(one);
      return true;
    });
    return found;
  }
  std::vector<wire::Frame> frames(const std::string& suffix) {
    std::vector<wire::Frame> out;
    for (const Publish& one : pull(suffix)) {
      auto frame = wire::decode_frame(one.payload);
      REQUIRE(frame.has_value());
      out.push_back(*frame);
    }
    return out;
  }

  UplinkSession session;
  MonoTime now{100s};
  UtcTime wall{std::chrono::milliseconds{1'763'000'000'000}};
  bool answer_reads = true;
  std::map<Lane, std::map<std::uint64_t, Record>> stored;
  std::map<Lane, std::uint64_t> heads, acked;
  std::deque<Publish> published;
  std::set<std::uint64_t> outstanding;
  Actions others;
};

}  // namespace tocsin::session::test
