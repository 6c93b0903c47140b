// kill -9 at every point between acceptance and answer: a pulse is given once or not at all, never twice.

#include "tests/unit/command/rig.h"

using namespace tocsin;
using command::test::Rig;

namespace {

int opened(const Rig& rig) {
  int count = 0;
  for (const auto& [coil, level] : rig.moves)
    if (coil == "ch1" && !level) ++count;
  return count;
}

}  // namespace

TEST_CASE("accepted and committed, then a crash before the act: indeterminate, and nothing moves") {
  Rig rig;
  const auto order = rig.open_door();
  const Bytes bytes = rig.owner.sign(wire::encode_command(order));
  rig.store(rig.building->on_command(bytes, rig.at));  // the commit, and nothing after it
  rig.crash();
  rig.run(20s);
  CHECK(rig.outcome(order) == "accepted indeterminate");
  CHECK(opened(rig) == 0);
  rig.give(bytes);
  CHECK(rig.refusal() == "replayed");
  CHECK(opened(rig) == 0);
}

TEST_CASE("a crash before the commit leaves no trace: the order may come again and acts once") {
  Rig rig;
  const auto order = rig.open_door();
  const Bytes bytes = rig.owner.sign(wire::encode_command(order));
  (void)rig.building->on_command(bytes, rig.at);
  rig.crash();
  rig.run(2s);
  CHECK(rig.answers.empty());
  rig.give(bytes);
  rig.run(2s);
  CHECK(opened(rig) == 1);
}

TEST_CASE("a crash after the act and before its outcome: indeterminate, once") {
  Rig rig;
  const auto order = rig.open_door();
  rig.give(order);  // acted; no reading has come yet
  CHECK(opened(rig) == 1);
  rig.crash();
  rig.run(30s);
  CHECK(rig.outcome(order) == "accepted indeterminate");
  CHECK(opened(rig) == 1);
  rig.crash();  // answered for good
  CHECK(rig.outcome(order) == "accepted indeterminate");
}

TEST_CASE("a crash after done: the order stays done, whatever is replayed") {
  Rig rig;
  const auto order = rig.open_door();
  const Bytes bytes = rig.owner.sign(wire::encode_command(order));
  rig.give(bytes);
  rig.run(2s);
  for (int i = 0; i < 3; ++i) {
    rig.crash();
    rig.run(2s);
    rig.give(bytes);
    rig.run(2s);
  }
  CHECK(rig.outcome(order) == "accepted done refused refused refused");
  CHECK(opened(rig) == 1);
}

TEST_CASE("a level that was accepted before the crash is driven after it, and answered") {
  Rig rig;
  const auto order = rig.order("effect/fan", "hold", {{"word", "running"}});
  rig.store(rig.building->on_command(rig.owner.sign(wire::encode_command(order)), rig.at));
  rig.crash();
  rig.run(20s);
  CHECK(rig.coils["ch3"]);
  CHECK(rig.outcome(order) == "accepted done");
}

TEST_CASE("a reset that was accepted before the crash is not done after it") {
  Rig rig;
  rig.run(5s, true);
  rig.run(20s, false);
  const auto order = rig.order("zone/3F", "reset");
  rig.store(rig.building->on_command(rig.owner.sign(wire::encode_command(order)), rig.at));
  rig.crash();
  rig.run(20s);
  CHECK(rig.outcome(order) == "accepted failed");
  CHECK_FALSE(rig.coils["ch1"]);
}

TEST_CASE("the journal forgets the oldest ids, not what their keys have done") {
  Rig rig;
  std::vector<Bytes> given;
  for (int i = 0; i < 1100; ++i) {
    const auto order = rig.order("annunciators", "silence");
    given.push_back(rig.owner.sign(wire::encode_command(order)));
    rig.give(given.back());
    rig.run(1s);
  }
  std::size_t rows = 0;
  for (const auto& [key, body] : rig.stored)
    if (key.first == "command") ++rows;
  CHECK(rows == 1024);
  rig.crash();
  rig.give(given.front());
  CHECK(rig.refusal() == "replayed");
}
