// Random buildings' days with crashes at any step. A failure prints its seed and replays exactly.
#include <random>

#include <doctest/doctest.h>

#include "tests/unit/linkage/effect_rig.h"

using namespace tocsin;
using namespace tocsin::flow;
using namespace tocsin::flow::test;
using namespace tocsin::linkage;
using namespace tocsin::linkage::test;

namespace {

class Day {
 public:
  explicit Day(unsigned seed) : dice_(seed), rig_(building()) {
    for (const Effect& effect : rig_.matrix.effects) rig_.coil[effect.name] = effect.normal;
    start(true);
  }

  void step() {
    const std::size_t seen = rig_.writes.size();
    happen();
    rig_.run(Duration(100ms) * below(80));
    for (std::size_t i = seen; i < rig_.writes.size(); ++i) check(rig_.writes[i].write);
    REQUIRE(rig_.pulse_edges <= rig_.pulses_stored);  // each at most once
    const auto due = rig_.runner->next_due();
    if (due) REQUIRE(*due > rig_.now);  // a tick does what is due: no busy loop
  }

  // The faults end, the crash is over, all is quiet: the outputs are where the matrix says.
  void settle() {
    rig_.module_answers = true;
    rig_.mute.clear();
    rig_.crash();
    start(false);
    rig_.run(15s);
    for (const char* zone : zones) {
      rig_.zone_quiet(zone);
      rig_.reset(fire(zone));
    }
    rig_.run(15s);
    for (const Desired& desired : rig_.answer()) {
      CAPTURE(desired.effect);
      REQUIRE(rig_.coil[desired.effect] == desired.level);
    }
    REQUIRE(rig_.held.empty());
  }

  int pulses() const { return rig_.pulse_edges; }
  int crashes() const { return crashes_; }

 private:
  static constexpr const char* zones[] = {"3F", "kitchen"};

  Matrix building() {
    Matrix matrix = small_building();
    matrix.rows.push_back(row(gas("kitchen"), {"door"}, Mode::while_active, Duration(1s) * below(5)));
    if (below(2) == 0) matrix.effects[0].feedback.reset();
    return matrix;
  }
  int below(int limit) { return static_cast<int>(dice_() % static_cast<unsigned>(limit)); }

  void start(bool clean) {
    free_zones_.clear();
    rig_.start(clean);
  }

  void happen() {
    const std::string zone = zones[below(2)];
    const Cause cause = below(2) == 0 ? fire("3F") : gas("kitchen");
    switch (below(9)) {
      case 0: rig_.cause(cause, true); break;
      case 1: rig_.cause(cause, false); break;
      case 2: reset(cause); break;
      case 3:
        rig_.overrides["door"] = {below(2) == 0, static_cast<Owner>(1 + below(5))};
        rig_.evaluate();
        break;
      case 4:
        rig_.overrides.clear();
        rig_.evaluate();
        break;
      case 5: rig_.module_answers = below(3) != 0; break;
      case 6:
        if (!rig_.mute.erase("door")) rig_.mute.insert("door");
        break;
      case 7:
        free_zones_.insert(zone);
        rig_.zone_quiet(zone);
        break;
      default:
        ++crashes_;
        rig_.crash();
        // The relays may have fallen to their safe state meanwhile.
        if (below(2) == 0)
          for (const Effect& effect : rig_.matrix.effects) rig_.coil[effect.name] = effect.safe;
        start(below(2) == 0);
    }
  }

  void reset(const Cause& cause) {
    rig_.reset(cause);
    if (rig_.memory.causes.contains(cause)) return;  // refused: it is present
    // A reset frees what its cause can drive.
    free_zones_.insert(cause.zone);
    if (cause == gas("kitchen")) free_zones_.insert("3F");
  }

  void check(const OutputWrite& write) {
    const Effect& effect = *std::find_if(rig_.matrix.effects.begin(), rig_.matrix.effects.end(),
                                         [&](const Effect& e) { return e.name == write.effect; });
    // Nothing locks an escape door while a fire stands.
    if (effect.escape && rig_.memory.causes.contains(fire("3F"))) REQUIRE(write.level == effect.safe);
    // A start moves nothing out of its safe state by itself.
    if (write.owner == Owner::normal && write.level != effect.safe)
      REQUIRE(free_zones_.contains(effect.zone));
    if (!write.pulse) return;
    // A pulse is stored before it is driven.
    REQUIRE(write.level);
    REQUIRE(rig_.pulses_stored > 0);
  }

  std::mt19937 dice_;
  EffectRig rig_;
  std::set<std::string> free_zones_;  // since the last start
  int crashes_ = 0;
};

}  // namespace

TEST_CASE("random days with crashes: no output leaves safe unasked, and all end where the matrix says") {
  int pulses = 0, crashes = 0;
  for (unsigned seed = 0; seed < 120; ++seed) {
    CAPTURE(seed);
    Day day(seed);
    for (int step = 0; step < 40; ++step) day.step();
    pulses += day.pulses();
    crashes += day.crashes();
    day.settle();
  }
  CHECK(pulses > 50);
  CHECK(crashes > 300);
}
