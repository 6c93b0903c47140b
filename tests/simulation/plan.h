#pragma once
// What happens in one run: how much is written, which faults strike, when. Drawn from a seed, printed and
// shrunk as data.

#include <cstdint>
#include <string>
#include <vector>

#include "core/value/time.h"

namespace tocsin::simulation {

enum class Act : std::uint8_t {
  write_alarms,
  write_events,
  write_data,
  send_order,  // signed, or retained, or noise
  noise_up,    // bytes that are no message, as if from this gateway
  link_cut,    // the connection ends, both sides see it
  half_open,   // nothing passes for a while, nobody is told
  partition,   // connects fail for a while
  broker_restart,
  access_denied,  // publishes of this gateway are refused for a while
  cloud_crash,
  cloud_failover,
  cloud_backup,
  cloud_restore,
  cloud_slow,
  cloud_disk_error,
  process_kill,  // of the gateway: what is committed stays
  power_cut,     // of the gateway: what is not synced goes
  disk_error,    // of the gateway: commits and reads fail for a while
  new_database,  // the gateway's disk is replaced: a new epoch
  cloned_disk,   // it goes on with an earlier copy of its database
  clock_jump,    // of the gateway's wall clock
};

struct Step {
  Duration at{};
  Act act{};
  std::size_t gateway = 0;
  Duration lasts{};
  std::uint64_t amount = 0;
};

// Bugs planted into the model around the sessions, to see that the oracle finds them.
enum class Sabotage : std::uint8_t {
  none,
  ack_before_commit,
  commit_loses_a_record,
  commit_changes_a_body,
  wrong_gap
};

struct Plan {
  std::uint64_t seed = 0;
  std::size_t gateways = 1;
  Duration length{};  // then everything heals
  double drop = 0, repeat = 0, reorder = 0;
  std::size_t bandwidth = 0;    // bytes per second of each gateway's link
  bool starts_in_1970 = false;  // the gateway's clock, until it is synchronised
  Sabotage sabotage = Sabotage::none;
  std::vector<Step> steps;  // in order of time

  bool is_calm() const;  // no faults: alarms must be quick
};

Plan draw_plan(std::uint64_t seed);
std::string to_string(const Plan& plan);

}  // namespace tocsin::simulation
