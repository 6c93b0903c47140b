#include "tests/simulation/world.h"

#include "tests/simulation/broker.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/gateway.h"

namespace tocsin::simulation {
namespace {

constexpr Duration settle_time =
    240s;  // longest connect pause + longest resend + slack, after everything healed
constexpr Duration calm_alarm_limit = 10s;  // GB 26875.1: a fire alarm within 10 s
constexpr std::uint64_t most_events = 2'000'000;

void noise_from(World& world, std::size_t gateway, std::uint64_t amount) {
  static constexpr std::array<const char*, 6> topics{"up/alarm", "up/event", "up/data",
                                                     "up/hello", "up/now",   "up/alive"};
  Bytes noise(amount % 60);
  for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(world.chance.next());
  world.cloud->on_message(gateway, topics[amount % topics.size()], noise);
  world.broker->deliver(gateway, amount % 2 == 0 ? "down/ack" : "down/resume", noise);
}

void strike_gateway(World& world, const Step& step) {
  Gateway& gateway = *world.gateways[step.gateway];
  switch (step.act) {
    case Act::write_alarms: return gateway.write(Lane::alarm, step.amount);
    case Act::write_events: return gateway.write(Lane::event, step.amount);
    case Act::write_data: return gateway.write(Lane::data, step.amount);
    case Act::process_kill: return gateway.kill();
    case Act::power_cut: return gateway.power_cut();
    case Act::disk_error: return gateway.fail_disk(step.lasts);
    case Act::new_database: return gateway.replace_database();
    case Act::cloned_disk: return gateway.clone_disk();
    case Act::clock_jump:
      return gateway.jump_clock(static_cast<std::int64_t>(step.amount % 8'000'000'000) - 4'000'000'000);
    default: return;
  }
}

void strike(World& world, const Step& step) {
  switch (step.act) {
    case Act::send_order: return world.cloud->send_order(step.gateway, step.amount);
    case Act::noise_up: return noise_from(world, step.gateway, step.amount);
    case Act::link_cut: return world.broker->cut(step.gateway);
    case Act::half_open: return world.broker->stall(step.gateway, step.lasts);
    case Act::partition: return world.broker->block(step.gateway, step.lasts);
    case Act::broker_restart: return world.broker->cut_all();
    case Act::access_denied: return world.broker->deny(step.gateway, step.lasts);
    case Act::cloud_crash: return world.cloud->crash(step.lasts);
    case Act::cloud_failover: return world.cloud->fail_over(step.lasts);
    case Act::cloud_backup: return world.cloud->back_up();
    case Act::cloud_restore: return world.cloud->restore(step.lasts / 8);
    case Act::cloud_slow: return world.cloud->be_slow(step.lasts);
    case Act::cloud_disk_error: return world.cloud->fail_disk(step.lasts);
    default: return strike_gateway(world, step);
  }
}

void heal(World& world) {
  world.healed = true;
  world.broker->heal();
  world.cloud->heal();
  for (const auto& gateway : world.gateways) gateway->heal();
}

bool all_arrived(World& world) {
  for (std::size_t i = 0; i < world.gateways.size(); ++i) {
    const Disk& disk = world.gateways[i]->disk();
    for (const Lane lane : wire::lanes) {
      const wire::LaneState state = disk.state(lane);
      if (state.acked < state.head) return false;
    }
    if (!world.gateways[i]->resumed()) return false;
  }
  return true;
}

void check_end(World& world) {
  for (std::size_t i = 0; i < world.gateways.size(); ++i) {
    Gateway& gateway = *world.gateways[i];
    world.oracle.complete(world.cloud->rows(), i, gateway.disk().epoch);
    if (world.cloud->silent(i)) world.oracle.violated("a gateway that speaks is called silent");
    if (gateway.cloned() && !world.cloud->conflict(i) && gateway.disk().state(Lane::alarm).head > 0)
      world.oracle.violated("a cloned disk went unnoticed");
  }
  if (world.plan.is_calm() && world.oracle.slowest_alarm() > calm_alarm_limit)
    world.oracle.violated("I10: an alarm took " + tocsin::to_string(world.oracle.slowest_alarm()) +
                          " on a sound network");
}

}  // namespace

World::World(const Plan& what)
    : plan(what),
      chance(what.seed ^ 0xD1B54A32D192ED03u),
      broker(std::make_unique<Broker>(*this)),
      cloud(std::make_unique<Cloud>(*this)) {
  for (std::size_t i = 0; i < plan.gateways; ++i) gateways.push_back(std::make_unique<Gateway>(*this, i));
}
World::~World() = default;

Outcome run(const Plan& plan) {
  World world(plan);
  const MonoTime start = world.scheduler.time();
  for (const Step& step : plan.steps)
    world.scheduler.at(start + step.at, [&world, &step] { strike(world, step); });
  // When all has healed, each lane gets one more record: a loss at its end shows only then.
  world.scheduler.at(start + plan.length, [&world] {
    heal(world);
    for (const auto& gateway : world.gateways)
      for (const Lane lane : wire::lanes)
        world.scheduler.after(6s, [&gateway, lane] { gateway->write(lane, 1); });
  });
  Outcome outcome;
  const auto run_until = [&](MonoTime end) {
    while (world.oracle.failure().empty() && world.scheduler.step(end)) {
      outcome.fingerprint = outcome.fingerprint * 31 +
                            static_cast<std::uint64_t>(world.scheduler.time().time_since_epoch().count());
      if (++outcome.events > most_events) world.oracle.violated("I13: the run does not end");
    }
  };
  run_until(start + plan.length + 10s);
  const MonoTime end = start + plan.length + settle_time;
  while (world.oracle.failure().empty() && world.scheduler.time() < end && !all_arrived(world))
    run_until(world.scheduler.time() + 1s);
  if (world.oracle.failure().empty()) check_end(world);
  outcome.failure = world.oracle.failure();
  outcome.commits = world.oracle.commits();
  outcome.gaps = world.oracle.gaps();
  outcome.nows = world.oracle.nows();
  outcome.slowest_alarm = world.oracle.slowest_alarm();
  return outcome;
}

}  // namespace tocsin::simulation
