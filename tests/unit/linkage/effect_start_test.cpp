// The start rule: a start moves no output out of its safe state by itself (design section 8).
#include <doctest/doctest.h>

#include "tests/unit/linkage/effect_rig.h"

using namespace tocsin;
using namespace tocsin::flow;
using namespace tocsin::flow::test;
using namespace tocsin::linkage;
using namespace tocsin::linkage::test;

namespace {

EffectRig found(bool door_locked, bool valve_open) {
  EffectRig rig(small_building());
  rig.coil = {{"door", door_locked}, {"valve", valve_open}, {"fan", false}, {"lift", false}};
  return rig;
}

bool ever_written(const EffectRig& rig, const std::string& effect, bool level) {
  for (const auto& entry : rig.writes_to(effect))
    if (entry.write.level == level) return true;
  return false;
}

}  // namespace

TEST_CASE("nothing is written before the feedback has been read") {
  EffectRig rig = found(true, true);
  rig.start(true);
  CHECK(rig.writes.empty());
  CHECK(rig.runner->next_due() == rig.now + 10s);
}

TEST_CASE("what is found is kept until the zone is quiet") {
  EffectRig rig = found(true, false);
  rig.start(true);
  rig.run(60s);
  CHECK(rig.coil["door"]);
  CHECK_FALSE(ever_written(rig, "door", true));  // kept, not driven on the word of a contact
  CHECK_FALSE(rig.coil["valve"]);
  rig.zone_quiet("kitchen");
  CHECK(rig.coil["valve"]);
  CHECK_FALSE(ever_written(rig, "door", true));
  rig.zone_quiet("3F");
  CHECK(ever_written(rig, "door", true));
  CHECK(rig.held.empty());
}

TEST_CASE("a quiet zone waits for the feedback too") {
  EffectRig rig = found(false, true);
  rig.start(false);
  rig.zone_quiet("3F");
  CHECK(rig.writes.empty());
  rig.run(1s);
  CHECK_FALSE(ever_written(rig, "door", true));
  CHECK(rig.held.contains("door"));
}

TEST_CASE("a zone quiet before the feedback is read frees the output with the reading") {
  EffectRig rig = found(false, true);
  rig.start(true);
  rig.zone_quiet("3F");
  CHECK_FALSE(rig.coil["door"]);
  rig.read_feedback();
  CHECK(rig.coil["door"]);
}

TEST_CASE("after an unclean stop a door found released waits for a reset, over clean restarts too") {
  EffectRig rig = found(false, true);
  rig.start(false);
  rig.run(2s);
  CHECK(rig.held == std::set<std::string>{"door"});
  rig.zone_quiet("3F");
  for (const Owner owner : {Owner::manual, Owner::command, Owner::desired}) {
    rig.overrides["door"] = {.level = true, .owner = owner};
    rig.evaluate();
    rig.run(5s);
    CHECK_FALSE(rig.coil["door"]);
  }
  rig.overrides.clear();

  rig.start(true);
  rig.run(2s);
  rig.zone_quiet("3F");
  rig.run(10s);
  CHECK_FALSE(ever_written(rig, "door", true));
  CHECK(rig.held == std::set<std::string>{"door"});

  rig.reset(fire("3F"), ResetFrom::remote);
  CHECK(rig.coil["door"]);
  CHECK(rig.held.empty());
}

TEST_CASE("after an unclean stop a door found locked is locked when the zone is quiet") {
  EffectRig rig = found(true, true);
  rig.start(false);
  rig.run(2s);
  CHECK(rig.held.empty());
  rig.zone_quiet("3F");
  rig.run(1s);
  CHECK(rig.coil["door"]);
  CHECK(ever_written(rig, "door", true));
}

TEST_CASE("an output whose state nobody can tell is held safe") {
  EffectRig rig = found(true, true);
  SUBCASE("no feedback point") {
    rig.matrix.effects[0].feedback.reset();
  }
  SUBCASE("a feedback that stays mute") {
    rig.mute.insert("door");
  }
  rig.start(false);
  rig.run(10s);
  CHECK_FALSE(rig.coil["door"]);
  CHECK(rig.held.contains("door"));
  rig.zone_quiet("3F");
  rig.run(10s);
  CHECK_FALSE(rig.coil["door"]);
  rig.reset(fire("3F"));
  CHECK(rig.coil["door"]);
}

TEST_CASE("a stored cause is answered at once, without waiting for feedback or quiet") {
  EffectRig rig = found(true, true);
  see(rig.memory, fire("3F"), true, rig.now);
  see(rig.memory, gas("kitchen"), true, rig.now);
  see(rig.memory, gas("kitchen"), false, rig.now);
  rig.start(false);
  CHECK_FALSE(rig.coil["door"]);
  CHECK_FALSE(rig.coil["valve"]);
  CHECK(rig.coil["fan"]);
}

TEST_CASE("a while that ends before the zone is quiet leaves the output safe") {
  EffectRig rig = found(true, true);
  rig.matrix.rows[0] = row(gas("kitchen"), {"door"}, Mode::while_active);
  see(rig.memory, gas("kitchen"), true, rig.now);
  rig.start(true);
  rig.run(2s);
  CHECK_FALSE(rig.coil["door"]);
  rig.cause(gas("kitchen"), false);
  rig.run(10s);
  CHECK_FALSE(rig.coil["door"]);
  rig.zone_quiet("3F");
  CHECK(rig.coil["door"]);
}

TEST_CASE("a while that ends before the zone is quiet stops what it started, whatever the start found") {
  EffectRig rig = found(true, true);
  rig.matrix.rows[1].mode = Mode::while_active;
  rig.coil["fan"] = true;
  SUBCASE("the cause was stored") {
    see(rig.memory, gas("kitchen"), true, rig.now);
    rig.start(true);
    rig.run(2s);
  }
  SUBCASE("the cause came after the first reading") {
    rig.start(true);
    rig.run(2s);
    rig.cause(gas("kitchen"), true);
  }
  CHECK(rig.coil["fan"]);
  rig.cause(gas("kitchen"), false);
  CHECK_FALSE(rig.coil["fan"]);
}

TEST_CASE("a command may start what is no escape door; the cloud's standing wish waits for quiet") {
  EffectRig rig = found(false, true);
  rig.start(true);
  rig.run(2s);
  rig.overrides = {{"door", {.level = true, .owner = Owner::command}},
                   {"lift", {.level = true, .owner = Owner::desired}}};
  rig.evaluate();
  CHECK_FALSE(rig.coil["door"]);
  CHECK_FALSE(rig.coil["lift"]);
  rig.overrides["lift"].owner = Owner::command;
  rig.evaluate();
  CHECK(rig.coil["lift"]);
  rig.zone_quiet("3F");
  CHECK(rig.coil["door"]);
}

TEST_CASE("a pulse cut short by a crash is ended, not kept and not driven again") {
  EffectRig rig = found(true, true);
  rig.matrix.rows[2].pulse = 30s;
  rig.start(true);
  rig.run(2s);
  rig.zone_quiet("3F");
  rig.cause(fire("3F"), true);
  rig.run(2s);
  CHECK(rig.coil["lift"]);
  rig.crash();
  rig.writes.clear();
  rig.start(false);
  rig.run(2s);
  CHECK_FALSE(rig.coil["lift"]);
  CHECK_FALSE(ever_written(rig, "lift", true));
}

TEST_CASE("a valve that a person on site closed opens when that person lets go") {
  EffectRig rig = found(true, true);
  rig.start(true);
  rig.run(2s);
  rig.zone_quiet("kitchen");
  rig.overrides["valve"] = {.level = false, .owner = Owner::manual};
  rig.evaluate();
  CHECK_FALSE(rig.coil["valve"]);
  rig.overrides.clear();
  rig.evaluate();
  CHECK(rig.coil["valve"]);
}

TEST_CASE("a valve that gas closed opens again only after a reset on site") {
  EffectRig rig = found(true, true);
  rig.start(true);
  rig.run(2s);
  rig.zone_quiet("kitchen");
  rig.cause(gas("kitchen"), true);
  rig.run(5s);
  CHECK_FALSE(rig.coil["valve"]);
  rig.cause(gas("kitchen"), false);
  rig.reset(gas("kitchen"), ResetFrom::remote);
  rig.run(60s);
  CHECK_FALSE(rig.coil["valve"]);
  CHECK_FALSE(rig.coil["fan"]);
  CHECK(rig.held == std::set<std::string>{"valve"});

  SUBCASE("not after a clean restart") {
    rig.start(true);
    rig.run(2s);
    rig.zone_quiet("kitchen");
    rig.run(60s);
    CHECK_FALSE(rig.coil["valve"]);
  }
  SUBCASE("by a person's hand") {
    rig.overrides["valve"] = {.level = true, .owner = Owner::manual};
    rig.evaluate();
    CHECK(rig.coil["valve"]);
  }
  SUBCASE("after the reset") {
    rig.reset(gas("kitchen"), ResetFrom::on_site);
    CHECK(rig.coil["valve"]);
    CHECK(rig.held.empty());
  }
}
