// Outcomes, re-assertion, pulses and stagger of an effect runner after its start.
#include "gateway/flow/effect_runner.h"

#include <doctest/doctest.h>

#include "tests/unit/linkage/effect_rig.h"

using namespace tocsin;
using namespace tocsin::flow;
using namespace tocsin::flow::test;
using namespace tocsin::linkage;
using namespace tocsin::linkage::test;

namespace {

// Started, quiet and normal: the door locked, the valve open, fan and lift off.
EffectRig running(Matrix matrix = small_building()) {
  EffectRig rig(std::move(matrix));
  rig.coil = {{"door", true}, {"valve", true}, {"fan", false}, {"lift", false}};
  rig.start(true);
  rig.run(1s);
  for (const char* zone : {"3F", "kitchen"}) rig.zone_quiet(zone);
  rig.run(5s);
  rig.writes.clear();
  rig.outcomes.clear();
  return rig;
}

}  // namespace

TEST_CASE("a fire releases the door at once and its feedback confirms it") {
  EffectRig rig = running();
  const MonoTime alarm = rig.now;
  rig.cause(fire("3F"), true);
  REQUIRE_FALSE(rig.writes_to("door").empty());
  CHECK(rig.writes_to("door")[0].at == alarm);
  CHECK(rig.writes_to("door")[0].write ==
        OutputWrite{"door", {"relay-1", "ch1"}, false, Owner::escape, false});
  rig.run(2s);
  CHECK(rig.outcomes_of("door") == "open confirmed");
  const EffectOutcome& outcome = rig.first_outcome_of("door");
  CHECK(outcome.cause == fire("3F"));
  CHECK(outcome.owner == Owner::escape);
  CHECK(outcome.at > alarm);
  CHECK(outcome.at <= alarm + 1s);
}

TEST_CASE(
    "a door that its module released stays so while a fire is latched anywhere, and is locked when it is "
    "over") {
  EffectRig rig = running();
  rig.cause(fire("B9"), true);
  rig.run(1s);
  rig.writes.clear();
  rig.coil["door"] = false;  // the module's watchdog fell: we had stood still
  rig.read_feedback();
  rig.run(10s);
  for (const auto& entry : rig.writes_to("door")) CHECK_FALSE(entry.write.level);
  CHECK_FALSE(rig.coil["door"]);
  rig.cause(fire("B9"), false);
  rig.reset(fire("B9"));
  rig.run(5s);
  CHECK(rig.coil["door"]);
}

TEST_CASE("feedback read before the write confirms nothing") {
  EffectRig rig = running();
  rig.stuck["door"] = false;  // says released before it is
  rig.read_feedback();
  rig.outcomes.clear();
  rig.stuck.clear();
  rig.poll = 1h;
  rig.cause(fire("3F"), true);
  CHECK(rig.outcomes_of("door").empty());
  rig.read_feedback();
  CHECK(rig.outcomes_of("door") == "open confirmed");
}

TEST_CASE("a stuck feedback fails by 20 s, after a retry at 10 s, and is confirmed when it moves at last") {
  EffectRig rig = running();
  rig.stuck["door"] = true;
  const MonoTime alarm = rig.now;
  rig.cause(fire("3F"), true);
  rig.run(19s);
  CHECK(rig.outcomes_of("door").empty());
  const auto writes = rig.writes_to("door");
  CHECK(
      std::any_of(writes.begin(), writes.end(), [&](const auto& entry) { return entry.at == alarm + 10s; }));
  rig.run(1s);
  REQUIRE(rig.outcomes_of("door") == "open failed");
  CHECK(rig.first_outcome_of("door").at == alarm + 20s);
  CHECK(rig.first_outcome_of("door").detail == "feedback relay-1/in1 reads locked instead of open");
  rig.run(60s);
  CHECK(rig.outcomes_of("door") == "open failed");
  rig.stuck.clear();
  rig.run(1s);
  CHECK(rig.outcomes_of("door") == "open failed, open confirmed");
}

TEST_CASE("a module that takes no write fails the effect and is tried every second") {
  EffectRig rig = running();
  rig.module_answers = false;
  rig.cause(fire("3F"), true);
  rig.run(20s);
  CHECK(rig.outcomes_of("door") == "open failed");
  CHECK(rig.first_outcome_of("door").detail == "relay-1/ch1 accepted no write of open");
  CHECK(rig.writes_to("door").size() >= 19);
}

TEST_CASE("unknown: without a feedback point at once, with a mute one by 20 s") {
  Matrix matrix = small_building();
  matrix.effects[0].feedback.reset();
  EffectRig rig = running(matrix);
  rig.mute.insert("fan");
  rig.cause(fire("3F"), true);
  rig.cause(gas("kitchen"), true);
  CHECK(rig.outcomes_of("door") == "open unknown");
  rig.run(19s);
  CHECK(rig.outcomes_of("fan").empty());
  rig.run(1s);
  CHECK(rig.outcomes_of("fan") == "on unknown");
  rig.mute.clear();
  rig.run(1s);
  CHECK(rig.outcomes_of("fan") == "on unknown, on confirmed");
}

TEST_CASE("levels are written again within 3 s, so that the module's watchdog stays fed") {
  EffectRig rig = running();
  rig.run(60s);
  for (const char* effect : {"door", "valve", "fan", "lift"}) {
    const auto writes = rig.writes_to(effect);
    REQUIRE(writes.size() >= 20);
    CHECK(writes.size() <= 30);
    for (std::size_t i = 1; i < writes.size(); ++i) CHECK(writes[i].at - writes[i - 1].at <= 3s);
  }
  CHECK(rig.outcomes.empty());
}

TEST_CASE("an output that leaves its level is driven back at once") {
  EffectRig rig = running();
  rig.cause(fire("3F"), true);
  rig.run(5s);
  rig.writes.clear();
  rig.coil["door"] = true;  // somebody switched the relay by hand
  rig.read_feedback();
  REQUIRE(rig.writes_to("door").size() == 1);
  CHECK_FALSE(rig.coil["door"]);
  rig.run(30s);
  CHECK(rig.outcomes_of("door") == "open confirmed");  // told once
}

TEST_CASE("an answer that never comes does not stop the writes") {
  const Matrix matrix = small_building();
  EffectRunner runner(matrix, {.clean_stop = true, .held = {}}, at(0s));
  const auto first = runner.on_desired(
      linkage::evaluate(matrix, {{fire("3F"), active_since(at(0s))}}, {}, {}, at(0s)), at(0s));
  const auto writes_door = [](const EffectActions& actions) {
    return std::count_if(actions.writes.begin(), actions.writes.end(),
                         [](const OutputWrite& w) { return w.effect == "door"; });
  };
  CHECK(writes_door(first) == 1);
  CHECK(writes_door(runner.on_tick(at(4999ms))) == 0);
  CHECK(writes_door(runner.on_tick(at(5s))) == 1);
}

TEST_CASE("another cause for the same level gives no new time") {
  EffectRig rig = running();
  rig.stuck["door"] = true;
  rig.overrides["door"] = {.level = false, .owner = Owner::command};
  rig.evaluate();
  rig.run(15s);
  rig.cause(fire("3F"), true);
  rig.run(5s);
  REQUIRE(rig.outcomes_of("door") == "open failed");
  CHECK(rig.first_outcome_of("door").owner == Owner::escape);
}

TEST_CASE("a demand that another level overtakes ends unknown") {
  EffectRig rig = running();
  rig.stuck["fan"] = false;
  rig.cause(gas("kitchen"), true);
  rig.run(3s);
  rig.overrides["fan"] = {.level = false, .owner = Owner::manual};
  rig.evaluate();
  CHECK(rig.outcomes_of("fan") == "on unknown");
  rig.run(1s);
  CHECK(rig.outcomes_of("fan") == "on unknown, off confirmed");
}

TEST_CASE("of a return to normal only a failure and its end are told") {
  EffectRig rig = running();
  rig.cause(fire("3F"), true);
  rig.run(2s);
  rig.cause(fire("3F"), false);
  rig.outcomes.clear();
  SUBCASE("it returns") {
    rig.reset(fire("3F"));
    rig.run(60s);
    CHECK(rig.coil["door"]);
    CHECK(rig.outcomes_of("door").empty());
  }
  SUBCASE("it does not") {
    rig.stuck["door"] = false;
    rig.reset(fire("3F"));
    rig.run(21s);
    CHECK(rig.outcomes_of("door") == "locked failed");
    rig.stuck.clear();
    rig.run(2s);
    CHECK(rig.outcomes_of("door") == "locked failed, locked confirmed");
  }
}

TEST_CASE("a pulse is stored before it is driven, driven once, and as wide as its row says") {
  EffectRig rig = running();
  rig.poll = 300ms;
  rig.stores_pulses = false;
  rig.cause(fire("3F"), true);
  rig.run(5s);
  for (const auto& entry : rig.writes_to("lift")) CHECK_FALSE(entry.write.level);
  rig.writes.clear();

  rig.stores_pulses = true;
  const MonoTime stored = rig.now;
  rig.evaluate();  // asks once more, and this time it is stored
  rig.run(60s);
  const auto writes = rig.writes_to("lift");
  REQUIRE(writes.size() >= 2);
  CHECK(writes[0].at == stored);
  CHECK(writes[0].write == OutputWrite{"lift", {"relay-1", "ch4"}, true, Owner::matrix, true});
  CHECK(writes[1].at == stored + 1s);
  for (std::size_t i = 1; i < writes.size(); ++i) CHECK_FALSE(writes[i].write.level);
  CHECK(rig.outcomes_of("lift") == "on confirmed");
}

TEST_CASE("a pulse that was driven but is still asked for is not driven again") {
  const Matrix matrix = small_building();
  EffectRunner runner(matrix, {.clean_stop = true, .held = {}}, at(0s));
  const auto wanted = evaluate(matrix, {{fire("3F"), active_since(at(0s))}}, {}, {}, at(0s));
  CHECK(runner.on_desired(wanted, at(0s)).pulses_started == std::vector<Cell>{{2, "lift"}});
  REQUIRE(runner.on_pulse_stored({2, "lift"}, at(0s)).writes.size() == 1);
  (void)runner.on_write_done("lift", {}, at(0s));
  (void)runner.on_tick(at(1s));
  for (int second = 1; second < 30; ++second) {
    const EffectActions again = runner.on_desired(wanted, at(second * 1s));
    CHECK(again.pulses_started.empty());
    for (const OutputWrite& write : again.writes) CHECK_FALSE(write.pulse);
  }
}

TEST_CASE("a pulse comes again after a reset of its cause") {
  EffectRig rig = running();
  for (int round = 0; round < 2; ++round) {
    rig.cause(fire("3F"), true);
    rig.run(5s);
    rig.cause(fire("3F"), false);
    rig.reset(fire("3F"));
    rig.run(5s);
  }
  int edges = 0;
  for (const auto& entry : rig.writes_to("lift")) edges += entry.write.level ? 1 : 0;
  CHECK(edges == 2);
}

TEST_CASE("a pulse that no reading shows ends after 10 s; it has no retry") {
  Matrix matrix = small_building();
  std::string expected;
  Duration poll{};
  SUBCASE("failed when a reading fell into it") {
    matrix.rows[2].pulse = 5s;
    poll = 1s;
    expected = "on failed";
  }
  SUBCASE("unknown when none did") {
    poll = 60s;
    expected = "on unknown";
  }
  EffectRig rig = running(matrix);
  rig.run(1s);
  rig.poll = poll;
  rig.run(1s);
  rig.stuck["lift"] = false;
  rig.cause(fire("3F"), true);
  rig.run(30s);
  CHECK(rig.outcomes_of("lift") == expected);
  int edges = 0;
  for (const auto& entry : rig.writes_to("lift")) edges += entry.write.level ? 1 : 0;
  CHECK(edges == 1);
  CHECK_FALSE(rig.coil["lift"]);
}

TEST_CASE("the failure of a pulse is over after a reset, not when its output is at rest") {
  Matrix matrix = small_building();
  matrix.rows[2].pulse = 5s;
  EffectRig rig = running(matrix);
  rig.stuck["lift"] = false;
  rig.cause(fire("3F"), true);
  rig.run(30s);
  CHECK(rig.outcomes_of("lift") == "on failed");
  rig.cause(fire("3F"), false);
  rig.reset(fire("3F"));
  rig.run(2s);
  CHECK(rig.outcomes_of("lift") == "on failed, off confirmed");
}

TEST_CASE("a person's hand ends a pulse") {
  Matrix matrix = small_building();
  matrix.rows[2].pulse = 30s;
  EffectRig rig = running(matrix);
  rig.cause(fire("3F"), true);
  rig.run(2s);
  CHECK(rig.coil["lift"]);
  rig.overrides["lift"] = {.level = false, .owner = Owner::manual};
  rig.evaluate();
  CHECK_FALSE(rig.coil["lift"]);
  rig.overrides.clear();
  rig.run(60s);
  CHECK_FALSE(rig.coil["lift"]);
}

TEST_CASE("effects of one row start one after the other, also after a restart") {
  Matrix matrix{.effects = {starter("a", "z", 1), starter("b", "z", 2), starter("c", "z", 3)},
                .rows = {row(gas("y"), {"a", "b", "c"})}};
  matrix.rows[0].stagger = 5s;
  EffectRig rig(matrix);
  SUBCASE("as evaluate() says") {
    rig.start(true);
    rig.run(1s);
    rig.zone_quiet("z");
    rig.cause(gas("y"), true);
  }
  SUBCASE("when all their times are past") {
    linkage::see(rig.memory, gas("y"), true, rig.now - 10min);
    rig.start(false);
  }
  const MonoTime first = rig.now;
  rig.writes.clear();
  rig.evaluate();
  rig.run(20s);
  const auto start_of = [&](const char* effect) {
    for (const auto& entry : rig.writes_to(effect))
      if (entry.write.level) return entry.at - first;
    return Duration(-1s);
  };
  CHECK(start_of("b") == 5s);
  CHECK(start_of("c") == 10s);
  for (const char* effect : {"a", "b", "c"}) CHECK(rig.outcomes_of(effect) == "on confirmed");
}

TEST_CASE("gas: a coil that is off is not switched on again, one that is on stays on") {
  Matrix matrix{.effects = {starter("lamp", "kitchen", 1)}, .rows = {}};
  matrix.effects[0].normal = true;
  EffectRig rig(matrix);
  rig.coil["lamp"] = true;
  rig.start(true);
  rig.run(1s);
  rig.zone_quiet("kitchen");
  rig.run(1s);
  rig.cause(gas("kitchen"), true);
  rig.run(5s);
  CHECK(rig.coil["lamp"]);
  rig.overrides["lamp"] = {.level = false, .owner = Owner::manual};
  rig.evaluate();
  CHECK_FALSE(rig.coil["lamp"]);
  rig.overrides.clear();
  rig.run(5s);
  CHECK_FALSE(rig.coil["lamp"]);
  rig.cause(gas("kitchen"), false);
  rig.reset(gas("kitchen"));
  rig.run(1s);
  CHECK(rig.coil["lamp"]);
}
