#pragma once
// New life-safety records that may have to overtake the backlog of lane alarm as up/now. Each is kept until
// the cloud has it by the lane or the broker took its up/now. At most 64: the oldest is dropped, its lane
// record still comes.

#include <cstdint>
#include <deque>
#include <optional>

#include "sync/wire/lane.h"

namespace tocsin::session {

class Urgent {
 public:
  void add(const wire::Record& record) {
    if (waiting_.size() == most) waiting_.pop_front();
    waiting_.push_back({record, false});
  }
  void drop_upto(std::uint64_t seq) {
    while (!waiting_.empty() && waiting_.front().record.seq <= seq) waiting_.pop_front();
  }
  void taken(std::uint64_t seq) {
    std::erase_if(waiting_, [&](const Waiting& one) { return one.record.seq == seq; });
  }
  void connection_lost() {
    for (Waiting& one : waiting_) one.sent = false;
  }
  void sent(std::uint64_t seq) {
    for (Waiting& one : waiting_) one.sent = one.sent || one.record.seq == seq;
  }
  // The newest not yet sent: what burns now comes before what burnt an hour ago.
  const wire::Record* newest() const {
    for (auto one = waiting_.rbegin(); one != waiting_.rend(); ++one)
      if (!one->sent) return &one->record;
    return nullptr;
  }

 private:
  static constexpr std::size_t most = 64;
  struct Waiting {
    wire::Record record;
    bool sent = false;
  };
  std::deque<Waiting> waiting_;
};

}  // namespace tocsin::session
