// What accepted commands do: levels, pulses, resets; and that the end of a pulse knows of a fire.

#include "tests/unit/command/rig.h"

using namespace tocsin;
using command::test::Rig;

TEST_CASE("a door is opened for so long and locks again; the answer follows the feedback") {
  Rig rig;
  const auto order = rig.open_door();
  rig.give(order);
  CHECK_FALSE(rig.coils["ch1"]);
  rig.run(2s);
  CHECK(rig.outcome(order) == "accepted done");
  CHECK(rig.answers.back().detail == "open, confirmed");
  rig.run(10s);
  CHECK(rig.moves == std::vector<std::pair<std::string, bool>>{{"ch1", false}, {"ch1", true}});
}

TEST_CASE("a level stays until it is given back, through a restart as well") {
  Rig rig;
  rig.give(rig.order("relay-1/ch3", "hold", {{"word", "running"}}));  // by its output
  rig.run(60s);
  CHECK(rig.coils["ch3"]);
  rig.crash();
  rig.run(20s);
  CHECK(rig.coils["ch3"]);
  const auto release = rig.order("effect/fan", "release");
  rig.give(release);
  rig.run(3s);
  CHECK(rig.outcome(release) == "accepted done");
  CHECK_FALSE(rig.coils["ch3"]);
  rig.crash();
  rig.run(20s);
  CHECK_FALSE(rig.coils["ch3"]);
}

TEST_CASE("a reset while the cause is present fails in words; acknowledge and silence are done") {
  Rig rig;
  rig.run(5s, true);
  const auto reset = rig.order("zone/3F", "reset");
  rig.give(reset);
  CHECK(rig.outcome(reset) == "accepted failed");
  CHECK(rig.answers.back().detail.find("still present") != std::string::npos);
  const auto id = rig.building->open().front().alarm_id;
  const auto ack = rig.order("alarm/" + id, "ack");
  rig.give(ack);
  CHECK(rig.outcome(ack) == "accepted done");
  CHECK(rig.building->acknowledged(id));
  rig.give(rig.order("annunciators", "silence"));
  CHECK(rig.building->silenced());
}

TEST_CASE("a fire that comes while a door is pulsed keeps it open") {
  Rig rig;
  rig.give(rig.open_door());
  rig.run(2s);
  rig.run(30s, true);
  CHECK_FALSE(rig.coils["ch1"]);
  CHECK(rig.moves.front() == std::pair<std::string, bool>{"ch1", false});
  for (const auto& [coil, level] : rig.moves) CHECK_FALSE((coil == "ch1" && level));
}

TEST_CASE("a door that is pulsed while another zone burns does not lock at the pulse's end") {
  linkage::Effect door;
  door.name = "door";
  door.zone = "1F";
  door.output = {"relay-1", "ch1"};
  door.safe = door.active = false;
  door.escape = true;
  const linkage::Cause fire{.kind = linkage::CauseKind::confirmed_fire, .zone = "2F", .device = {}};
  const linkage::Matrix matrix{{door}, {}};
  const std::map<linkage::Cause, linkage::CauseState> causes{{fire, {true, true, MonoTime(1s)}}};
  const linkage::Cell cell{linkage::first_command_pulse + 1, "door"};
  flow::EffectRunner runner(matrix, {true, {}}, MonoTime(1s));
  MonoTime now(10s);
  (void)runner.on_zone_quiet("1F", now);
  const auto pulse =
      linkage::evaluate(matrix, causes, {}, {{"door", {false, linkage::Owner::command, cell, 5s}}}, now);
  REQUIRE(pulse[0].pulse == cell);
  (void)runner.on_desired(pulse, now);
  REQUIRE(runner.on_pulse_stored(cell, now).writes.size() == 1);
  (void)runner.on_write_done("door", {}, now);
  for (int i = 0; i < 60; ++i) {
    now += 500ms;
    for (const auto& write : runner.on_tick(now).writes) {
      CHECK_FALSE(write.level);
      (void)runner.on_write_done("door", {}, now);
    }
  }
}

TEST_CASE("a command that the disk stored too late is not done any more") {
  Rig rig;
  rig.commits = false;
  const auto order = rig.open_door();
  rig.give(order);
  rig.run(70s);
  CHECK(rig.moves.empty());
  rig.commits = true;
  for (const auto& id : rig.waiting) rig.take(rig.building->on_command_stored(id, rig.now));
  rig.run(5s);
  CHECK(rig.moves.empty());
  CHECK(rig.outcome(order) == "failed");
}
