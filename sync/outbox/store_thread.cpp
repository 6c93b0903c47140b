#include "sync/outbox/store_thread.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace tocsin::outbox {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_queued_changes = 65'536;
constexpr std::size_t max_queued_tasks = 4'096;
constexpr std::size_t max_group_changes = 512;
constexpr std::size_t max_group_bytes = 1 << 20;
constexpr auto retry_after = std::chrono::seconds(1);
constexpr auto trim_every = std::chrono::seconds(60);

struct Waiting {
  Change change;
  std::function<void(UtcTime)> done;
  Clock::time_point since;
};

std::size_t size_of(const Change& change) {
  std::size_t bytes = 0;
  for (const auto& [lane, record] : change.records) bytes += record.body.size();
  for (const StatePut& put : change.state) bytes += put.body.size();
  return bytes;
}

}  // namespace

struct StoreThread::Impl {
  // Touched on the owner's thread only, by functions posted there; these may still come when the StoreThread
  // is gone.
  struct Listener {
    std::function<void(const StoreHealth&)> call;
  };
  using Task = std::function<void(Outbox&)>;

  std::unique_ptr<Outbox> outbox;
  Post post;
  std::function<UtcTime()> wall;
  Clock::duration group_wait;
  std::shared_ptr<Listener> listener = std::make_shared<Listener>();

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Waiting> changes;  // with `tasks` and `stopping`: under the mutex
  std::deque<Task> tasks;
  bool stopping = false;

  std::deque<Waiting>
      group;  // store thread only, from here on: the changes of the commit that runs or is tried again
  StoreHealth health;
  Clock::time_point retry_at{};
  Clock::time_point trim_at{};
  std::thread thread;

  void run();
  void take_group();
  void commit_group();
  void report(const Status& committed);
  bool add_task(Task task);
  bool commit_due(Clock::time_point now) const;
  Clock::time_point next_due() const;
};

bool StoreThread::Impl::commit_due(Clock::time_point now) const {
  if (!group.empty()) return now >= retry_at || stopping;
  if (changes.empty()) return false;
  return stopping || changes.size() >= max_group_changes || now >= changes.front().since + group_wait;
}

Clock::time_point StoreThread::Impl::next_due() const {
  if (!group.empty()) return retry_at;
  if (!changes.empty()) return changes.front().since + group_wait;
  return trim_at;
}

void StoreThread::Impl::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    const Clock::time_point now = Clock::now();
    if (commit_due(now)) {
      const bool last_try = stopping;
      if (group.empty()) take_group();
      lock.unlock();
      commit_group();
      lock.lock();
      if (last_try && !group.empty()) return;  // it fails, and nobody is there to wait for it
    }
    if (!tasks.empty()) {
      const Task task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task(*outbox);
      lock.lock();
      continue;
    }
    if (stopping && changes.empty() && group.empty()) return;
    if (now >= trim_at && !stopping) {
      trim_at = now + trim_every;
      lock.unlock();
      static_cast<void>(
          outbox->trim(wall()));  // a failure comes again with the next commit, and is reported there
      lock.lock();
      continue;
    }
    const bool idle = !commit_due(Clock::now()) && tasks.empty() && !stopping;
    if (idle) wake.wait_until(lock, next_due());
  }
}

void StoreThread::Impl::take_group() {
  std::size_t bytes = 0;
  while (!changes.empty() && group.size() < max_group_changes && bytes < max_group_bytes) {
    bytes += size_of(changes.front().change);
    group.push_back(std::move(changes.front()));
    changes.pop_front();
  }
}

void StoreThread::Impl::commit_group() {
  std::vector<Change> together;
  together.reserve(group.size());
  for (Waiting& waiting : group) together.push_back(std::move(waiting.change));
  const UtcTime stored = wall();
  const Status committed = outbox->commit(together, stored);
  if (!committed) {
    for (std::size_t i = 0; i < group.size(); ++i) group[i].change = std::move(together[i]);
    retry_at = Clock::now() + retry_after;
    report(committed);
    return;
  }
  std::vector<std::function<void(UtcTime)>> callbacks;
  for (Waiting& waiting : group) {
    if (waiting.done) callbacks.push_back(std::move(waiting.done));
  }
  group.clear();
  post([callbacks = std::move(callbacks), stored] {
    for (const auto& done : callbacks) done(stored);
  });
  report(outbox->upkeep());
}

// Tells the listener when failing starts, its error changes, or it ends.
void StoreThread::Impl::report(const Status& committed) {
  const bool failing = !committed;
  const Error error = failing ? committed.error() : Error{};
  const bool changed = failing != health.failing || (failing && error != health.last_error);
  if (!changed) return;
  health.failing = failing;
  health.last_error = error;
  {
    const std::lock_guard lock(mutex);
    health.queued = changes.size() + group.size();
  }
  post([listener = listener, health = health] {
    if (listener->call) listener->call(health);
  });
}

bool StoreThread::Impl::add_task(Task task) {
  {
    const std::lock_guard lock(mutex);
    if (tasks.size() >= max_queued_tasks) return false;
    tasks.push_back(std::move(task));
  }
  wake.notify_one();
  return true;
}

StoreThread::StoreThread(std::unique_ptr<Outbox> outbox, Post post, std::function<UtcTime()> wall,
                         Duration group_wait)
    : impl_(std::make_unique<Impl>()) {
  impl_->outbox = std::move(outbox);
  impl_->post = std::move(post);
  impl_->wall = std::move(wall);
  impl_->group_wait = group_wait;
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

StoreThread::~StoreThread() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
  impl_->listener->call = nullptr;
}

bool StoreThread::commit(Change change, std::function<void(UtcTime stored)> done) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->changes.size() >= max_queued_changes) return false;
    impl_->changes.push_back({std::move(change), std::move(done), Clock::now()});
  }
  impl_->wake.notify_one();
  return true;
}

void StoreThread::read(Lane lane, std::uint64_t from, std::size_t max_records, std::size_t max_bytes,
                       std::function<void(Result<std::vector<Record>>)> done) {
  const bool taken = impl_->add_task([=, post = impl_->post](Outbox& outbox) {
    auto records =
        std::make_shared<Result<std::vector<Record>>>(outbox.read(lane, from, max_records, max_bytes));
    post([done, records] { done(std::move(*records)); });
  });
  if (!taken) impl_->post([done] { done(fail(Fault::refused, "the store has too much to do")); });
}

// An ack that finds the queue full is forgotten: the cloud acks cumulatively, and again at the next resume.
void StoreThread::mark_acked(Lane lane, std::uint64_t upto) {
  impl_->add_task([=, impl = impl_.get()](Outbox& outbox) {
    static_cast<void>(outbox.mark_acked(lane, upto, impl->wall()));
  });
}

void StoreThread::unmark_acked(Lane lane, std::uint64_t upto) {
  impl_->add_task([=](Outbox& outbox) { static_cast<void>(outbox.unmark_acked(lane, upto)); });
}

void StoreThread::evict(Outbox::EvictionPlan plan, std::function<void(Status)> done) {
  const bool taken = impl_->add_task([=, impl = impl_.get()](Outbox& outbox) {
    const Status evicted = outbox.evict(plan);
    if (evicted) impl->retry_at = {};  // there is room now
    impl->post([done, evicted] { done(evicted); });
  });
  if (!taken) impl_->post([done] { done(fail(Fault::refused, "the store has too much to do")); });
}

void StoreThread::inspect(std::function<void(const Usage&, std::optional<Outbox::EvictionPlan>)> done) {
  impl_->add_task([done, impl = impl_.get()](Outbox& outbox) {
    impl->post([done, usage = outbox.usage(), plan = outbox.plan_eviction()] { done(usage, plan); });
  });
}

void StoreThread::on_health(std::function<void(const StoreHealth&)> listener) {
  impl_->listener->call = std::move(listener);
}

}  // namespace tocsin::outbox
