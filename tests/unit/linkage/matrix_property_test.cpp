// Properties of evaluate() over random matrices, causes and overrides. A failure prints its seed.
#include <random>

#include <doctest/doctest.h>

#include "core/linkage/state_codec.h"
#include "tests/unit/linkage/small_building.h"

using namespace tocsin;
using namespace tocsin::linkage;
using namespace tocsin::linkage::test;

namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  bool chance(int percent) { return below(100) < percent; }
  std::string zone() { return std::string(1, static_cast<char>('A' + below(3))); }
  Cause cause() {
    const auto kind = static_cast<CauseKind>(below(5));
    return kind == CauseKind::loss ? loss("d" + std::to_string(below(2))) : Cause{kind, zone(), {}};
  }

 private:
  std::mt19937 engine_;
};

struct Situation {
  Matrix matrix;
  Memory memory;
  std::map<std::string, Override> overrides;
  MonoTime now = at(100s);

  explicit Situation(unsigned seed) {
    Dice dice(seed);
    for (int i = 0; i < 6; ++i) {
      Effect effect = starter("e" + std::to_string(i), dice.zone(), i);
      // Any levels, also those that lint() refuses: evaluate() must be safe on its own.
      effect.safe = dice.chance(30);
      effect.normal = dice.chance(50);
      effect.active = dice.chance(50);
      effect.escape = dice.chance(40);
      effect.valve = !effect.escape && dice.chance(30);
      effect.ex_rated = dice.chance(30);
      matrix.effects.push_back(effect);
    }
    for (int r = 0; r < 6; ++r) {
      Row random = row(dice.cause(), {}, static_cast<Mode>(dice.below(3)), Duration(1s) * dice.below(60));
      for (int i = 0; i < 3; ++i)
        random.then.push_back("e" + std::to_string(dice.below(7)));  // e6 does not exist
      random.stagger = Duration(1s) * dice.below(5);
      matrix.rows.push_back(random);
    }
    for (int i = 0; i < 4; ++i) {
      const bool active = dice.chance(50);
      memory.causes[dice.cause()] = {active, active || dice.chance(80), at(Duration(1s) * dice.below(120))};
    }
    for (std::size_t r = 0; r < matrix.rows.size(); ++r)
      if (matrix.rows[r].mode == Mode::pulse && dice.chance(40))
        memory.pulses_done.emplace(r, matrix.rows[r].then[0]);
    for (const Effect& effect : matrix.effects)
      if (dice.chance(60)) overrides[effect.name] = {dice.chance(50), static_cast<Owner>(1 + dice.below(5))};
  }

  std::vector<Desired> answer() const {
    return evaluate(matrix, memory.causes, memory.pulses_done, overrides, now);
  }
  bool stands(const Cause& cause) const {
    const auto found = memory.causes.find(cause);
    return found != memory.causes.end() && (found->second.active || found->second.latched);
  }
  bool fire_concerns(const Effect& effect) const {
    if (stands(fire(effect.zone))) return true;
    for (const Row& r : matrix.rows)
      if (r.when.kind == CauseKind::confirmed_fire && stands(r.when) &&
          std::find(r.then.begin(), r.then.end(), effect.name) != r.then.end())
        return true;
    return false;
  }
};

constexpr unsigned seeds = 3000;

}  // namespace

TEST_CASE("escape invariant: a standing fire releases its doors whatever else is asked") {
  int released = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    const Situation situation(seed);
    const auto all = situation.answer();
    CAPTURE(seed);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Effect& effect = situation.matrix.effects[i];
      if (!effect.escape || !situation.fire_concerns(effect)) continue;
      REQUIRE(all[i].level == effect.safe);
      REQUIRE(all[i].owner == Owner::escape);
      ++released;
    }
  }
  CHECK(released > 500);
}

TEST_CASE("gas and valve invariants") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    const Situation situation(seed);
    const auto all = situation.answer();
    CAPTURE(seed);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Effect& effect = situation.matrix.effects[i];
      const bool in_gas = situation.stands(gas(effect.zone));
      if (in_gas && !effect.ex_rated && all[i].owner != Owner::escape && !effect.normal)
        REQUIRE_FALSE(all[i].level);
      const bool remote = all[i].owner == Owner::command || all[i].owner == Owner::desired;
      if (effect.valve && remote) REQUIRE(all[i].level == effect.safe);
    }
  }
}

TEST_CASE("a marked pulse is never wanted again, and only pulse rows give pulses") {
  int pulses = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    Situation situation(seed);
    CAPTURE(seed);
    std::set<Cell> driven;
    // Mark each as the gateway does and look again: every cell comes at most once, and then it ends.
    for (int round = 0; round < 30; ++round) {
      for (const Desired& desired : situation.answer()) {
        if (!desired.pulse) continue;
        REQUIRE(situation.matrix.rows.at(desired.pulse->first).mode == Mode::pulse);
        REQUIRE(desired.owner == Owner::matrix);
        REQUIRE(driven.insert(*desired.pulse).second);
        situation.memory.pulses_done.insert(*desired.pulse);
        ++pulses;
      }
    }
  }
  CHECK(pulses > 500);
}

TEST_CASE("determinism and restart: the answer is a function of what is stored") {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    const Situation situation(seed);
    CAPTURE(seed);
    const auto before = situation.answer();
    REQUIRE(before == situation.answer());

    // Stored in one boot, read in another at quite another monotonic time.
    const Bytes stored = encode(situation.memory, situation.matrix, 7, situation.now);
    Situation after(seed);
    after.now = MonoTime{5s};
    const auto restored = decode(stored, after.matrix, 8, after.now);
    REQUIRE(restored.has_value());
    after.memory = *restored;
    const auto again = after.answer();
    for (std::size_t i = 0; i < before.size(); ++i) {
      REQUIRE(before[i].level == again[i].level);
      REQUIRE(before[i].owner == again[i].owner);
      REQUIRE(before[i].cause == again[i].cause);
      REQUIRE(before[i].changes_at.has_value() == again[i].changes_at.has_value());
      if (before[i].changes_at)
        REQUIRE(*before[i].changes_at - situation.now == *again[i].changes_at - after.now);
    }
  }
}
