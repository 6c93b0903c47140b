// Every pair of (state, event) of one alarm key, and the folding of chatter.

#include "core/alarm/lifecycle.h"

#include <set>

#include "support.h"

using namespace tocsin;
using namespace tocsin::alarm;

namespace {

enum class State { closed, active, standing, returned, held, held_latched };
enum class Event { off, on, rise, reset, mark, time };

constexpr std::string_view state_names[] = {"closed",   "active", "standing",
                                            "returned", "held",   "held_latched"};

struct Row {
  State from;
  Event event;
  std::string_view said;  // a change, a fault, or nothing
  State to;
};

// standing: active and latched. held: the signal is gone, but chatter keeps the record active for 60 s.
const std::vector<Row> table{
    {State::closed, Event::off, "", State::closed},
    {State::closed, Event::on, "raised", State::active},
    {State::closed, Event::rise, "raised", State::active},
    {State::closed, Event::reset, "not-found", State::closed},
    {State::closed, Event::mark, "", State::closed},
    {State::closed, Event::time, "", State::closed},
    {State::active, Event::off, "closed", State::closed},
    {State::active, Event::on, "", State::active},
    {State::active, Event::rise, "rose", State::active},
    {State::active, Event::reset, "not-found", State::active},
    {State::active, Event::mark, "marked", State::active},
    {State::active, Event::time, "", State::active},
    {State::standing, Event::off, "returned", State::returned},
    {State::standing, Event::on, "", State::standing},
    {State::standing, Event::rise, "rose", State::standing},
    {State::standing, Event::reset, "refused", State::standing},
    {State::standing, Event::mark, "marked", State::standing},
    {State::standing, Event::time, "", State::standing},
    {State::returned, Event::off, "", State::returned},
    {State::returned, Event::on, "reactivated", State::standing},
    {State::returned, Event::rise, "rose", State::standing},
    {State::returned, Event::reset, "closed", State::closed},
    {State::returned, Event::mark, "marked", State::returned},
    {State::returned, Event::time, "", State::returned},
    {State::held, Event::off, "", State::held},
    {State::held, Event::on, "", State::active},
    {State::held, Event::rise, "rose", State::active},
    {State::held, Event::reset, "not-found", State::held},
    {State::held, Event::mark, "marked", State::held},
    {State::held, Event::time, "closed", State::closed},
    {State::held_latched, Event::off, "", State::held_latched},
    {State::held_latched, Event::on, "", State::standing},
    {State::held_latched, Event::rise, "rose", State::standing},
    {State::held_latched, Event::reset, "refused", State::held_latched},
    {State::held_latched, Event::mark, "marked", State::held_latched},
    {State::held_latched, Event::time, "returned", State::returned},
};

struct Bench {
  explicit Bench(State state) {
    subject.key = {"d", "p", "r"};
    subject.latching = state == State::standing || state == State::returned || state == State::held_latched;
    const int flips[] = {0, 1, 1, 2, 6, 6};  // on, off, on … one second apart
    for (int i = 0; i < flips[static_cast<int>(state)]; ++i) signal(i % 2 == 0, Stage::a1);
  }

  std::string signal(bool active, Stage stage) {
    last.active = active;
    last.stage = stage;
    return step(1s);
  }
  std::string step(Duration passed) {
    now += passed;
    const auto said = life.step(subject, last, at(now), {});
    return said ? std::string(name_of(said->change)) : "";
  }
  std::string apply(Event event) {
    switch (event) {
      case Event::off: return signal(false, Stage::a1);
      case Event::on: return signal(true, Stage::a1);
      case Event::rise: return signal(true, Stage::a2);
      case Event::time: return step(120s);
      case Event::mark: {
        const auto said = life.mark({.disabled = true}, at(now), "why");
        return said ? std::string(name_of(said->change)) : "";
      }
      case Event::reset: {
        const auto said = life.reset(at(now), "who");
        return std::string(said ? name_of(said->change) : tocsin::name_of(said.error().fault));
      }
    }
    return "?";
  }
  State state() const {
    if (!life.record()) return State::closed;
    const Bits& bits = life.record()->bits;
    if (!bits.active) return State::returned;
    Lifecycle probe = life;  // held: a signal would be one more activation
    Signal on = last;
    on.active = true;
    probe.step(subject, on, at(now), {});
    const bool held = probe.record()->count > life.record()->count;
    if (held) return bits.latched ? State::held_latched : State::held;
    return bits.latched ? State::standing : State::active;
  }

  Subject subject;
  Signal last;
  Lifecycle life;
  Duration now{};
};

}  // namespace

TEST_CASE("every state answers every event as the table says") {
  std::set<std::pair<State, Event>> seen;
  for (const Row& row : table) {
    CAPTURE(state_names[static_cast<int>(row.from)]);
    CAPTURE(static_cast<int>(row.event));
    Bench bench(row.from);
    REQUIRE(bench.state() == row.from);
    CHECK(bench.apply(row.event) == row.said);
    CHECK(state_names[static_cast<int>(bench.state())] == state_names[static_cast<int>(row.to)]);
    seen.insert({row.from, row.event});
  }
  CHECK(seen.size() == 6 * 6);
  CHECK(table.size() == seen.size());
}

TEST_CASE("a latching subject latches from its stage on, and a stage never falls") {
  Bench bench(State::closed);
  bench.subject.latching = true;
  bench.subject.latch_from = Stage::a2;
  CHECK(bench.signal(true, Stage::a1) == "raised");
  CHECK_FALSE(bench.life.record()->bits.latched);
  CHECK(bench.signal(false, Stage::a1) == "closed");
  CHECK(bench.signal(true, Stage::a1) == "raised");
  CHECK(bench.signal(true, Stage::a2) == "rose");
  CHECK(bench.life.record()->bits.latched);
  CHECK(bench.signal(true, Stage::a1) == "");
  CHECK(bench.life.record()->stage == Stage::a2);
  CHECK(bench.signal(false, Stage::a1) == "returned");
}

TEST_CASE("a latch outlives a change of its rule") {
  Bench bench(State::standing);
  bench.subject.latching = false;
  CHECK(bench.signal(true, Stage::a2) == "rose");
  CHECK(bench.signal(false, Stage::a2) == "returned");
}

TEST_CASE("chatter: the third activation in 60 s opens the last record, repeats are told once per 60 s") {
  Bench bench(State::closed);
  std::vector<std::string> said;
  int activations = 0;
  for (int second = 0; second < 180; ++second) {  // on for 1 s, off for 1 s
    const bool on = second % 2 == 0;
    activations += on;
    const std::string change = bench.signal(on, Stage::none);
    if (!change.empty()) said.push_back(change);
  }
  CHECK(said == std::vector<std::string>{"raised", "closed", "raised", "closed", "raised", "reactivated",
                                         "reactivated"});
  CHECK(bench.life.record()->count == static_cast<unsigned>(activations - 2));  // two records closed before
  CHECK(bench.step(59s) != "closed");                                           // the off-delay is 60 s now
  CHECK(bench.step(1s) == "closed");
  CHECK(bench.step(100s) == "");
  CHECK(bench.signal(true, Stage::none) == "raised");  // and the next one is an ordinary alarm again
  CHECK(bench.signal(false, Stage::none) == "closed");
}

TEST_CASE("two activations, or three in more than 60 s, are no chatter") {
  Bench bench(State::closed);
  for (int i = 0; i < 5; ++i) {
    CHECK(bench.signal(true, Stage::none) == "raised");
    CHECK(bench.signal(false, Stage::none) == "closed");
    bench.now += 40s;
  }
}

TEST_CASE("chatter that settles on active is no chatter any more when it returns later") {
  Bench bench(State::held);
  CHECK(bench.signal(true, Stage::a1) == "");
  CHECK(bench.step(60s) == "reactivated");  // the folded one is told in the end
  CHECK(bench.step(60s) == "");
  CHECK(bench.signal(false, Stage::a1) == "closed");
}

TEST_CASE("the rule's own off-delay counts into the 60 s") {
  Bench bench(State::closed);
  bench.subject.off_delay = 20s;
  for (int i = 0; i < 6; ++i) bench.signal(i % 2 == 0, Stage::none);
  CHECK(bench.step(39s) == "");
  CHECK(bench.step(1s) == "closed");
}

TEST_CASE("due() is the moment at which the same signal changes something") {
  Bench bench(State::held);
  REQUIRE(bench.life.due().has_value());
  CHECK(*bench.life.due() == MonoTime{bench.now + 60s});
  CHECK(bench.signal(true, Stage::a1) == "");   // folded
  CHECK(bench.signal(false, Stage::a1) == "");  // held again, but the repeat is told before
  REQUIRE(bench.life.due().has_value());
  const Duration until_told = *bench.life.due() - MonoTime{bench.now};
  CHECK(until_told == 57s);
  CHECK(bench.step(until_told) == "reactivated");
  Bench quiet(State::standing);
  CHECK_FALSE(quiet.life.due().has_value());
}
