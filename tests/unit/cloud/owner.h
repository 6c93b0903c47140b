#pragma once
// The owner's thread of a test of the store thread.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "cloud/store/store_thread.h"

namespace tocsin::cloud::samples {

// The owner's thread of the test: runs what the store thread posts, one by one.
class Owner {
 public:
  Post post() {
    return [this](std::function<void()> f) {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(f));
      wake_.notify_one();
    };
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !posted_.empty(); });
    const auto f = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    f();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> posted_;
};

}  // namespace tocsin::cloud::samples
