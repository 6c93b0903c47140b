#pragma once
// What one step of the building asks of the shell. The writes go out at once and wait for neither disk nor
// cloud; the change is one transaction of alarm.db.

#include <string>
#include <vector>

#include "gateway/flow/effect_actions.h"
#include "sync/outbox/outbox.h"

namespace tocsin::flow {

struct Write {
  std::string effect;  // empty for an annunciator
  PointId output;
  bool level = false;
};

struct Step {
  std::vector<Write> writes;
  outbox::Change change;
  std::vector<std::uint64_t> urgent;          // seqs in `change` of new life-safety transitions (lane alarm)
  std::vector<std::string> raised, closed;    // alarm ids
  std::vector<linkage::Cell> pulses_started;  // after the commit: Building::on_pulse_stored for each
  std::vector<Bytes> accepted;  // ids of commands; after the commit: Building::on_command_stored for each
  bool renew_session = false;   // the uplink is to draw a new nonce: orders must prove that they are young

  bool empty() const { return writes.empty() && change.records.empty() && change.state.empty(); }
};

}  // namespace tocsin::flow
