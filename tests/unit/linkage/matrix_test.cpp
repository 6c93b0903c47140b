#include "core/linkage/matrix.h"

#include <doctest/doctest.h>

#include "tests/unit/linkage/small_building.h"

using namespace tocsin;
using namespace tocsin::linkage;
using namespace tocsin::linkage::test;

namespace {

using Causes = std::map<Cause, CauseState>;
using Overrides = std::map<std::string, Override>;

Desired one(const Matrix& matrix, const std::string& effect, const Causes& causes,
            const Overrides& overrides = {}, MonoTime now = at(0s), const std::set<Cell>& done = {}) {
  return of(evaluate(matrix, causes, done, overrides, now), effect);
}

}  // namespace

TEST_CASE("without a cause every output is normal") {
  const Matrix matrix = small_building();
  const auto all = evaluate(matrix, {}, {}, {}, at(0s));
  REQUIRE(all.size() == matrix.effects.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].effect == matrix.effects[i].name);
    CHECK(all[i].level == matrix.effects[i].normal);
    CHECK(all[i].owner == Owner::normal);
    CHECK_FALSE(all[i].cause);
  }
}

TEST_CASE("a latch holds when its cause has gone, a while does not") {
  Matrix matrix{.effects = {starter("fan", "z", 1), starter("lamp", "z", 2)},
                .rows = {row(gas("y"), {"fan"}, Mode::latch), row(gas("y"), {"lamp"}, Mode::while_active)}};
  CHECK(one(matrix, "fan", {{gas("y"), active_since(at(0s))}}).level);
  CHECK(one(matrix, "lamp", {{gas("y"), active_since(at(0s))}}).level);
  CHECK(one(matrix, "fan", {{gas("y"), latched_since(at(0s))}}).level);
  CHECK_FALSE(one(matrix, "lamp", {{gas("y"), latched_since(at(0s))}}).level);
  CHECK(one(matrix, "fan", {{gas("y"), active_since(at(0s))}}).cause == gas("y"));
}

TEST_CASE("delay and stagger, and when to look again") {
  Matrix matrix{.effects = {starter("a", "z", 1), starter("b", "z", 2)},
                .rows = {row(gas("y"), {"a", "b"}, Mode::latch, 10s)}};
  matrix.rows[0].stagger = 3s;
  const Causes causes{{gas("y"), active_since(at(0s))}};
  CHECK_FALSE(one(matrix, "a", causes, {}, at(9999ms)).level);
  CHECK(one(matrix, "a", causes, {}, at(9999ms)).changes_at == at(10s));
  CHECK(one(matrix, "a", causes, {}, at(10s)).level);
  CHECK_FALSE(one(matrix, "a", causes, {}, at(10s)).changes_at);
  CHECK_FALSE(one(matrix, "b", causes, {}, at(10s)).level);
  CHECK(one(matrix, "b", causes, {}, at(10s)).changes_at == at(13s));
  CHECK(one(matrix, "b", causes, {}, at(13s)).level);
}

TEST_CASE("a pulse is wanted until it is marked, however late") {
  const Matrix matrix = small_building();
  const Causes causes{{fire("3F"), active_since(at(0s))}};
  const Desired lift = one(matrix, "lift", causes, {}, at(1h));
  CHECK(lift.level);
  CHECK(lift.pulse == Cell{2, "lift"});
  CHECK(lift.cause == fire("3F"));
  CHECK_FALSE(one(matrix, "lift", causes, {}, at(1h), {{2, "lift"}}).level);
  CHECK_FALSE(one(matrix, "lift", causes, {}, at(1h), {{2, "lift"}}).pulse);
}

TEST_CASE("order for one output: escape, manual, matrix, command, desired, normal") {
  const Matrix matrix{.effects = {starter("lamp", "z", 1)}, .rows = {row(gas("y"), {"lamp"})}};
  const Causes gas_now{{gas("y"), active_since(at(0s))}};
  const auto by = [](Owner owner, bool level) {
    return Overrides{{"lamp", {.level = level, .owner = owner}}};
  };

  CHECK(one(matrix, "lamp", gas_now, by(Owner::manual, false)).owner == Owner::manual);
  CHECK_FALSE(one(matrix, "lamp", gas_now, by(Owner::manual, false)).level);
  CHECK(one(matrix, "lamp", gas_now, by(Owner::command, false)).owner == Owner::matrix);
  CHECK(one(matrix, "lamp", gas_now, by(Owner::desired, false)).owner == Owner::matrix);
  CHECK(one(matrix, "lamp", {}, by(Owner::command, true)).owner == Owner::command);
  CHECK(one(matrix, "lamp", {}, by(Owner::desired, true)).owner == Owner::desired);
  CHECK(one(matrix, "lamp", {}, by(Owner::desired, true)).level);
  CHECK(one(matrix, "lamp", {}, by(Owner::matrix, true)).owner ==
        Owner::normal);  // nobody may pose as the matrix
}

TEST_CASE("nothing locks an escape door while a fire stands") {
  Matrix matrix = small_building();
  for (const Owner owner : {Owner::manual, Owner::command, Owner::desired}) {
    const Overrides lock{{"door", {.level = true, .owner = owner}}};
    for (const CauseState& state : {active_since(at(0s)), latched_since(at(0s))}) {
      const Desired released = one(matrix, "door", {{fire("3F"), state}}, lock);
      CHECK_FALSE(released.level);
      CHECK(released.owner == Owner::escape);
      CHECK(released.cause == fire("3F"));
    }
    CHECK(one(matrix, "door", {}, lock).owner == owner);
  }
  SUBCASE("its delay does not count") {
    matrix.rows[0].delay = 60s;
    CHECK_FALSE(one(matrix, "door", {{fire("3F"), active_since(at(0s))}}).level);
  }
  SUBCASE("the zone's own fire needs no row") {
    matrix.rows.clear();
    CHECK_FALSE(one(matrix, "door", {{fire("3F"), active_since(at(0s))}}).level);
  }
  SUBCASE("a row from another zone releases as well") {
    matrix.rows.push_back(row(fire("B1"), {"door"}));
    CHECK(one(matrix, "door", {{fire("B1"), latched_since(at(0s))}}).owner == Owner::escape);
  }
  SUBCASE("a fire elsewhere: nobody may lock what stands open by day") {
    matrix.effects[0].normal = false;
    const Overrides lock{{"door", {.level = true, .owner = Owner::manual}}};
    CHECK_FALSE(one(matrix, "door", {{fire("B9"), latched_since(at(0s))}}, lock).level);
    CHECK(one(matrix, "door", {}, lock).level);
  }
}

TEST_CASE("gas A2 blocks energising what is not rated, in its zone only") {
  Matrix matrix{
      .effects = {starter("lamp", "kitchen", 1), starter("rated", "kitchen", 2), starter("far", "hall", 3)},
      .rows = {row(fire("3F"), {"lamp", "rated", "far"})}};
  matrix.effects[1].ex_rated = true;
  const Causes both{{fire("3F"), active_since(at(0s))}, {gas("kitchen"), latched_since(at(0s))}};
  CHECK_FALSE(one(matrix, "lamp", both).level);
  CHECK(one(matrix, "rated", both).level);
  CHECK(one(matrix, "far", both).level);
  CHECK_FALSE(one(matrix, "lamp", both, {{"lamp", {.level = true, .owner = Owner::manual}}}).level);

  matrix.effects[0].normal = true;  // on already: it stays on, but must not be switched on again
  CHECK(one(matrix, "lamp", both).level);
  CHECK(one(matrix, "lamp", both).energise_blocked);
  CHECK_FALSE(one(matrix, "rated", both).energise_blocked);
}

TEST_CASE("gas A2 never blocks the release of an escape door") {
  Matrix matrix = small_building();
  matrix.effects[0].zone = "kitchen";
  const Causes both{{fire("3F"), active_since(at(0s))}, {gas("kitchen"), active_since(at(0s))}};
  CHECK_FALSE(one(matrix, "door", both).level);
  CHECK_FALSE(one(matrix, "door", both).energise_blocked);
}

TEST_CASE("a valve is opened by nobody from afar, and by nobody at all in gas") {
  Matrix matrix = small_building();
  matrix.effects[1].normal = false;  // closed, so that opening would be a change
  const auto by = [](Owner owner) { return Overrides{{"valve", {.level = true, .owner = owner}}}; };
  CHECK_FALSE(one(matrix, "valve", {}, by(Owner::command)).level);
  CHECK_FALSE(one(matrix, "valve", {}, by(Owner::desired)).level);
  CHECK(one(matrix, "valve", {}, by(Owner::manual)).level);
  CHECK_FALSE(one(matrix, "valve", {{gas("kitchen"), latched_since(at(0s))}}, by(Owner::manual)).level);

  const Overrides close{{"valve", {.level = false, .owner = Owner::desired}}};
  CHECK_FALSE(one(small_building(), "valve", {}, close).level);
}

TEST_CASE("causes as people read them") {
  CHECK(to_string(fire("3F")) == "confirmed fire in 3F");
  CHECK(to_string(gas("kitchen")) == "gas A2 in kitchen");
  CHECK(to_string(Cause{CauseKind::toxic_a2, "B1", {}}) == "toxic A2 in B1");
  CHECK(to_string(Cause{CauseKind::sos, "2F", {}}) == "SOS in 2F");
  CHECK(to_string(loss("panel-1")) == "loss of panel-1");
}

TEST_CASE("the hash names a matrix: the same for equal ones, another after any change") {
  const Matrix matrix = small_building();
  const std::string hash = hash_of(matrix);
  CHECK(hash.size() == 64);
  CHECK(hash == hash_of(small_building()));
  // SHA-256 of eight zero bytes: an empty matrix is two counts of 0.
  CHECK(hash_of({}) == "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc");

  std::vector<Matrix> changed(9, matrix);
  changed[0].effects[0].safe = true;
  changed[1].effects[0].name = "d";
  changed[2].effects[0].feedback.reset();
  changed[3].effects[1].ex_rated = false;
  changed[4].rows[0].mode = Mode::while_active;
  changed[5].rows[0].delay = 1s;
  changed[6].rows[1].stagger = 1s;
  changed[7].rows[1].then = {"valvefan"};
  changed[8].rows[0].when.zone = "4F";
  for (const Matrix& other : changed) CHECK(hash_of(other) != hash);

  const Matrix one{.effects = {}, .rows = {row(gas("z"), {"ab", "c"})}};
  const Matrix shifted{.effects = {}, .rows = {row(gas("z"), {"a", "bc"})}};
  CHECK(hash_of(one) != hash_of(shifted));
}
