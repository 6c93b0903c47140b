#pragma once
// The subcommands of `tocsin`. Each prints for people, or one JSON object with --json. Exit codes: 0 good, 1
// found a fault, 2 wrong use.

#include <string>
#include <vector>

namespace tocsin::cli {

struct Context {
  std::string socket;
  bool json = false;
};

int run_status(const Context& context);
int run_alarms(const Context& context);
int run_acknowledge(const Context& context, const std::string& alarm_id);
int run_silence(const Context& context);
int run_reset(const Context& context, const std::string& alarm_id, const std::string& zone);
int run_disable(const Context& context, const std::string& device, int minutes, const std::string& reason);
int run_enable(const Context& context, const std::string& device);
int run_walk_test(const Context& context, const std::string& zone, int minutes);  // 0 minutes: end it
int run_read(const Context& context, const std::string& target);                  // DEVICE or DEVICE/POINT
// Drives the output of an effect by hand: a word of the effect, or nothing to give it back.
int run_write(const Context& context, const std::string& target, const std::string& word);
int run_watch(const Context& context, const std::string& only, int count);
struct BusQuestion {
  std::string device;    // empty: all
  bool trace = false;    // the newest frames on the wire
  bool metrics = false;  // Prometheus text instead of a table
};
int run_bus(const Context& context, const BusQuestion& question);
int run_buffer(const Context& context);
// Compares with the cloud when `cloud` (its API's address) is given; `token_file` holds the bearer token.
int run_ledger(const Context& context, const std::string& cloud, const std::string& token_file);
int run_plan(const Context& context, const std::string& config, const std::string& profiles);
int run_check(const Context& context, const std::string& config, const std::string& profiles);
int run_linkage_show(const Context& context, const std::string& config, const std::string& profiles);
// Tries out every row, then plays the scenarios.
int run_linkage_test(const Context& context, const std::string& config, const std::string& profiles,
                     const std::vector<std::string>& scenarios);

}  // namespace tocsin::cli
