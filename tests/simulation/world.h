#pragma once
// One run: gateways, broker and cloud around the real sessions, on one scheduler.

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/oracle.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/scheduler.h"

namespace tocsin::simulation {

class Broker;
class Cloud;
class Gateway;

inline constexpr const char* community = "wangjing-west";
inline std::string id_of(std::size_t gateway) {
  return "gw-" + std::to_string(gateway);
}

struct World {
  explicit World(const Plan& what);
  ~World();

  UtcTime utc() const {
    return UtcTime{std::chrono::milliseconds{1'763'000'000'000}} +
           std::chrono::duration_cast<std::chrono::milliseconds>(scheduler.time().time_since_epoch());
  }

  Plan plan;
  Scheduler scheduler;
  Chance chance;
  Oracle oracle;
  bool healed = false;
  std::unique_ptr<Broker> broker;
  std::unique_ptr<Cloud> cloud;
  std::vector<std::unique_ptr<Gateway>> gateways;
};

struct Outcome {
  std::string failure;  // empty: every invariant held
  std::uint64_t events = 0, commits = 0, gaps = 0, nows = 0;
  Duration slowest_alarm{};
  std::uint64_t fingerprint = 0;  // equal for equal runs
};
Outcome run(const Plan& plan);

// The smallest plan that it finds which still fails.
Plan shrink(Plan plan);

}  // namespace tocsin::simulation
