#include "cloud/store/store_thread.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace tocsin::cloud {
namespace {

constexpr std::size_t max_waiting = 8192;   // over all urgencies
constexpr std::size_t max_per_group = 256;  // jobs of one transaction
constexpr std::chrono::milliseconds max_group_time{20};

struct Job {
  std::function<void(Store&)> work;
  std::function<void(Status)> done;
};

}  // namespace

struct StoreThread::Impl {
  std::unique_ptr<Store> store;
  Post post;
  Status last;  // owner's thread

  std::mutex mutex;  // guards waiting, count and stopping
  std::condition_variable wake;
  std::array<std::deque<Job>, 3> waiting;
  std::size_t count = 0;
  bool stopping = false;
  std::thread thread;

  void run();
  bool take(std::size_t urgency, std::vector<Job>& group);
  bool more_urgent(std::size_t urgency);
  void execute(std::size_t urgency, std::vector<Job> group);
  void answer(std::vector<Job> group, const Status& status);
};

void StoreThread::Impl::run() {
  for (;;) {
    std::vector<Job> group;
    std::size_t urgency = 0;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return count > 0 || stopping; });
      if (count == 0) return;
      while (waiting[urgency].empty()) ++urgency;
    }
    take(urgency, group);
    execute(urgency, std::move(group));
  }
}

bool StoreThread::Impl::take(std::size_t urgency, std::vector<Job>& group) {
  const std::lock_guard lock(mutex);
  if (waiting[urgency].empty()) return false;
  group.push_back(std::move(waiting[urgency].front()));
  waiting[urgency].pop_front();
  --count;
  return true;
}

bool StoreThread::Impl::more_urgent(std::size_t urgency) {
  const std::lock_guard lock(mutex);
  for (std::size_t i = 0; i < urgency; ++i)
    if (!waiting[i].empty()) return true;
  return false;
}

// Takes more jobs into the transaction while it runs, until it is long enough or something more urgent waits.
void StoreThread::Impl::execute(std::size_t urgency, std::vector<Job> group) {
  const auto end = std::chrono::steady_clock::now() + max_group_time;
  const Status status = store->transact([&] {
    for (std::size_t i = 0; i < group.size(); ++i) {
      group[i].work(*store);
      const bool room = group.size() < max_per_group && std::chrono::steady_clock::now() < end;
      if (i + 1 == group.size() && room && !more_urgent(urgency)) take(urgency, group);
    }
  });
  if (status || group.size() == 1) return answer(std::move(group), status);
  for (Job& job : group) {  // one of them may be the reason: the others must not suffer for it
    std::vector<Job> alone;
    alone.push_back(std::move(job));
    const Status own = store->transact([&] { alone.front().work(*store); });
    answer(std::move(alone), own);
  }
}

void StoreThread::Impl::answer(std::vector<Job> group, const Status& status) {
  auto shared = std::make_shared<std::vector<Job>>(std::move(group));
  post([this, shared, status] {
    last = status;
    for (Job& job : *shared) job.done(status);
  });
}

StoreThread::StoreThread(std::unique_ptr<Store> store, Post post) : impl_(std::make_unique<Impl>()) {
  impl_->store = std::move(store);
  impl_->post = std::move(post);
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

StoreThread::~StoreThread() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

bool StoreThread::submit(Urgency urgency, std::function<void(Store&)> work,
                         std::function<void(Status)> done) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->count >= max_waiting) return false;
    impl_->waiting[static_cast<std::size_t>(urgency)].push_back({std::move(work), std::move(done)});
    ++impl_->count;
  }
  impl_->wake.notify_one();
  return true;
}

Status StoreThread::health() const {
  return impl_->last;
}

}  // namespace tocsin::cloud
