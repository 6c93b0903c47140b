// The store thread: what shares a transaction, what goes first, what a failure costs.
#include <future>

#include <SQLiteCpp/Exception.h>
#include <doctest/doctest.h>

#include "owner.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;

namespace {

struct Thread {
  samples::Owner owner;
  std::string story;  // what ran on the store thread, in order
  std::promise<void> gate;
  StoreThread store{samples::store(), owner.post()};

  // Holds the store thread inside a first job, so that what is submitted next waits together.
  void hold() {
    std::promise<void> started;
    auto running = started.get_future();
    auto open = gate.get_future().share();
    REQUIRE(store.submit(
        Urgency::alarm,
        [&started, open, first = true](Store&) mutable {
          if (std::exchange(first, false)) started.set_value();
          open.wait();
        },
        [](const Status&) {}));
    running.wait();
  }
  void submit(Urgency urgency, char name, std::vector<std::string>& answers, bool fails = false) {
    REQUIRE(store.submit(
        urgency,
        [this, name, fails](Store&) {
          story += name;
          if (fails) throw SQLite::Exception("planted");
        },
        [name, &answers](const Status& status) {
          answers.push_back(name + std::string(status ? ":good" : ":failed"));
        }));
  }
};

}  // namespace

TEST_CASE("alarms go before what was queued earlier with less urgency") {
  Thread t;
  std::vector<std::string> answers;
  t.hold();
  t.submit(Urgency::data, 'd', answers);
  t.submit(Urgency::normal, 'n', answers);
  t.submit(Urgency::alarm, 'a', answers);
  t.gate.set_value();
  while (answers.size() < 3) t.owner.run_one();
  CHECK(answers == std::vector<std::string>{"a:good", "n:good", "d:good"});
  CHECK(t.story == "and");
}

TEST_CASE("a job that fails takes none of its group with it") {
  Thread t;
  std::vector<std::string> answers;
  t.hold();
  t.submit(Urgency::normal, '1', answers);
  t.submit(Urgency::normal, '2', answers, true);
  t.submit(Urgency::normal, '3', answers);
  t.gate.set_value();
  while (answers.size() < 3) t.owner.run_one();
  CHECK(answers == std::vector<std::string>{"1:good", "2:failed", "3:good"});
}
