#pragma once
// What one bus does next: an earliest-deadline-first scheduler over the reads of all its devices. Pure: it is
// told the time and what came of each conversation; it never waits. Owned by the bus thread. The order of
// service:
//   1. the second read of a life-safety point that changed, and retries: a conversation once begun is brought
//   to its end
//   2. commands, at most `commands_in_a_row` before a poll that is due
//   3. the due read with the earliest deadline
//   4. probes of lost devices: in time nobody needs, or paid from 4 % of the time that live devices used

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "drivers/driver/agreement.h"
#include "drivers/driver/device_watch.h"
#include "drivers/driver/driver.h"
#include "drivers/driver/planned_read.h"

namespace tocsin::driver {

// One conversation that the bus is to hold now.
struct Poll {
  std::size_t device = 0;
  Span span;
};

struct Decision {
  enum class Kind : std::uint8_t { poll, command, wait };
  Kind kind = Kind::wait;
  Poll poll;
  MonoTime until{};  // of a wait; a command may end it
};

// What came of the last poll.
struct Finished {
  std::size_t device = 0;
  Samples publish;  // the last word on these points for now; empty while a second read is still to come
  std::optional<bool> online;  // set when the device was lost, or came (back)
};

// A life-safety read whose measured detection time was over its deadline.
struct DeadlineMiss {
  PointId point;
  Duration measured{};
  Duration deadline{};
};

class PollPlan {
 public:
  static constexpr int commands_in_a_row = 4;
  static constexpr double probe_share = 0.04;  // the design allows 5 %

  PollPlan(std::vector<PlannedDevice> devices, LineCost line);

  Decision next(MonoTime now, bool command_waits);
  // After every poll that next() ordered. A fault whose reaction is `reopen` blames the line, not the device.
  Finished finished(MonoTime start, MonoTime end, const Result<Samples>& answer);
  // The line came back: everything is read at once, life safety needs two reads again.
  // At the very first start the reads begin spread over their periods.
  void restart(MonoTime now);

  bool online(std::size_t device) const {
    return !watches_.at(device).lost() && !watches_.at(device).unknown();
  }
  // Of the devices that answer: a lost one is told of otherwise.
  std::vector<DeadlineMiss> misses(MonoTime now) const;
  std::vector<Span> spans(std::size_t device) const;  // as split by now

 private:
  struct Slot {
    PlannedRead read;
    MonoTime due{};

    int refusals = 0;                     // in a row
    bool answered = false;                // ever
    std::optional<MonoTime> last_good{};  // start of the newest read that was agreed on
    Duration measured{};                  // from there to the end of the next
  };
  struct Job {  // the conversation in progress
    std::size_t slot = 0;
    Span span;  // what to read now: the slot's, or the doubtful points of it
    bool probe = false;
    std::optional<MonoTime> started;
    int failures = 0;
    int reads = 0;          // good ones
    Samples first, second;  // doubtful samples and what was read after them
  };

  static MonoTime deadline_of(const Slot& slot) { return slot.due + slot.read.urgency; }

  const Slot* most_urgent(MonoTime now) const;
  MonoTime next_due() const;
  std::optional<std::size_t> probe_slot(std::size_t device) const;
  std::optional<std::size_t> choose_probe(MonoTime now) const;
  MonoTime next_probe(MonoTime now) const;
  Decision begin(std::size_t slot, bool probe);

  Finished answered(MonoTime start, MonoTime end, const Samples& samples);
  void weigh(const Samples& samples, Samples& publish);
  Finished refused(MonoTime end, const Error& error);
  Finished failed(MonoTime end, const Error& error);
  bool split(std::size_t slot, MonoTime now);
  void complete(MonoTime end);
  void book(MonoTime start, MonoTime end);
  void spread(MonoTime now);
  void measure_anew(std::size_t device, MonoTime from);
  Samples all_bad(std::size_t device, Fault fault) const;

  std::vector<PlannedDevice> devices_;
  LineCost line_;
  std::vector<DeviceWatch> watches_;
  std::vector<Agreement> agreements_;
  std::vector<std::vector<PollItem>> items_;
  std::vector<Slot> slots_;
  std::optional<Job> job_;
  std::optional<MonoTime> began_;         // first decision
  Duration credit_{};                     // probe time that live polls and pauses have paid for
  std::optional<MonoTime> booked_until_;  // end of the newest conversation
  int commands_ = 0;                      // in a row
};

}  // namespace tocsin::driver
