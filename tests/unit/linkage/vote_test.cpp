#include "core/linkage/vote.h"

#include <array>

#include <doctest/doctest.h>

using namespace tocsin::linkage;

namespace {

// Three detectors, of which the last shares a housing with the first; two call points; a detector without a
// housing.
std::array<Detector, 6> devices() {
  return {{{"smoke-1/smoke", "h1", false},
           {"smoke-2/smoke", "h2", false},
           {"heat-1/heat", "h1", false},
           {"mcp-1/pressed", "h4", true},
           {"mcp-2/pressed", "h5", true},
           {"smoke-6/smoke", "", false}}};
}

// GB 50116 4.1.6 in its own words: some pair of counting, alarmed devices in two housings.
bool pair_exists(const std::array<Detector, 6>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool both = all[i].alarmed && all[i].counts && all[j].alarmed && all[j].counts;
      const bool one_housing = i == 2 && j == 0;
      if (both && !one_housing) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("the truth table of two devices") {
  const auto confirmed = [](Detector a, Detector b) {
    const std::array both{a, b};
    return vote(both).confirmed;
  };
  const Detector smoke{"s1/smoke", "a", false, true}, other{"s2/smoke", "b", false, true};
  const Detector button{"m1/pressed", "c", true, true}, second_button{"m2/pressed", "d", true, true};
  CHECK(confirmed(smoke, other));
  CHECK(confirmed(smoke, button));
  CHECK(confirmed(button, second_button));

  Detector quiet = other, disabled = other, same_housing = other;
  quiet.alarmed = false;
  disabled.counts = false;
  same_housing.housing = smoke.housing;
  CHECK_FALSE(confirmed(smoke, quiet));
  CHECK_FALSE(confirmed(smoke, disabled));
  CHECK_FALSE(confirmed(smoke, same_housing));
}

TEST_CASE("two points of one device are one device when no housing is declared") {
  const std::array one{Detector{"multi-1/smoke", "", false, true}, Detector{"multi-1/heat", "", false, true}};
  CHECK_FALSE(vote(one).confirmed);
  CHECK(vote(one).prealarm);
  const std::array two{Detector{"multi-1/smoke", "", false, true},
                       Detector{"multi-2/smoke", "", false, true}};
  CHECK(vote(two).confirmed);
}

TEST_CASE("a panel or a person confirms alone") {
  CHECK(vote({}, true).confirmed);
  CHECK(vote({}, false, true).confirmed);
  CHECK_FALSE(vote({}).confirmed);
  CHECK_FALSE(vote({}, true).prealarm);
}

TEST_CASE("all subsets of six devices, alarmed and counting or not") {
  for (unsigned alarmed = 0; alarmed < 64; ++alarmed) {
    for (unsigned silent = 0; silent < 64; ++silent) {  // disabled, faulty, in test or out of service
      auto all = devices();
      std::vector<std::string> cause;
      for (unsigned i = 0; i < 6; ++i) {
        all[i].alarmed = (alarmed >> i & 1) != 0;
        all[i].counts = (silent >> i & 1) == 0;
        if (all[i].alarmed && all[i].counts) cause.push_back(all[i].point);
      }
      const ZoneVote result = vote(all);
      CAPTURE(alarmed);
      CAPTURE(silent);
      REQUIRE(result.confirmed == pair_exists(all));
      REQUIRE(result.prealarm == !cause.empty());
      REQUIRE(result.cause == cause);
    }
  }
}
