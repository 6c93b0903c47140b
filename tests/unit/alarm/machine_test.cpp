#include "core/alarm/machine.h"

#include <doctest/doctest.h>

using namespace tocsin;
using namespace tocsin::alarm;

namespace {
Stamp at(Duration t) {
  Stamp s;
  s.mono = MonoTime{t};
  s.boot = 7;
  return s;
}
Reading reading(Value v, Duration t) {
  Reading r;
  r.id = {"smoke-1", "smoke"};
  r.value = v;
  r.t_gateway = at(t);
  return r;
}
}  // namespace

TEST_CASE("a latching bit opens, returns, closes by reset") {
  Machine m({{{"smoke-1", "smoke"},
              "3F",
              "",
              {"smoke", AlarmClass::fire, {{Stage::prealarm, AnyBit{}}}, {}, {}, true}}});
  const Key key{"smoke-1", "smoke", "smoke"};
  auto out = m.on_reading(reading(true, 1s));
  REQUIRE(out.size() == 1);
  CHECK(out[0].change == Change::raised);
  m.bind(key, "gw-1");
  CHECK(m.reset(key, at(2s), "eve").error().fault == Fault::refused);
  out = m.on_reading(reading(false, 3s));
  REQUIRE(out.size() == 1);
  CHECK(out[0].change == Change::returned);
  CHECK(out[0].alarm_id == "gw-1");
  auto keys = m.dirty();
  REQUIRE(keys.size() == 1);
  Machine n({{{"smoke-1", "smoke"},
              "3F",
              "",
              {"smoke", AlarmClass::fire, {{Stage::prealarm, AnyBit{}}}, {}, {}, true}}});
  REQUIRE(n.restore(keys[0], m.state_of(keys[0]), at(4s)).has_value());
  auto closed = n.reset(key, at(5s), "eve");
  REQUIRE(closed.has_value());
  CHECK(closed->at(0).change == Change::closed);
  CHECK(closed->at(0).alarm_id == "gw-1");
}
