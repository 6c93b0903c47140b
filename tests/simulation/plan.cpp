#include "tests/simulation/plan.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "tests/simulation/scheduler.h"

namespace tocsin::simulation {
namespace {

struct Kind {
  Act act;
  const char* name;
  std::uint64_t weight;  // of a fault; 0: not drawn as a fault
};
constexpr std::array<Kind, 22> kinds{{{Act::write_alarms, "write_alarms", 0},
                                      {Act::write_events, "write_events", 0},
                                      {Act::write_data, "write_data", 0},
                                      {Act::send_order, "send_order", 0},
                                      {Act::noise_up, "noise_up", 3},
                                      {Act::link_cut, "link_cut", 6},
                                      {Act::half_open, "half_open", 5},
                                      {Act::partition, "partition", 4},
                                      {Act::broker_restart, "broker_restart", 3},
                                      {Act::access_denied, "access_denied", 2},
                                      {Act::cloud_crash, "cloud_crash", 5},
                                      {Act::cloud_failover, "cloud_failover", 3},
                                      {Act::cloud_backup, "cloud_backup", 3},
                                      {Act::cloud_restore, "cloud_restore", 3},
                                      {Act::cloud_slow, "cloud_slow", 4},
                                      {Act::cloud_disk_error, "cloud_disk_error", 4},
                                      {Act::process_kill, "process_kill", 4},
                                      {Act::power_cut, "power_cut", 5},
                                      {Act::disk_error, "disk_error", 4},
                                      {Act::new_database, "new_database", 2},
                                      {Act::cloned_disk, "cloned_disk", 1},
                                      {Act::clock_jump, "clock_jump", 3}}};

Act draw_fault(Chance& chance) {
  std::uint64_t total = 0;
  for (const Kind& kind : kinds) total += kind.weight;
  std::uint64_t at = chance.below(total);
  for (const Kind& kind : kinds) {
    if (at < kind.weight) return kind.act;
    at -= kind.weight;
  }
  return Act::link_cut;
}

Step draw_write(Chance& chance, const Plan& plan) {
  Step step{chance.between(0s, plan.length), Act::write_data, chance.below(plan.gateways), 0s,
            1 + chance.below(4)};
  const std::uint64_t which = chance.below(10);
  if (which < 4)
    step.act = Act::write_alarms;
  else if (which < 6)
    step.act = Act::write_events;
  else if (which < 7)
    step.act = Act::send_order;
  else
    step.amount += chance.below(30);
  if (step.act == Act::write_alarms && chance.below(10) == 0) step.amount += 40;  // a flood
  return step;
}

}  // namespace

bool Plan::is_calm() const {
  const bool only_writes =
      std::all_of(steps.begin(), steps.end(), [](const Step& step) { return step.act <= Act::noise_up; });
  return only_writes && drop == 0 && repeat == 0 && reorder == 0;
}

Plan draw_plan(std::uint64_t seed) {
  Chance chance(seed * 0x2545F4914F6CDD1Du + 1);
  Plan plan;
  plan.seed = seed;
  plan.gateways = 1 + chance.below(2);
  plan.length = chance.between(30s, 180s);
  plan.bandwidth = std::array<std::size_t, 3>{8 * 1024, 64 * 1024, 4 << 20}[chance.below(3)];
  plan.starts_in_1970 = chance.below(4) == 0;
  const bool calm = chance.below(10) == 0;
  if (!calm && chance.below(2) == 0) {
    plan.drop = static_cast<double>(chance.below(20)) / 100;
    plan.repeat = static_cast<double>(chance.below(20)) / 100;
    plan.reorder = static_cast<double>(chance.below(20)) / 100;
  }
  const std::uint64_t writes = 10 + chance.below(25);
  for (std::uint64_t i = 0; i < writes; ++i) plan.steps.push_back(draw_write(chance, plan));
  const std::uint64_t faults = calm ? 0 : chance.below(8);
  for (std::uint64_t i = 0; i < faults; ++i)
    plan.steps.push_back({chance.between(0s, plan.length), draw_fault(chance), chance.below(plan.gateways),
                          chance.between(10ms, 40s), chance.next()});
  std::stable_sort(plan.steps.begin(), plan.steps.end(),
                   [](const Step& a, const Step& b) { return a.at < b.at; });
  return plan;
}

std::string to_string(const Plan& plan) {
  std::array<char, 200> line{};
  std::snprintf(line.data(), line.size(),
                "seed %llu: %zu gateways, %lld s, drop %.2f repeat %.2f reorder %.2f, %zu bytes/s%s%s\n",
                static_cast<unsigned long long>(plan.seed), plan.gateways,
                static_cast<long long>(plan.length / 1s), plan.drop, plan.repeat, plan.reorder,
                plan.bandwidth, plan.starts_in_1970 ? ", starts in 1970" : "",
                plan.sabotage == Sabotage::none ? "" : ", sabotaged");
  std::string text = line.data();
  for (const Step& step : plan.steps) {
    std::snprintf(line.data(), line.size(), "  %8.3f s  %-16s gateway %zu  lasts %.3f s  amount %llu\n",
                  static_cast<double>(to_ms(step.at)) / 1000, kinds[static_cast<std::size_t>(step.act)].name,
                  step.gateway, static_cast<double>(to_ms(step.lasts)) / 1000,
                  static_cast<unsigned long long>(step.amount));
    text += line.data();
  }
  return text;
}

}  // namespace tocsin::simulation
