// Disablement and walk-test.

#include "core/alarm/machine.h"
#include "support.h"

using namespace tocsin;
using namespace tocsin::alarm;

namespace {

const Rule smoke{"smoke", AlarmClass::fire, {{Stage::prealarm, AnyBit{}}}, {}, {}, true};
const PointId s1{"s1", "smoke"}, s2{"s2", "smoke"}, s4{"s4", "smoke"};

struct Building {
  Machine machine{{{s1, "3F", "", smoke}, {s2, "3F", "", smoke}, {s4, "4F", "", smoke}}};
  std::string read(const PointId& point, bool value, Duration time) {
    return describe(machine.on_reading(good(point, value, time)));
  }
  std::string disable(Duration now, Duration until) {
    const auto said = machine.disable("s1", MonoTime{until}, at(now), "eve", "painting");
    return said ? describe(*said) : std::string(tocsin::name_of(said.error().fault));
  }
  std::string test(const std::string& zone, Duration now, Duration until) {
    const auto said = machine.set_test(zone, MonoTime{until}, at(now), "eve");
    return said ? describe(*said) : std::string(tocsin::name_of(said.error().fault));
  }
  std::string tick(Duration time) { return describe(machine.on_tick(at(time))); }
};

}  // namespace

TEST_CASE("a disablement is an alarm of its own, marks the device's alarms, and ends by itself") {
  Building b;
  b.read(s1, true, 1s);
  CHECK(b.disable(10s, 2h) == "raised s1/device/disabled A x1, marked s1/smoke/smoke prealarm ALD x1");
  const Record* record = b.machine.find({"s1", "device", "disabled"});
  REQUIRE(record != nullptr);
  CHECK(record->cls == AlarmClass::disabled);
  CHECK(record->zone == "3F");
  CHECK(record->reason == "eve: painting");
  CHECK(b.read(s2, true, 20s) == "raised s2/smoke/smoke prealarm AL x1");
  CHECK(b.read(s1, false, 30s) == "returned s1/smoke/smoke prealarm LD x1");
  CHECK(b.machine.next_due() == MonoTime{2h});
  CHECK(b.tick(2h - 1s) == "");
  CHECK(b.tick(2h) == "closed s1/device/disabled - x1, marked s1/smoke/smoke prealarm L x1");
}

TEST_CASE("an alarm of a disabled device is recorded with its mark; enabling shows it anew") {
  Building b;
  b.disable(1s, 1h);
  CHECK(b.read(s1, true, 10s) == "raised s1/smoke/smoke prealarm ALD x1");
  CHECK(describe(b.machine.enable("s1", at(20s), "eve")) ==
        "closed s1/device/disabled - x1, marked s1/smoke/smoke prealarm AL x1");
  CHECK(b.machine.enable("s1", at(21s), "eve").empty());
}

TEST_CASE("a disablement lasts 8 h at most, each renewal is a record") {
  Building b;
  CHECK(b.disable(1s, 8h + 2s) == "refused");
  CHECK(b.disable(1h, 1h) == "refused");
  CHECK(b.machine.disable("nobody", MonoTime{1h}, at(1s), "eve", "").error().fault == Fault::not_found);
  CHECK(b.disable(1h, 9h) == "raised s1/device/disabled A x1");
  CHECK(b.disable(2h, 10h) == "closed s1/device/disabled - x1, raised s1/device/disabled A x1");
  CHECK(b.tick(9h) == "");
  CHECK(b.tick(10h) == "closed s1/device/disabled - x1");
}

TEST_CASE("persons' acts are never folded as chatter") {
  Building b;
  for (Duration time = 1s; time < 20s; time += 2s) {
    CHECK(b.disable(time, 1h) == "raised s1/device/disabled A x1");
    CHECK(describe(b.machine.enable("s1", at(time + 1s), "eve")) == "closed s1/device/disabled - x1");
  }
}

TEST_CASE("a walk-test marks the zone's alarms and ends by itself") {
  Building b;
  CHECK(b.test("3F", 1s, 1h + 2s) == "refused");
  CHECK(b.test("cellar", 1s, 1h) == "not-found");
  CHECK(b.test("3F", 1s, 30min) == "raised zone/3F/zone/walk-test AT x1");
  CHECK(b.read(s1, true, 10s) == "raised s1/smoke/smoke prealarm ALT x1");
  CHECK(b.read(s1, false, 20s) == "returned s1/smoke/smoke prealarm LT x1");
  CHECK(b.tick(30min) == "closed zone/3F/zone/walk-test T x1");
  CHECK(b.read(s2, true, 31min) == "raised s2/smoke/smoke prealarm AL x1");
}

TEST_CASE("what a walk-test left latched stays a test; what is active when it ends is an alarm") {
  Building b;
  b.test("3F", 1s, 30min);
  b.read(s1, true, 10s);
  b.read(s1, false, 20s);
  b.read(s2, true, 30s);
  CHECK(b.tick(30min) == "closed zone/3F/zone/walk-test T x1, marked s2/smoke/smoke prealarm AL x1");
  CHECK(b.machine.find({"s1", "smoke", "smoke"})->bits.test);
  CHECK(b.read(s1, true, 31min) == "reactivated s1/smoke/smoke prealarm AL x2");
}

TEST_CASE("a walk-test can be ended, other zones are live") {
  Building b;
  b.test("3F", 1s, 30min);
  const auto ended = b.machine.set_test("3F", std::nullopt, at(2s), "eve");
  REQUIRE(ended.has_value());
  CHECK(describe(*ended) == "closed zone/3F/zone/walk-test T x1");
  CHECK(b.machine.set_test("3F", std::nullopt, at(3s), "eve")->empty());
}

TEST_CASE("an alarm in a zone not under test ends every walk-test at once") {
  Building b;
  b.test("3F", 1s, 30min);
  b.read(s1, true, 10s);
  CHECK(b.read(s4, true, 20s) ==
        "raised s4/smoke/smoke prealarm AL x1, closed zone/3F/zone/walk-test T x1, marked s1/smoke/smoke "
        "prealarm AL x1");
}

TEST_CASE("only life safety ends a walk-test") {
  Building b;
  b.test("3F", 1s, 30min);
  const Declared lost{{"s4", "device", "lost"}, AlarmClass::fault, Stage::none, true, false, "4F", {}, ""};
  CHECK(describe(b.machine.on_declared(lost, at(5s))) == "raised s4/device/lost A x1");
}

TEST_CASE("an alarm of a disabled device elsewhere does not end a walk-test") {
  Building b;
  b.machine.disable("s4", MonoTime{1h}, at(1s), "eve", "").value();
  b.test("3F", 2s, 30min);
  CHECK(b.read(s4, true, 20s) == "raised s4/smoke/smoke prealarm ALD x1");
}

TEST_CASE("a confirmed fire ends the walk-test of its own zone and is no test") {
  Building b;
  b.test("3F", 1s, 30min);
  const Declared fire{
      {"zone/3F", "fire", "confirmed"}, AlarmClass::fire, Stage::confirmed, true, true, "3F", {}, "panel"};
  CHECK(describe(b.machine.on_declared(fire, at(5s))) ==
        "raised zone/3F/fire/confirmed confirmed AL x1, closed zone/3F/zone/walk-test T x1");
}
