// Every reason to refuse a command: nothing moves, one answer with its word, counted.

#include "tests/unit/command/rig.h"

using namespace tocsin;
using namespace tocsin::command;
using command::test::Rig;

namespace {

// Gives the order and checks that it was refused with this word and moved nothing.
void refused(Rig& rig, const Bytes& signed_bytes, const std::string& word) {
  const auto answers = rig.answers.size();
  const auto moves = rig.moves.size();
  rig.give(signed_bytes);
  REQUIRE(rig.answers.size() == answers + 1);
  CHECK(rig.answers.back().outcome == "refused");
  CHECK(rig.refusal() == word);
  CHECK_FALSE(rig.answers.back().detail.empty());
  rig.run(2s);
  CHECK(rig.moves.size() == moves);
}
void refused(Rig& rig, const wire::CommandOrder& order, const std::string& word) {
  refused(rig, rig.owner.sign(wire::encode_command(order)), word);
}

}  // namespace

TEST_CASE("what nobody of ours signed is refused, and the answer names the order it claims to be") {
  Rig rig;
  const auto order = rig.open_door();
  refused(rig, rig.stranger.sign(wire::encode_command(order)), "bad-signature");
  CHECK(rig.answers.back().command_id == order.id);
  command::test::Signer unknown("nobody");
  refused(rig, unknown.sign(wire::encode_command(order)), "unknown-key");
  refused(rig, Bytes{1, 2, 3}, "malformed");
  refused(rig, rig.owner.sign(Bytes{1, 2, 3}), "malformed");
  rig.take(rig.building->on_flawed_order(Refusal::retained, rig.now));
  CHECK(rig.refusal() == "retained");
  rig.give(order);  // none of this spoilt the genuine one
  CHECK(rig.outcome(order).starts_with("refused refused accepted"));
}

TEST_CASE("an order for another gateway, of an old owner, or judged before is refused") {
  Rig rig;
  auto order = rig.open_door();
  order.gateway = "wangjing-b13";
  refused(rig, order, "foreign");
  order = rig.open_door();
  order.term = command::test::term - 1;
  refused(rig, order, "old-term");
  order = rig.open_door();
  rig.give(order);
  CHECK(rig.outcome(order).starts_with("accepted"));
  rig.run(20s);
  refused(rig, order, "replayed");
  order.counter = ++rig.counter;  // the same id again, signed anew
  refused(rig, order, "replayed");
  order = rig.open_door();
  order.counter = 1;
  refused(rig, order, "replayed");
}

TEST_CASE("with a synchronised clock an order counts by its own times") {
  Rig rig;
  auto order = rig.open_door();
  order.not_after = rig.now.utc - 1ms;
  order.issued = rig.now.utc - 10s;
  refused(rig, order, "expired");
  order = rig.open_door();
  order.issued = rig.now.utc + 40s;
  refused(rig, order, "from-future");
  order = rig.open_door();
  order.not_after = order.issued + std::chrono::minutes(11);
  refused(rig, order, "lifetime");
  order = rig.open_door();
  order.not_after = order.issued;
  refused(rig, order, "lifetime");
  order = rig.open_door();
  order.not_after = UtcTime(std::chrono::milliseconds(INT64_MAX));
  order.issued = UtcTime(std::chrono::milliseconds(INT64_MIN));
  refused(rig, order, "lifetime");
}

TEST_CASE("doors, valves and resets need the nonce of this connection; a fan does not") {
  Rig rig;
  for (auto order : {rig.open_door(), rig.order("effect/gas-valve", "hold", {{"word", "closed"}}),
                     rig.order("zone/3F", "reset")}) {
    order.session_nonce = command::test::session + 1;
    refused(rig, order, "wrong-session");
  }
  auto fan = rig.order("effect/fan", "hold", {{"word", "running"}});
  fan.session_nonce = 0;
  rig.give(fan);
  CHECK(rig.outcome(fan).starts_with("accepted"));
}

TEST_CASE("without a synchronised clock everything needs the nonce, and is as old as the nonce") {
  Rig rig;
  rig.now.clock = rig.at.now.clock = ClockQuality::unsynchronised;
  auto order = rig.order("effect/fan", "hold", {{"word", "running"}});
  order.session_nonce = 0;
  refused(rig, order, "wrong-session");
  order = rig.open_door();
  order.issued -= std::chrono::hours(24 * 365);  // the wall clock says nothing
  order.not_after -= std::chrono::hours(24 * 365);
  rig.run(61s);
  refused(rig, order, "stale-session");
  CHECK(rig.renewed);  // the gateway asks for a proof of youth
  order = rig.open_door();
  order.issued -= std::chrono::hours(24 * 365);
  order.not_after -= std::chrono::hours(24 * 365);
  rig.at.session_since = rig.now.mono - 59s;
  rig.give(order);
  CHECK(rig.outcome(order).starts_with("accepted"));
}

TEST_CASE("a key may do what its table says, where it says") {
  Rig rig({Permission::ack});
  refused(rig, rig.open_door(), "out-of-scope");
  refused(rig, rig.order("zone/3F", "reset"), "out-of-scope");
  const Key door{"k", {}, {Permission::doors}, {"3F"}, {"front-door"}};
  CHECK(covers(door, Permission::doors, "3F", "stair-door"));
  CHECK(covers(door, Permission::doors, "lobby", "front-door"));
  CHECK_FALSE(covers(door, Permission::doors, "2F", "stair-door-2f"));
  CHECK_FALSE(covers(door, Permission::doors, "", ""));
  CHECK_FALSE(covers(door, Permission::reset, "3F", ""));
}

TEST_CASE("an operation, point or argument that makes no sense is refused in words") {
  Rig rig;
  refused(rig, rig.order("effect/stair-door", "explode"), "unknown-operation");
  refused(rig, rig.order("zone/3F", "ack"), "unknown-operation");
  refused(rig, rig.order("annunciators", "hold"), "unknown-operation");
  refused(rig, rig.order("effect/none", "hold", {{"word", "open"}}), "unknown-point");
  refused(rig, rig.order("zone/9F", "reset"), "unknown-point");
  refused(rig, rig.order("alarm/none", "reset"), "unknown-point");
  refused(rig, rig.order("relay-1/ch7", "hold", {{"word", "open"}}), "unknown-point");
  refused(rig, rig.order("effect/stair-door", "hold", {{"word", "ajar"}}), "bad-argument");
  refused(rig, rig.order("effect/stair-door", "hold"), "bad-argument");
  refused(rig, rig.order("effect/stair-door", "pulse", {{"seconds", "601"}}), "bad-argument");
  refused(rig, rig.order("effect/stair-door", "pulse", {{"seconds", "5"}, {"word", "open"}}), "bad-argument");
}

TEST_CASE("nobody opens a gas valve remotely, with whatever key") {
  Rig rig;
  refused(rig, rig.order("effect/gas-valve", "hold", {{"word", "open"}}), "valve");
  refused(rig, rig.order("effect/gas-valve", "pulse", {{"seconds", "5"}}), "valve");
  const auto close = rig.order("effect/gas-valve", "hold", {{"word", "closed"}});
  rig.give(close);
  rig.run(3s);
  CHECK(rig.outcome(close) == "accepted done");
  rig.give(rig.order("effect/gas-valve", "release"));
  rig.run(30s);
  CHECK_FALSE(rig.coils["ch2"]);
  rig.give(rig.order("zone/3F", "reset"));
  rig.run(30s);
  CHECK_FALSE(rig.coils["ch2"]);  // not by a remote reset either
  const auto on_site = rig.building->reset_zone("3F", "guard", rig.now);
  REQUIRE(on_site.has_value());
  rig.take(*on_site);
  rig.run(3s);
  CHECK(rig.coils["ch2"]);
}

TEST_CASE(
    "nothing locks an escape door while a fire is latched, and a person on site goes before a command") {
  Rig rig;
  rig.run(5s, true);
  CHECK_FALSE(rig.coils["ch1"]);
  rig.run(5s, false);  // quiet, and latched
  const auto lock = [&] { return rig.order("effect/stair-door", "hold", {{"word", "locked"}}); };
  refused(rig, lock(), "fire-latched");
  refused(rig, rig.open_door(), "overruled");
  rig.run(20s);
  const auto reset = rig.order("zone/3F", "reset");
  rig.give(reset);
  CHECK(rig.outcome(reset) == "accepted done");
  rig.run(3s);
  CHECK(rig.coils["ch1"]);
  rig.take(*rig.building->hold("stair-door", true, "guard", rig.now));
  refused(rig, rig.open_door(), "overruled");
  CHECK(rig.answers.back().detail.find("a person on site") != std::string::npos);
}

TEST_CASE("a key has a rate, and a flood of forgeries does not fill the audit") {
  Rig rig;
  int taken = 0;
  for (int i = 0; i < 30; ++i) {
    const auto order = rig.order("effect/fan", "release");
    rig.give(order);
    if (rig.outcome(order).starts_with("accepted")) ++taken;
  }
  CHECK(taken == 20);
  CHECK(rig.refusal() == "too-fast");
  rig.answers.clear();
  const Bytes forged = rig.stranger.sign(wire::encode_command(rig.open_door()));
  for (int i = 0; i < 5000; ++i) rig.give(forged);
  CHECK(rig.answers.size() == 2000);
  CHECK(rig.building->intake().counts()[static_cast<std::size_t>(Refusal::bad_signature)] == 5000);
  rig.run(1s);
  rig.give(forged);
  CHECK(rig.answers.back().detail.find("3000 more") != std::string::npos);
}
