// The thread around an Outbox: group commit, order, failure and recovery, answers on the owner's thread.

#include "sync/outbox/store_thread.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include "tests/support/power_cut_vfs.h"
#include "tests/unit/outbox/fixture.h"

using namespace tocsin;
using namespace tocsin::outbox;
using namespace tocsin::outbox::test;
using tocsin::test::PowerCutVfs;
using tocsin::test::TempDir;

namespace {

// The owner's thread: the test's own. It waits for answers, never for time.
class Owner {
 public:
  Post post() {
    return [this](std::function<void()> f) {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(f));
      wake_.notify_one();
    };
  }
  void until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      REQUIRE(wake_.wait_for(lock, std::chrono::seconds(20), [this] { return !queue_.empty(); }));
      const auto next = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      next();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
};

struct Fixture {
  explicit Fixture(Duration group_wait = 0ms) {
    Options options = alarm_options(dir / "alarm.db");
    options.vfs = disk.name();
    Open opened = open(options);
    REQUIRE(opened.outbox);
    store = std::make_unique<StoreThread>(
        std::move(opened.outbox), owner.post(), [] { return t0; }, group_wait);
    store->on_health([this](const StoreHealth& now) { health.push_back(now); });
  }
  void commit(std::uint64_t seq) {
    REQUIRE(store->commit(change(Lane::alarm, seq, std::to_string(seq)), [this, seq](UtcTime stored) {
      REQUIRE(stored == t0);
      REQUIRE(std::this_thread::get_id() == thread);
      done.push_back(seq);
    }));
  }
  std::string read() {
    std::optional<std::string> text;
    store->read(Lane::alarm, 1, 1000, 1 << 20, [&](const Result<std::vector<Record>>& records) {
      text = "";
      for (const Record& record : *records) *text += std::to_string(record.seq) + " ";
    });
    owner.until([&] { return text.has_value(); });
    return *text;
  }

  TempDir dir;
  PowerCutVfs disk;
  Owner owner;
  const std::thread::id thread = std::this_thread::get_id();
  std::vector<std::uint64_t> done;
  std::vector<StoreHealth> health;
  std::unique_ptr<StoreThread> store;
};

}  // namespace

TEST_CASE("changes are answered in their order, on the owner's thread, and are there") {
  Fixture f;
  for (std::uint64_t seq = 1; seq <= 100; ++seq) f.commit(seq);
  f.owner.until([&] { return f.done.size() == 100; });
  for (std::uint64_t i = 0; i < 100; ++i) CHECK(f.done[i] == i + 1);
  CHECK(f.read().starts_with("1 2 3 "));
}

TEST_CASE("changes that wait share a commit") {
  Fixture f(200ms);
  f.commit(1);
  f.owner.until([&] { return f.done.size() == 1; });
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  f.store->inspect([&](const Usage& usage, const auto&) { before = usage.syncs; });
  f.owner.until([&] { return before.has_value(); });
  for (std::uint64_t seq = 2; seq <= 50; ++seq) f.commit(seq);
  f.owner.until([&] { return f.done.size() == 50; });
  f.store->inspect([&](const Usage& usage, const auto&) { after = usage.syncs; });
  f.owner.until([&] { return after.has_value(); });
  CHECK(*after - *before <= 2);
}

TEST_CASE("what is queued is committed at the end") {
  Fixture f(1h);
  for (std::uint64_t seq = 1; seq <= 10; ++seq) f.commit(seq);
  f.store.reset();
  Open again = open(alarm_options(f.dir / "alarm.db"));
  CHECK(again.outbox->lane(Lane::alarm).head == 10);
}

TEST_CASE(
    "a failing disk: nothing overtakes, reads and acks go on, health is told, and the order holds "
    "afterwards") {
  Fixture f;
  f.commit(1);
  f.owner.until([&] { return f.done.size() == 1; });
  f.disk.set_room(0);
  std::vector<std::uint64_t> order;
  const std::string large(100'000, 'x');
  REQUIRE(f.store->commit(change(Lane::alarm, 2, large), [&](UtcTime) { order.push_back(2); }));
  f.owner.until([&] { return !f.health.empty(); });
  CHECK(f.health[0].failing);
  CHECK(f.health[0].last_error.fault == Fault::storage_full);
  CHECK(f.health[0].queued >= 1);
  REQUIRE(f.store->commit(change(Lane::alarm, 3, "small"), [&](UtcTime) { order.push_back(3); }));
  CHECK(f.read() == "1 ");
  CHECK(order.empty());
  f.disk.set_room(10 << 20);
  f.owner.until([&] { return order.size() == 2; });
  CHECK(order == std::vector<std::uint64_t>{2, 3});
  f.owner.until([&] { return f.health.size() >= 2; });
  CHECK_FALSE(f.health.back().failing);
  CHECK(f.read() == "1 2 3 ");
}

TEST_CASE("the queue is bounded, and a change that is not taken is not answered") {
  Fixture f(1h);
  std::uint64_t taken = 0;
  f.disk.fail_syncs(true);  // nothing leaves the queue for good
  while (f.store->commit(change(Lane::alarm, taken + 1, "x"), nullptr)) ++taken;
  CHECK(taken >= 65'536);
  CHECK(taken < 65'536 + 2 * 512);  // and what the store thread holds in its hands
  f.disk.fail_syncs(false);
}

TEST_CASE("evicting through the thread is answered") {
  Fixture f;
  std::optional<bool> refused;
  f.store->evict({Lane::alarm, 1, 1, 1}, [&](const Status& status) { refused = !status.has_value(); });
  f.owner.until([&] { return refused.has_value(); });
  CHECK(*refused);
}
