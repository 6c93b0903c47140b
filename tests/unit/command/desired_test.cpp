// Desired outputs: version, expiry, place in the order of an output.

#include "tests/unit/command/rig.h"

using namespace tocsin;
using command::test::Rig;

namespace {

wire::DesiredOutputs desired(const Rig& rig, std::uint64_t version, const std::string& fan,
                             wire::OnExpiry on_expiry = wire::OnExpiry::safe) {
  return {command::test::gateway_id,
          version,
          rig.now.utc + 60s,
          on_expiry,
          {{"fan", fan}},
          rig.now.utc,
          command::test::session,
          command::test::term};
}
void give(Rig& rig, const wire::DesiredOutputs& order) {
  rig.take(rig.building->on_desired(rig.owner.sign(wire::encode_desired(order)), rig.at));
}

}  // namespace

TEST_CASE("desired outputs are applied, told once, and outlive a crash") {
  Rig rig;
  give(rig, desired(rig, 4, "running"));
  give(rig, desired(rig, 4, "stopped"));  // the same version is never applied again
  rig.run(3s);
  CHECK(rig.coils["ch3"]);
  CHECK(rig.desired_told == std::vector<std::uint64_t>{4});
  rig.crash();
  CHECK(rig.building->desired_version() == 4);
  rig.run(20s);
  CHECK(rig.coils["ch3"]);
}

TEST_CASE("when they expire the outputs go to safe, or stay, as the order says") {
  for (const auto on_expiry : {wire::OnExpiry::safe, wire::OnExpiry::hold}) {
    Rig rig;
    give(rig, desired(rig, 1, "running", on_expiry));
    rig.run(59s);
    CHECK(rig.coils["ch3"]);
    rig.run(5s);
    CHECK(rig.coils["ch3"] == (on_expiry == wire::OnExpiry::hold));
    rig.crash();
    rig.run(20s);
    CHECK(rig.coils["ch3"] == (on_expiry == wire::OnExpiry::hold));
  }
}

TEST_CASE("a command goes before desired outputs, a person on site before both") {
  Rig rig;
  give(rig, desired(rig, 1, "running"));
  rig.run(2s);
  rig.give(rig.order("effect/fan", "hold", {{"word", "stopped"}}));
  rig.run(2s);
  CHECK_FALSE(rig.coils["ch3"]);
  rig.take(*rig.building->hold("fan", true, "guard", rig.now));
  rig.run(2s);
  CHECK(rig.coils["ch3"]);
  rig.take(*rig.building->hold("fan", std::nullopt, "guard", rig.now));
  rig.give(rig.order("effect/fan", "release"));
  rig.run(2s);
  CHECK(rig.coils["ch3"]);  // as desired
}

TEST_CASE("desired outputs are refused like commands: version, key, valve, words, age") {
  Rig rig;
  give(rig, desired(rig, 5, "running"));
  const auto refused = [&](const wire::DesiredOutputs& order) {
    rig.answers.clear();
    give(rig, order);
    REQUIRE(rig.answers.size() == 1);
    CHECK(rig.answers[0].desired_version == order.version);
    return rig.refusal();
  };
  CHECK(refused(desired(rig, 4, "stopped")) == "old-version");
  CHECK(refused(desired(rig, 6, "sideways")) == "bad-argument");
  auto order = desired(rig, 6, "stopped");
  order.outputs.push_back({"gas-valve", "open"});
  CHECK(refused(order) == "valve");
  order.outputs[1] = {"nothing", "open"};
  CHECK(refused(order) == "unknown-point");
  order = desired(rig, 6, "stopped");
  order.gateway = "wangjing-b13";
  CHECK(refused(order) == "foreign");
  order = desired(rig, 6, "stopped");
  order.issued -= 100s;
  order.not_after = rig.now.utc - 1ms;
  CHECK(refused(order) == "expired");
  rig.now.clock = rig.at.now.clock = ClockQuality::unsynchronised;
  order = desired(rig, 6, "stopped");
  order.session_nonce = 0;
  CHECK(refused(order) == "wrong-session");
  CHECK(rig.building->desired_version() == 5);
  rig.run(2s);
  CHECK(rig.coils["ch3"]);
}

TEST_CASE("desired outputs never lock an escape door while a fire is latched") {
  Rig rig;
  auto order = desired(rig, 1, "stopped");
  order.outputs = {{"stair-door", "locked"}};
  rig.run(5s, true);
  give(rig, order);
  rig.run(30s, false);
  CHECK_FALSE(rig.coils["ch1"]);
}
