// tocsin-simulation: runs seeds until one fails, prints that one, shrunk. Exit 0: all held, 1: one failed, 2:
// wrong use.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "tests/simulation/world.h"

using namespace tocsin;
using namespace tocsin::simulation;

namespace {

struct Options {
  std::uint64_t seeds = 1000, first = 1;
  bool verbose = false;
};

std::optional<Options> parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const bool has_value = i + 1 < count;
    if (std::strcmp(words[i], "--verbose") == 0)
      options.verbose = true;
    else if (std::strcmp(words[i], "--seeds") == 0 && has_value)
      options.seeds = std::strtoull(words[++i], nullptr, 10);
    else if (std::strcmp(words[i], "--seed") == 0 && has_value)
      options.first = std::strtoull(words[++i], nullptr, 10);
    else
      return std::nullopt;
  }
  return options;
}

void print_failure(const Plan& plan, const Outcome& outcome) {
  std::printf("FAILED %s\n%s", outcome.failure.c_str(), to_string(plan).c_str());
  const Plan small = shrink(plan);
  std::printf("shrunk: %s\n%s", run(small).failure.c_str(), to_string(small).c_str());
  std::printf("replay: tocsin-simulation --seeds 1 --seed %llu --verbose\n",
              static_cast<unsigned long long>(plan.seed));
}

}  // namespace

int main(int count, char** words) {
  const auto options = parse(count, words);
  if (!options) {
    std::fprintf(stderr, "usage: tocsin-simulation [--seeds N] [--seed FIRST] [--verbose]\n");
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t events = 0, commits = 0, gaps = 0;
  for (std::uint64_t i = 0; i < options->seeds; ++i) {
    const Plan plan = draw_plan(options->first + i);
    const Outcome outcome = run(plan);
    if (options->verbose)
      std::printf("%s  %llu events, %llu commits, %llu gaps, slowest alarm %s\n", to_string(plan).c_str(),
                  static_cast<unsigned long long>(outcome.events),
                  static_cast<unsigned long long>(outcome.commits),
                  static_cast<unsigned long long>(outcome.gaps), to_string(outcome.slowest_alarm).c_str());
    if (!outcome.failure.empty()) {
      print_failure(plan, outcome);
      return 1;
    }
    events += outcome.events;
    commits += outcome.commits;
    gaps += outcome.gaps;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%llu seeds from %llu: all invariants held (%llu events, %llu commits, %llu gaps, %.1f s)\n",
              static_cast<unsigned long long>(options->seeds),
              static_cast<unsigned long long>(options->first), static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(commits), static_cast<unsigned long long>(gaps), took.count());
  return 0;
}
