// tocsin-noise [--polls N] [--seed S]: polls on a noisy RS-485 line without a pause, through the real
// scheduler, conversations and frame search. Exit code 0 when no wrong life-safety state was told and nothing
// locked up.
//
// For single reads the count of wrong values is told beside what a 16-bit checksum lets through: one damaged
// frame in 65,536 passes it. Two reads that agree are what keeps those from becoming an alarm.

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <CLI/CLI.hpp>

#include "drivers/driver/poll_plan.h"
#include "drivers/io/pump.h"
#include "drivers/io/registry.h"
#include "tests/noise/noisy_line.h"

using namespace tocsin;

namespace {

constexpr int smoke_units[] = {1, 2}, gas_units[] = {3, 4};
constexpr double shares[] = {0.01, 0.03, 0.1, 0.2, 0.3};
constexpr int reads_between_changes = 40;  // of the field, on the average
constexpr Duration healing = 10min;        // virtual; probes of lost devices are at most 64 s apart

driver::PointSpec point(const std::string& name, const std::string& table, int address) {
  driver::PointSpec spec;
  spec.name = name;
  spec.source = {{"table", table}, {"address", std::int64_t{address}}};
  spec.life_safety = true;
  return spec;
}

std::vector<driver::PlannedDevice> devices() {
  auto smoke = std::make_shared<driver::Profile>();
  auto gas = std::make_shared<driver::Profile>();
  smoke->protocol = gas->protocol = "modbus";
  smoke->points = {point("mounted", "discrete", 0), point("smoke", "discrete", 2)};
  gas->points = {point("gas", "holding", 0), point("status", "holding", 1)};
  std::vector<driver::PlannedDevice> made;
  for (const int unit : smoke_units)
    made.push_back(
        io::make_device({"smoke-" + std::to_string(unit), smoke, std::to_string(unit), {}, {}}).value());
  for (const int unit : gas_units)
    made.push_back(
        io::make_device({"gas-" + std::to_string(unit), gas, std::to_string(unit), {}, {}}).value());
  return made;
}

class Trial {
 public:
  explicit Trial(std::uint64_t seed)
      : random_(seed),
        devices_(devices()),
        cost_(driver::serial_line(9600, 'N', 1)),
        plan_(devices_, cost_),
        line_(truth_, seed + 1) {
    for (const int unit : smoke_units) truth_.bits[unit] = 1;
    for (const int unit : gas_units) truth_.registers[unit] = 0;
    plan_.restart(now_);
  }

  void run(std::uint64_t polls, double share) {
    line_.disturb(share);
    for (const std::uint64_t end = polls_ + polls; polls_ < end;) step();
  }

  // Whether every device answers and every point is read again once the noise is over.
  bool heals() {
    line_.disturb(0);
    const MonoTime end = now_ + healing;
    const auto all_online = [this] {
      for (std::size_t i = 0; i < devices_.size(); ++i)
        if (!plan_.online(i)) return false;
      return true;
    };
    while (now_ < end && !all_online()) step();
    const std::uint64_t before = good_;
    for (int i = 0; i < 1000; ++i) step();
    return all_online() && good_ > before && plan_.misses(now_).empty();
  }

  std::uint64_t polls() const { return polls_; }
  std::uint64_t told() const { return told_; }
  std::uint64_t wrong_told() const { return wrong_told_; }
  std::uint64_t wrong_reads() const { return wrong_reads_; }
  std::uint64_t damaged() const { return line_.damaged(); }

 private:
  void step() {
    const driver::Decision decision = plan_.next(now_, false);
    if (decision.kind == driver::Decision::Kind::wait) {
      now_ = decision.until;
      return;
    }
    const driver::PlannedDevice& device = devices_[decision.poll.device];
    noise::OverRtu exchange(device.driver->read(decision.poll.span));
    const MonoTime start = now_;
    const auto result = io::pump(line_, frames_, exchange, {50ms, 20ms, {}}, [](char, ByteView) {});
    ++polls_;
    const driver::FrameSizes sizes = device.driver->read_sizes(decision.poll.span);
    const driver::Limits& limits = device.spec.profile->limits;
    now_ += result.samples ? cost_.answered(sizes, limits) : cost_.failed(sizes, limits);
    if (result.samples) {
      ++good_;
      wrong_reads_ += count_wrong(device, *result.samples) > 0;
    }
    const driver::Finished finished = plan_.finished(start, now_, result.samples);
    told_ += finished.publish.size();
    wrong_told_ += count_wrong(device, finished.publish);
    if (!finished.publish.empty()) maybe_change();  // never within a conversation: then both states are right
  }

  std::uint64_t count_wrong(const driver::PlannedDevice& device, const driver::Samples& samples) const {
    std::uint64_t wrong = 0;
    for (const driver::Sample& sample : samples)
      wrong += sample.quality != Quality::bad && !(sample.value == true_value(device, sample.point));
    return wrong;
  }

  Value true_value(const driver::PlannedDevice& device, std::size_t index) const {
    const int unit = std::atoi(device.spec.address.c_str());
    if (const auto bits = truth_.bits.find(unit); bits != truth_.bits.end())
      return (bits->second >> (index == 0 ? 0 : 2) & 1) != 0;
    return std::int64_t{index == 0 ? truth_.registers.at(unit) : 0};
  }

  void maybe_change() {
    if (random_() % reads_between_changes != 0) return;
    for (auto& [unit, bits] : truth_.bits)
      if (random_() % 2 == 0) bits ^= 4;
    for (auto& [unit, word] : truth_.registers)
      if (random_() % 2 == 0) word = static_cast<std::uint16_t>(random_() % 1100);
  }

  std::mt19937_64 random_;
  std::vector<driver::PlannedDevice> devices_;
  driver::LineCost cost_;
  driver::PollPlan plan_;
  noise::Truth truth_;
  noise::NoisyLine line_;
  noise::RtuAnswers frames_;
  MonoTime now_{1s};
  std::uint64_t polls_ = 0, good_ = 0, told_ = 0, wrong_told_ = 0, wrong_reads_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t polls = 1'000'000, seed = 1;
  CLI::App app("Polls on a noisy line: no wrong life-safety state, no lock-up");
  app.add_option("--polls", polls, "how many");
  app.add_option("--seed", seed, "of the noise");
  CLI11_PARSE(app, argc, argv);
  Trial trial(seed);
  for (const double share : shares) {
    trial.run(polls / std::size(shares), share);
    std::printf("noise in %.0f %% of the answers: %llu polls so far, %llu wrong states told\n", share * 100,
                static_cast<unsigned long long>(trial.polls()),
                static_cast<unsigned long long>(trial.wrong_told()));
  }
  const double expected = static_cast<double>(trial.damaged()) / 65536;
  const bool healed = trial.heals();
  std::printf(
      "%llu damaged answers; single reads: %llu wrong values (a 16-bit checksum lets through about %.1f, "
      "and answers one request late come on top)\n",
      static_cast<unsigned long long>(trial.damaged()), static_cast<unsigned long long>(trial.wrong_reads()),
      expected);
  std::printf("%llu polls, %llu states told, %llu wrong, %s (seed %llu)\n",
              static_cast<unsigned long long>(trial.polls()), static_cast<unsigned long long>(trial.told()),
              static_cast<unsigned long long>(trial.wrong_told()), healed ? "no lock-up" : "LOCKED UP",
              static_cast<unsigned long long>(seed));
  return trial.wrong_told() == 0 && healed ? 0 : 1;
}
