// Rules, delays, quality and declarations through the whole machine, in virtual time.

#include "core/alarm/machine.h"

#include <limits>
#include <stdexcept>

#include "support.h"

using namespace tocsin;
using namespace tocsin::alarm;

namespace {

const Rule smoke{"smoke", AlarmClass::fire, {{Stage::prealarm, AnyBit{}}}, {}, {}, true};
const Rule gas{"gas", AlarmClass::gas, {{Stage::a1, Above{10, 1}}, {Stage::a2, Above{20, 2}}}, {}, {},
               true,  Stage::a2};
const Rule heat{"heat", AlarmClass::environment, {{Stage::none, Above{60, 0}}}, 5s, 10s};
const Rule no_data{"no-data", AlarmClass::fault, {{Stage::none, NoData{6s}}}};

}  // namespace

TEST_CASE("a smoke detector: raised, latched, refused, returned, reset") {
  OneRule one(smoke);
  CHECK(one.read(false, 1s) == "");
  CHECK(one.read(true, 2s) == "raised sensor-1/value/smoke prealarm AL x1");
  one.machine.bind(one.key, "gw-1");
  CHECK(one.read(true, 3s) == "");
  CHECK(one.machine.reset(one.key, at(4s), "eve").error().fault == Fault::refused);
  CHECK(one.read(false, 5s) == "returned sensor-1/value/smoke prealarm L x1");
  CHECK(one.read(true, 6s) == "reactivated sensor-1/value/smoke prealarm AL x2");
  CHECK(one.read(false, 7s) == "returned sensor-1/value/smoke prealarm L x2");
  const auto closed = one.machine.reset(one.key, at(8s), "eve");
  REQUIRE(closed.has_value());
  CHECK(describe(*closed) == "closed sensor-1/value/smoke prealarm - x2");
  CHECK(closed->front().alarm_id == "gw-1");
  CHECK(closed->front().reason == "reset by eve");
  CHECK(one.machine.reset(one.key, at(9s), "eve").error().fault == Fault::not_found);
  CHECK(one.machine.open().empty());
}

TEST_CASE("gas rises from a1 to a2 in one record, carries its numbers, and latches at a2") {
  OneRule one(gas);
  const auto raised = one.machine.on_reading(good(one.point, 12.0, 1s));
  CHECK(describe(raised) == "raised sensor-1/value/gas a1 A x1");
  CHECK(raised[0].value == Value(12.0));
  CHECK(raised[0].threshold == 10);
  CHECK(raised[0].unit == "u");
  CHECK(raised[0].zone == "3F");
  CHECK(is_urgent(raised[0]));
  const auto rose = one.machine.on_reading(good(one.point, 25.0, 2s));
  CHECK(describe(rose) == "rose sensor-1/value/gas a2 AL x1");
  CHECK(rose[0].threshold == 20);
  CHECK(one.read(12.0, 3s) == "");  // a2 is over, a1 is not: the stage does not fall
  CHECK(one.read(9.5, 4s) == "");   // within the deadband of a1
  CHECK(one.read(8.0, 5s) == "returned sensor-1/value/gas a2 L x1");
  CHECK(one.read(12.0, 6s) == "reactivated sensor-1/value/gas a2 AL x2");
}

TEST_CASE("gas that jumps over both limits is raised at a2 at once; a1 alone closes by itself") {
  OneRule jump(gas);
  CHECK(jump.read(50.0, 1s) == "raised sensor-1/value/gas a2 AL x1");
  OneRule low(gas);
  CHECK(low.read(11.0, 1s) == "raised sensor-1/value/gas a1 A x1");
  CHECK(low.read(3.0, 2s) == "closed sensor-1/value/gas a1 - x1");
}

TEST_CASE("oxygen has a low and a high rule on one point") {
  const PointId o2{"o2-1", "o2"};
  Machine machine(
      {{o2,
        "B1",
        "%",
        {"low", AlarmClass::toxic, {{Stage::a1, Below{19.5, 0.2}}, {Stage::a2, Below{18, 0.2}}}}},
       {o2,
        "B1",
        "%",
        {"high", AlarmClass::toxic, {{Stage::a1, Above{23.5, 0.2}}, {Stage::a2, Above{25, 0.2}}}}}});
  CHECK(describe(machine.on_reading(good(o2, 20.9, 1s))) == "");
  CHECK(describe(machine.on_reading(good(o2, 19.0, 2s))) == "raised o2-1/o2/low a1 A x1");
  CHECK(describe(machine.on_reading(good(o2, 17.0, 3s))) == "rose o2-1/o2/low a2 A x1");
  CHECK(describe(machine.on_reading(good(o2, 24.0, 4s))) ==
        "closed o2-1/o2/low a2 - x1, raised o2-1/o2/high a1 A x1");
}

TEST_CASE("on-delay and off-delay run in virtual time, by readings or by ticks") {
  OneRule one(heat);
  CHECK(one.read(70.0, 10s) == "");
  CHECK(one.machine.next_due() == MonoTime{15s});
  CHECK(one.tick(14s) == "");
  CHECK(one.tick(15s) == "raised sensor-1/value/heat A x1");
  CHECK(one.read(50.0, 20s) == "");
  CHECK(one.read(70.0, 25s) == "");  // back before the off-delay ended: the same activation
  CHECK(one.read(50.0, 30s) == "");
  CHECK(one.read(50.0, 39s) == "");
  CHECK(one.read(50.0, 40s) == "closed sensor-1/value/heat - x1");
  CHECK_FALSE(one.machine.next_due().has_value());
}

TEST_CASE("a condition shorter than its on-delay raises nothing") {
  OneRule one(heat);
  CHECK(one.read(70.0, 0s) == "");
  CHECK(one.read(50.0, 4s) == "");
  CHECK(one.tick(60s) == "");
}

TEST_CASE("a reading that cannot be judged neither raises nor clears") {
  OneRule one(smoke);
  Reading failed = bad(one.point, 1s);
  failed.value = true;
  CHECK(describe(one.machine.on_reading(failed)) == "");
  CHECK(one.read(std::monostate{}, 2s) == "");
  CHECK(one.read(true, 3s) == "raised sensor-1/value/smoke prealarm AL x1");
  failed.value = false;
  CHECK(describe(one.machine.on_reading(failed)) == "");
  CHECK(one.machine.find(one.key)->bits.active);

  OneRule hot({"heat", AlarmClass::environment, {{Stage::none, Above{60, 0}}}});
  CHECK(hot.read(std::numeric_limits<double>::infinity(), 1s) == "");
  CHECK(hot.read(70.0, 2s) == "raised sensor-1/value/heat A x1");
  CHECK(hot.read(std::numeric_limits<double>::quiet_NaN(), 3s) == "");
  CHECK(hot.read(std::string("cold"), 4s) == "");
}

TEST_CASE("an uncertain reading counts") {
  OneRule one(smoke);
  Reading reading = good(one.point, true, 1s);
  reading.quality = Quality::uncertain;
  CHECK(one.machine.on_reading(reading).size() == 1);
}

TEST_CASE("no data is a fault alarm with its cause, and ends with the first good reading") {
  OneRule one(no_data);
  CHECK(one.read(true, 10s) == "");
  CHECK(describe(one.machine.on_reading(bad(one.point, 13s))) == "");
  CHECK(one.tick(15s) == "");
  const auto raised = one.machine.on_tick(at(16s));
  CHECK(describe(raised) == "raised sensor-1/value/no-data A x1");
  CHECK(raised[0].reason == "bad:timeout");
  CHECK_FALSE(has_value(raised[0].value));
  CHECK(one.tick(60s) == "");
  CHECK(one.read(false, 61s) == "closed sensor-1/value/no-data - x1");
}

TEST_CASE("a bad reading may be the one that finds the silence") {
  OneRule one(no_data);
  CHECK(one.read(true, 10s) == "");
  CHECK(describe(one.machine.on_reading(bad(one.point, 16s))) == "raised sensor-1/value/no-data A x1");
}

TEST_CASE("silence after a good reading is not blamed on an older trouble") {
  OneRule one(no_data);
  one.machine.on_reading(bad(one.point, 10s));
  one.machine.on_reading(good(one.point, true, 11s), true);
  const auto raised = one.machine.on_tick(at(17s));
  REQUIRE(raised.size() == 1);
  CHECK_FALSE(raised[0].inferred);
  CHECK(raised[0].reason == "no reading");
}

TEST_CASE("a point that never answers is silent since the start") {
  OneRule one(no_data);
  CHECK(one.tick(100s) == "");
  CHECK(one.machine.next_due() == MonoTime{106s});
  const auto raised = one.machine.on_tick(at(106s));
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].reason == "no reading");
}

TEST_CASE("next_due is never later than what on_tick has to do") {
  OneRule one(no_data);
  for (Duration time = 1s; time < 60s; time += 2s) {
    CHECK(one.read(true, time) == "");
    REQUIRE(one.machine.next_due().has_value());
    CHECK(*one.machine.next_due() <= MonoTime{time + 6s});
    if (*one.machine.next_due() <= MonoTime{time}) CHECK(one.tick(time) == "");
  }
}

TEST_CASE("inferred is carried, and the device's own time") {
  OneRule one(smoke);
  Reading reading = good(one.point, true, 1s);
  reading.t_source = UtcTime{std::chrono::milliseconds{1234}};
  const auto raised = one.machine.on_reading(reading, true);
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].inferred);
  CHECK(raised[0].t_source == reading.t_source);
  CHECK(one.machine.find(one.key)->inferred);
  const auto returned = one.machine.on_reading(good(one.point, false, 2s));
  REQUIRE(returned.size() == 1);
  CHECK_FALSE(returned[0].inferred);
}

TEST_CASE("a rate of rise tells the rate and its unit") {
  OneRule one({"rate", AlarmClass::fire, {{Stage::prealarm, RateOfRise{8.3, 60s}}}});
  std::vector<Transition> said;
  for (int i = 0; said.empty() && i < 60; ++i)
    said = one.machine.on_reading(good(one.point, 20.0 + i, i * Duration{2s}));
  REQUIRE(said.size() == 1);
  CHECK(std::get<double>(said[0].value) == doctest::Approx(30));
  CHECK(said[0].unit == "u/min");
}

TEST_CASE("the exposure rules of CO run through the machine") {
  OneRule dose({"co-dose", AlarmClass::toxic, {{Stage::a2, CoDose{}}}, {}, {}, true}, 10s);
  Duration time{};
  std::string said;
  for (; said.empty() && time < 4h; time += 10s) said = dose.read(100.0, time);
  CHECK(said == "raised sensor-1/value/co-dose a2 AL x1");
  CHECK(time > 10min);
  CHECK(time < 40min);

  OneRule twa({"twa", AlarmClass::toxic, {{Stage::a1, Twa{17.5}}}, {}, {}, true}, 10s);
  for (said.clear(), time = {}; said.empty() && time < 9h; time += 10s) said = twa.read(35.0, time);
  CHECK(said == "raised sensor-1/value/twa a1 AL x1");
  CHECK(time > 4h);  // 35 ppm for 4 of 8 hours
  CHECK(time < 4h + 2min);
}

TEST_CASE("a declaration opens, rises, returns and closes like a rule") {
  Machine machine({});
  const Key key{"zone/3F", "fire", "confirmed"};
  Declared fire{key,
                AlarmClass::fire,
                Stage::confirmed,
                true,
                true,
                "3F",
                {"smoke-1/smoke", "smoke-2/smoke"},
                "two detectors"};
  const auto raised = machine.on_declared(fire, at(1s));
  CHECK(describe(raised) == "raised zone/3F/fire/confirmed confirmed AL x1");
  CHECK(raised[0].cause == fire.cause);
  CHECK(raised[0].reason == "two detectors");
  CHECK(machine.on_declared(fire, at(2s)).empty());
  CHECK(machine.reset(key, at(2s), "eve").error().fault == Fault::refused);
  fire.active = false;
  fire.cause.clear();
  CHECK(describe(machine.on_declared(fire, at(3s))) == "returned zone/3F/fire/confirmed confirmed L x1");
  CHECK(machine.find(key)->cause.size() == 2);  // what led to the record stays known
  CHECK(describe(*machine.reset(key, at(4s), "eve")) == "closed zone/3F/fire/confirmed confirmed - x1");

  Declared lost{{"smoke-1", "device", "lost"}, AlarmClass::fault, Stage::none, true, false, "3F", {}, ""};
  CHECK(describe(machine.on_declared(lost, at(5s))) == "raised smoke-1/device/lost A x1");
  lost.active = false;
  CHECK(describe(machine.on_declared(lost, at(6s))) == "closed smoke-1/device/lost - x1");
  CHECK(machine.on_declared(lost, at(7s)).empty());
}

TEST_CASE("what a rule decides cannot be declared") {
  OneRule one(smoke);
  CHECK(one.machine.on_declared({one.key, AlarmClass::fault, Stage::none, true, false, "", {}, ""}, at(1s))
            .empty());
  CHECK(one.machine.open().empty());
  CHECK(one.read(true, 2s) == "raised sensor-1/value/smoke prealarm AL x1");
}

TEST_CASE("a reset is refused while the cause is back but still within its on-delay") {
  OneRule one({"heat", AlarmClass::environment, {{Stage::none, Above{60, 0}}}, 5s, {}, true});
  one.read(70.0, 0s);
  CHECK(one.tick(5s) == "raised sensor-1/value/heat AL x1");
  CHECK(one.read(50.0, 6s) == "returned sensor-1/value/heat L x1");
  CHECK(one.read(70.0, 7s) == "");
  CHECK(one.machine.reset(one.key, at(8s), "eve").error().fault == Fault::refused);
}

TEST_CASE("chatter runs on the machine's timers; a bad reading does not end it") {
  OneRule one({"door", AlarmClass::door, {{Stage::none, AnyBit{}}}});
  for (int i = 0; i < 6; ++i) one.read(i % 2 == 0, i * Duration{1s});  // raised the third time at 4 s
  CHECK(one.machine.next_due() == MonoTime{65s});
  CHECK(one.read(true, 6s) == "");
  CHECK(one.machine.next_due() == MonoTime{64s});
  CHECK(one.tick(64s) == "reactivated sensor-1/value/door A x2");
  CHECK(one.read(false, 65s) == "");
  CHECK(describe(one.machine.on_reading(bad(one.point, 200s))) == "");
  CHECK(one.tick(200s) == "closed sensor-1/value/door - x2");
}

TEST_CASE("records are found by key and by name") {
  OneRule one(smoke);
  one.read(true, 1s);
  CHECK(one.machine.find_id("gw-7") == nullptr);
  one.machine.bind(one.key, "gw-7");
  REQUIRE(one.machine.find_id("gw-7") != nullptr);
  CHECK(one.machine.find_id("gw-7") == one.machine.find(one.key));
  CHECK(one.machine.open().size() == 1);
  CHECK(one.machine.find({"sensor-1", "value", "other"}) == nullptr);
  CHECK(one.machine.on_reading(good({"nobody", "knows"}, true, 2s)).empty());
}

TEST_CASE("readings that come a little late do not turn time back") {
  OneRule one(heat);
  CHECK(one.tick(10s) == "");
  CHECK(one.read(70.0, 9s) == "");
  CHECK(one.tick(14s) == "");
  CHECK(one.tick(15s) == "raised sensor-1/value/heat A x1");
}

TEST_CASE("two rules of one key are a mistake of the configuration") {
  const BoundRule rule{{"a", "b"}, "", "", smoke};
  CHECK_THROWS_AS(Machine({rule, rule}), std::invalid_argument);
}
