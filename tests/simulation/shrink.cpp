#include <algorithm>

#include "tests/simulation/world.h"

namespace tocsin::simulation {
namespace {

bool still_fails(const Plan& plan) {
  return !run(plan).failure.empty();
}

// Removes slices of steps, halving the slice until single steps were tried.
void drop_steps(Plan& plan) {
  for (std::size_t slice = std::max<std::size_t>(1, plan.steps.size() / 2); slice > 0; slice /= 2) {
    for (std::size_t at = 0; at < plan.steps.size();) {
      Plan smaller = plan;
      const auto from = smaller.steps.begin() + static_cast<std::ptrdiff_t>(at);
      smaller.steps.erase(from,
                          from + static_cast<std::ptrdiff_t>(std::min(slice, smaller.steps.size() - at)));
      if (still_fails(smaller))
        plan = std::move(smaller);
      else
        at += slice;
    }
  }
}

template <class Change>
void attempt(Plan& plan, Change&& change) {
  Plan simpler = plan;
  change(simpler);
  if (still_fails(simpler)) plan = std::move(simpler);
}

}  // namespace

Plan shrink(Plan plan) {
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = plan.steps.size();
    drop_steps(plan);
    attempt(plan, [](Plan& p) { p.drop = 0; });
    attempt(plan, [](Plan& p) { p.repeat = 0; });
    attempt(plan, [](Plan& p) { p.reorder = 0; });
    attempt(plan, [](Plan& p) { p.starts_in_1970 = false; });
    attempt(plan, [](Plan& p) { p.bandwidth = 4 << 20; });
    attempt(plan, [](Plan& p) {
      p.length = p.steps.empty() ? Duration{1s} : p.steps.back().at + p.steps.back().lasts + 1s;
    });
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      attempt(plan, [i](Plan& p) { p.steps[i].amount = std::min<std::uint64_t>(p.steps[i].amount, 1); });
      attempt(plan, [i](Plan& p) { p.steps[i].lasts /= 4; });
    }
    if (plan.steps.size() == before && round > 0) break;
  }
  return plan;
}

}  // namespace tocsin::simulation
