#pragma once
// The one thread that owns the Store. Callers are on the program's Asio thread; answers are posted back to
// it. Jobs of one urgency that wait together share a transaction; alarms go before queued data, and a
// transaction ends after 20 ms.

#include <functional>
#include <memory>

#include "cloud/store/store.h"

namespace tocsin::cloud {

enum class Urgency : std::uint8_t { alarm, normal, data };

// Runs a function on the owner's thread, for example asio::post(io, f).
using Post = std::function<void(std::function<void()>)>;

class StoreThread {
 public:
  StoreThread(std::unique_ptr<Store> store, Post post);
  ~StoreThread();  // finishes what is queued, then joins; answers that were not posted yet are dropped by the
                   // owner

  // `work` runs inside a transaction on the store thread, a second time when its first transaction failed
  // with others: it starts from nothing each time. `done` runs on the owner's thread after the commit, with
  // its Error when nothing was stored. false: 8192 jobs wait already and this one was not taken.
  bool submit(Urgency urgency, std::function<void(Store&)> work, std::function<void(Status)> done);

  // Owner's thread: the Error of the last transaction, or success.
  Status health() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::cloud
