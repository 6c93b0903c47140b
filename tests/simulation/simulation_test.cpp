#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "tests/simulation/world.h"

using namespace tocsin;
using namespace tocsin::simulation;

TEST_CASE("three hundred seeds hold every invariant") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Outcome outcome = run(draw_plan(seed));
    if (!outcome.failure.empty()) {
      const Plan small = shrink(draw_plan(seed));
      FAIL("seed " << seed << ": " << outcome.failure << "\n" << to_string(small));
    }
  }
}

TEST_CASE("a seed replays event by event") {
  for (const std::uint64_t seed : {3u, 17u, 44u}) {
    const Outcome first = run(draw_plan(seed)), second = run(draw_plan(seed));
    CHECK(first.events == second.events);
    CHECK(first.fingerprint == second.fingerprint);
  }
}

TEST_CASE("the seeds reach what they are for: gaps, alarms that overtake, calm runs") {
  std::uint64_t gaps = 0, nows = 0;
  int calm = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Plan plan = draw_plan(seed);
    const Outcome outcome = run(plan);
    gaps += outcome.gaps;
    nows += outcome.nows;
    calm += plan.is_calm() ? 1 : 0;
  }
  CHECK(gaps > 10);
  CHECK(nows > 10);
  CHECK(calm > 3);
}

// A suite is trusted only when planted bugs are found.
TEST_CASE("planted bugs around the sessions are found, and the plan that shows them is shrunk") {
  for (const Sabotage bug : {Sabotage::ack_before_commit, Sabotage::commit_loses_a_record,
                             Sabotage::commit_changes_a_body, Sabotage::wrong_gap}) {
    std::optional<Plan> failing;
    for (std::uint64_t seed = 1; seed <= 20 && !failing; ++seed) {
      Plan plan = draw_plan(seed);
      plan.sabotage = bug;
      if (!run(plan).failure.empty()) failing = plan;
    }
    REQUIRE(failing.has_value());
    const Plan small = shrink(*failing);
    CHECK(small.steps.size() <= 2);
    CHECK_FALSE(run(small).failure.empty());
  }
}
