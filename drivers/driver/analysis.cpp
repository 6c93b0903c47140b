#include "drivers/driver/analysis.h"

#include <algorithm>

#include "drivers/driver/poll_plan.h"

namespace tocsin::driver {

namespace {

constexpr Duration hopeless = 24h;  // where the search for a bound gives up
constexpr int refinements = 3;

// A read with its second read, which every change of a life-safety point needs.
Duration conversation(const PlannedRead& read) {
  return read.answered * (read.timing.life_safety ? 2 : 1);
}

struct Extremes {
  Duration conversation{};  // longest of all reads
  Duration fault{};         // longest waste by one fault
  Duration probe{};         // longest probe
  Duration command{};       // longest write with its read-back
};

Extremes extremes_of(const std::vector<PlannedRead>& reads, const std::vector<PlannedDevice>& devices,
                     const LineCost& line) {
  Extremes most;
  for (const PlannedRead& read : reads) {
    most.conversation = std::max(most.conversation, conversation(read));
    most.probe = std::max(most.probe, read.failed);
    most.fault = std::max({most.fault, read.failed, read.answered});
  }
  for (const PlannedDevice& device : devices) {
    const Limits& limits = device.spec.profile->limits;
    for (std::size_t point = 0; point < device.spec.profile->points.size(); ++point) {
      if (!device.spec.profile->points[point].writable) continue;
      const FrameSizes sizes = device.driver->write_sizes(point);
      most.command = std::max(most.command, line.answered(sizes, limits));
      most.fault = std::max(most.fault, line.failed(sizes, limits));
    }
  }
  return most;
}

// One probe from credit saved before, and what the probes' share earns within `window`.
Duration probes_within(Duration window, const Extremes& most, const Budget& budget) {
  if (!budget.dead || most.probe <= Duration{0}) return {};
  const auto earned = std::chrono::duration_cast<Duration>(window * PollPlan::probe_share);
  return most.probe * (1 + earned / most.probe);
}

// How often `other` can be served while `read` waits for `wait`.
std::int64_t times_before(const PlannedRead& read, const PlannedRead& other, Duration wait,
                          Duration longest_wait_of_other) {
  const Duration lead = read.urgency - other.urgency;
  // A later deadline comes first only when that read was due long before ours.
  if (lead < Duration{0}) return longest_wait_of_other < -lead ? 0 : 1;
  return 1 + std::min(lead, wait) / other.timing.period;
}

class Waits {
 public:
  Waits(const std::vector<PlannedRead>& reads, const Extremes& most, const Budget& budget)
      : reads_(reads), most_(most), budget_(budget), waits_(reads.size(), Duration::max()) {
    for (int round = 0; round < refinements; ++round) {
      std::vector<Duration> next;
      for (std::size_t i = 0; i < reads_.size(); ++i) next.push_back(longest_wait(i));
      waits_ = std::move(next);  // each round is a bound by itself and tightens the next
    }
  }
  Duration of(std::size_t i) const { return waits_[i]; }

 private:
  Duration longest_wait(std::size_t i) const {
    Duration blocking{};
    for (std::size_t j = 0; j < reads_.size(); ++j)
      if (j != i) blocking = std::max(blocking, conversation(reads_[j]));
    const Duration fixed = blocking + budget_.faults * most_.fault + budget_.commands * most_.command;
    Duration wait = fixed;
    while (wait < hopeless) {
      Duration next = fixed + probes_within(wait, most_, budget_);
      for (std::size_t j = 0; j < reads_.size(); ++j)
        if (j != i) next += times_before(reads_[i], reads_[j], wait, waits_[j]) * conversation(reads_[j]);
      if (next <= wait) return wait;
      wait = next;
    }
    return hopeless;
  }

  const std::vector<PlannedRead>& reads_;
  const Extremes& most_;
  const Budget& budget_;
  std::vector<Duration> waits_;
};

Duration longest_actuation(Duration own, const Extremes& most, const Budget& budget) {
  const int others = std::max(budget.commands - 1, 0);
  const int polls_between = others / PollPlan::commands_in_a_row;
  const Duration before =
      most.conversation * (1 + polls_between) + others * most.command + budget.faults * most.fault;
  return before + probes_within(before, most, budget) + own;
}

}  // namespace

Analysis analyse(const std::vector<PlannedDevice>& devices, const LineCost& line, const Budget& budget) {
  const std::vector<PlannedRead> reads = planned_reads(devices, line);
  const Extremes most = extremes_of(reads, devices, line);
  const Waits waits(reads, most, budget);
  Analysis result;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    const PlannedRead& read = reads[i];
    result.load +=
        static_cast<double>(read.answered.count()) / static_cast<double>(read.timing.period.count());
    const DeviceSpec& device = devices[read.device].spec;
    const Duration worst =
        std::max(read.timing.period, conversation(read)) + waits.of(i) + conversation(read);
    for (const std::size_t point : read.span.points) {
      const Timing timing = timing_of(device, point);
      if (timing.life_safety)
        result.detections.push_back(
            {device.name + "/" + device.profile->points[point].name, worst, timing.deadline});
    }
  }
  for (const PlannedDevice& device : devices) {
    const auto& points = device.spec.profile->points;
    for (std::size_t point = 0; point < points.size(); ++point) {
      if (!points[point].writable) continue;
      const Duration own = line.answered(device.driver->write_sizes(point), device.spec.profile->limits);
      result.actuations.push_back(
          {device.spec.name + "/" + points[point].name, longest_actuation(own, most, budget)});
    }
  }
  return result;
}

}  // namespace tocsin::driver
