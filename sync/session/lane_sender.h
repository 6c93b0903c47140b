#pragma once
// One lane of the gateway's end: what is sent, what the cloud has, when to send again. Holds numbers only, no
// records.

#include <deque>
#include <optional>

#include "sync/session/delays.h"
#include "sync/wire/lane.h"

namespace tocsin::session {

class LaneSender {
 public:
  explicit LaneSender(std::size_t window) : window_(window) {}

  // From the store. `acked` is taken from the first call only: afterwards this lane owns it.
  void update(const wire::LaneState& state, MonoTime now);

  // The cloud's answers. Each gives the watermark when the store's mark has to follow.
  struct Mark {
    std::uint64_t upto = 0;
    bool back = false;  // the cloud was restored: unmark
  };
  std::optional<Mark> open(std::uint64_t upto, bool restored, MonoTime now);  // resume: start from here
  std::optional<Mark> acknowledge(std::uint64_t upto, MonoTime now);          // ack, cumulative
  std::optional<Mark> go_back(std::uint64_t upto, MonoTime now);  // a frame was lost: again from upto + 1
  void close();                                                   // the connection or the cloud's ear is lost

  // Reading and sending.
  bool wants_to_read() const;
  std::uint64_t start_read();  // seq to read from
  bool expects(std::uint64_t from) const { return reading_ && from == next_; }
  std::size_t room() const;  // records that still fit the window
  bool stopped_by_hole(
      std::uint64_t first_found);  // true: what lies before the hole must be acknowledged first
  std::uint64_t after(std::uint64_t first_found) const;  // Batch.after of a frame that starts there
  void sent(std::uint64_t last, MonoTime now);
  void read_failed(MonoTime now);
  void retry_when_due(MonoTime now) {
    if (retry_at_ && now >= *retry_at_) retry_at_.reset();
  }
  void not_delivered() { held_ = true; }  // the broker refused a frame or nobody listens: wait for the resend
  void broker_took(MonoTime now);         // PUBACK of the oldest unacknowledged record

  std::optional<MonoTime> resend_at() const;
  void resend();
  void wait_again(MonoTime now) { waiting_since_ = now; }
  std::optional<MonoTime> retry_at() const { return retry_at_; }

  bool reading() const { return reading_; }
  const wire::LaneState& state() const { return state_; }
  std::uint64_t next() const { return next_; }
  std::uint64_t confirmed() const { return confirmed_; }
  std::optional<MonoTime> waiting_since() const { return waiting_since_; }
  bool went_back() const { return went_back_; }
  std::optional<Duration> oldest_unacked(MonoTime now) const;

 private:
  void forget_acked();
  std::optional<Mark> follow(std::uint64_t upto);

  struct Growth {
    std::uint64_t head = 0;
    MonoTime at{};
  };

  std::size_t window_;
  bool known_ = false;
  wire::LaneState state_;
  std::uint64_t next_ = 1;       // the record to be sent next
  std::uint64_t confirmed_ = 0;  // the cloud's watermark
  std::uint64_t sent_upto_ = 0;  // the cloud cannot have more than this
  bool reading_ = false;
  bool held_ = false;
  bool hole_ = false;
  bool went_back_ = false;                 // the cloud has records that this store does not know
  std::optional<MonoTime> waiting_since_;  // the oldest sent record waits for its ack since
  std::optional<MonoTime> retry_at_;
  Steps<resend_pauses.size()> pause_{resend_pauses};
  std::deque<Growth> growth_;  // for the age of the oldest unacknowledged record; bounded
};

}  // namespace tocsin::session
