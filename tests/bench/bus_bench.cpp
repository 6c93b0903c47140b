// The field bus beside bare libmodbus, in pairs of short blocks: the two halves of a pair saw the same
// machine.

#include <cstdio>
#include <ctime>
#include <functional>
#include <thread>

#include "tests/bench/benches.h"
#include "tests/bench/bus_masters.h"
#include "tests/bench/memory_of_points.h"
#include "tests/bench/slave_bank.h"

namespace tocsin::bench {
namespace {

constexpr int pairs = 7;
constexpr int one_cpu = 0;  // master and slave share it: a wake-up across processors costs more than the work

double process_cpu_us() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

struct Speed {
  double per_second = 0;
  double cpu_us = 0;  // of the master, per transaction
};

Speed speed_of(SlaveBank& slaves, Duration warm_up, Duration block) {
  const auto& requests = slaves.counts().requests;
  std::this_thread::sleep_for(warm_up);
  const std::uint64_t before = requests;
  const double cpu_before = process_cpu_us();
  const auto start = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(block);
  const auto done = static_cast<double>(requests - before);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  return {done / passed.count(), (process_cpu_us() - cpu_before) / std::max(done, 1.0)};
}

struct Pairs {
  std::vector<double> ours, bare, ratio;
  void add(double our, double other) {
    ours.push_back(our);
    bare.push_back(other);
    ratio.push_back(our / other);
  }
};

Finding finding_of(const std::string& metric, const std::string& unit, const Pairs& found, double goal,
                   bool at_least) {
  return judged({"bus", metric, median(found.ours), unit, median(found.bare), median(found.ratio), goal, true,
                 at_least});
}

std::vector<Finding> tcp_speed() {
  Pairs speed, cpu;
  SlaveBank slaves = SlaveBank::on_tcp(one_cpu);
  const MasterSetup setup{slaves.port(), 0, 1, 64, 1ms, 500ms};
  pin_to(one_cpu);
  for (int i = 0; i < pairs; ++i) {
    Speed ours, bare;
    {
      const ProductMaster master(setup);
      ours = speed_of(slaves, 200ms, 700ms);
    }
    {
      const BareMaster master(setup);
      bare = speed_of(slaves, 200ms, 700ms);
    }
    std::fprintf(stderr, "bus: TCP %.0f tx/s, %.1f us; bare %.0f tx/s, %.1f us\n", ours.per_second,
                 ours.cpu_us, bare.per_second, bare.cpu_us);
    speed.add(ours.per_second, bare.per_second);
    cpu.add(ours.cpu_us, bare.cpu_us);
  }
  pin_to(-1);
  return {finding_of("Modbus TCP transactions", "1/s", speed, 0.85, true),
          finding_of("CPU per TCP transaction", "us", cpu, 1.25, false)};
}

Finding rtu_speed(int baud, double goal) {
  Pairs speed;
  SlaveBank slaves = SlaveBank::on_line(baud);
  const MasterSetup setup{slaves.port(), baud, 1, 4, 1ms, 500ms};
  const Duration block = baud <= 9600 ? 2s : 1s;
  for (int i = 0; i < 5; ++i) {
    double ours = 0, bare = 0;
    {
      const ProductMaster master(setup);
      ours = speed_of(slaves, 300ms, block).per_second;
    }
    std::this_thread::sleep_for(100ms);
    {
      const BareMaster master(setup);
      bare = speed_of(slaves, 300ms, block).per_second;
    }
    std::this_thread::sleep_for(100ms);
    speed.add(ours, bare);
  }
  std::fprintf(stderr, "bus: RTU at %d baud %.1f tx/s, bare %.1f\n", baud, median(speed.ours),
               median(speed.bare));
  return finding_of("RTU transactions at " + std::to_string(baud) + " baud", "1/s", speed, goal, true);
}

// What the 31 others get when the 32nd is dead, beside what they get when it answers.
Finding one_dead_slave() {
  constexpr int devices = 32;
  Pairs others;
  SlaveBank slaves = SlaveBank::on_tcp(one_cpu);
  const MasterSetup setup{slaves.port(), 0, 1, devices, 1ms, 100ms};
  const auto rate_of_others = [&](int silent) {
    slaves.counts().silent_unit = silent;
    const ProductMaster master(setup);
    std::this_thread::sleep_for(2s);  // the first seconds find out that it is dead
    const auto& counts = slaves.counts();
    const std::uint64_t before = counts.requests - counts.unit[devices].requests;
    const auto start = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(4s);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    return static_cast<double>(counts.requests - counts.unit[devices].requests - before) / passed.count();
  };
  pin_to(one_cpu);
  for (int i = 0; i < 5; ++i) {
    const double with_all = rate_of_others(0);
    others.add(rate_of_others(devices), with_all);
    std::fprintf(stderr, "bus: one of 32 dead: the others get %.0f reads/s, before %.0f\n",
                 others.ours.back(), with_all);
  }
  pin_to(-1);
  return finding_of("the others' reads with 1 dead of 32", "1/s", others, 0.95, true);
}

// Every device on a connection and a thread of its own, ours and bare libmodbus' alike in number.
Finding hundred_devices() {
  constexpr int devices = 100;
  constexpr Duration period = 100ms, watched = 8s;
  SlaveBank slaves = SlaveBank::on_tcp(-1);
  std::vector<std::unique_ptr<ProductMaster>> masters;
  for (int unit = 1; unit <= devices; ++unit)
    masters.push_back(std::make_unique<ProductMaster>(MasterSetup{slaves.port(), 0, unit, 1, period, 500ms}));
  std::this_thread::sleep_for(2s);
  slaves.counts().clear();
  slaves.counts().period_ns = period.count();
  std::this_thread::sleep_for(watched);
  slaves.counts().period_ns = 0;
  std::uint64_t missed = 0, seen = 0;
  for (const auto& unit : slaves.counts().unit) {
    missed += unit.missed;
    seen += unit.requests;
  }
  const auto expected = static_cast<std::uint64_t>(devices * (watched / period));
  std::fprintf(stderr, "bus: 100 TCP devices at 100 ms: %llu reads of %llu, %llu periods missed\n",
               static_cast<unsigned long long>(seen), static_cast<unsigned long long>(expected),
               static_cast<unsigned long long>(missed));
  if (seen + devices < expected) missed += expected - seen;  // a slow drift misses one now and then
  return judged({"bus",
                 "periods missed, 100 TCP devices at 100 ms",
                 static_cast<double>(missed),
                 "",
                 {},
                 {},
                 0,
                 true,
                 false});
}

}  // namespace

std::vector<Finding> bench_bus(const Options& options) {
  std::vector<Finding> found = tcp_speed();
  found.push_back(rtu_speed(9600, 0.95));
  found.push_back(rtu_speed(19200, 0.95));
  found.push_back(rtu_speed(115200, 0.90));
  found.push_back(one_dead_slave());
  found.push_back(hundred_devices());
  found.push_back(memory_of_points(options));
  return found;
}

}  // namespace tocsin::bench
