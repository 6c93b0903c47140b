#pragma once
// The bus thread: asks the plan what is next, lets the pump do it, tells the owner. Decides nothing about the
// field by itself; what it owns is the line's being open.

#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "drivers/driver/poll_plan.h"
#include "drivers/io/pump.h"
#include "drivers/io/registry.h"
#include "gateway/bus/health_book.h"
#include "gateway/bus/mailbox.h"

namespace tocsin::bus {

io::LineSpec line_of(const BusSpec& spec);

class Worker {
 public:
  // `events` are called on the bus thread; whoever passes them posts. Throws std::invalid_argument for a bus
  // that the configuration check should have refused.
  Worker(const BusSpec& spec, StampNow now, BusEvents events, Mailbox& mailbox);
  ~Worker();  // the mailbox was stopped; waits for the conversation in progress

  void start();
  const std::vector<driver::PlannedDevice>& devices() const { return devices_; }  // constant

 private:
  void run();
  bool open_line();
  void lose_line(const Error& why);
  void after_close(const Error& why);
  void step();
  void poll(const driver::Poll& poll, MonoTime start);
  void carry_out(Command command);
  void carry_out(const WriteCommand& command);
  void carry_out(const ReadCommand& command);
  io::PumpResult converse(std::size_t device, driver::Exchange& exchange);
  std::vector<Reading> readings(std::size_t device, const driver::Samples& samples, const Stamp& stamp) const;
  void publish_all_bad(Fault fault);
  Duration pause_of(std::size_t device) const;
  void pause_after(std::size_t device);
  void update_health(bool at_once, MonoTime now);
  void tell_misses(const std::vector<driver::DeadlineMiss>& misses);

  StampNow now_;
  BusEvents events_;
  Mailbox& mailbox_;
  std::vector<driver::PlannedDevice> devices_;
  driver::LineCost cost_;
  driver::PollPlan plan_;
  HealthBook health_;
  std::unique_ptr<driver::Transport> transport_;

  io::Trace trace_;
  MonoTime latest_{};           // when the thread last looked at the clock
  std::size_t talking_to_ = 0;  // the device of the conversation in progress

  std::optional<bool> told_open_;  // what the owner was told of the line
  bool answered_ = false;          // since the line was opened
  Duration reopen_pause_{};        // before the next attempt to open the line
  Error line_error_ = fail(Fault::unreachable, "not opened yet");
  std::optional<std::size_t> failed_device_;  // of the last poll
  MonoTime health_told_{};
  std::set<PointId> late_points_;  // what the owner was told of
  std::thread thread_;
};

}  // namespace tocsin::bus
