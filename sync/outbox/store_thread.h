#pragma once
// The one thread that owns an Outbox. Callers are on the program's Asio thread; answers are posted back to
// it. Changes that arrive while a commit runs share the next one. A commit that fails stays first in line and
// is tried again every second; nothing overtakes it, so the order of a lane never breaks.

#include <functional>
#include <memory>
#include <vector>

#include "sync/outbox/outbox.h"

namespace tocsin::outbox {

// Runs a function on the owner's thread, for example asio::post(io, f).
using Post = std::function<void(std::function<void()>)>;

struct StoreHealth {
  bool failing = false;  // the last commit failed; changes wait in memory
  Error last_error;
  std::size_t queued = 0;  // changes waiting for a commit
};

class StoreThread {
 public:
  // `wall` gives UTC for the stored time. group_wait: how long a first change may wait for others (0 for
  // alarm.db).
  StoreThread(std::unique_ptr<Outbox> outbox, Post post, std::function<UtcTime()> wall, Duration group_wait);
  ~StoreThread();  // commits what is queued, then joins

  // `done` runs on the owner's thread after the commit; the records are durable then. false: the queue is
  // full (65,536 changes) and nothing was taken.
  bool commit(Change change, std::function<void(UtcTime stored)> done);
  void read(Lane lane, std::uint64_t from, std::size_t max_records, std::size_t max_bytes,
            std::function<void(Result<std::vector<Record>>)> done);
  void mark_acked(Lane lane, std::uint64_t upto);
  void unmark_acked(Lane lane, std::uint64_t upto);
  void evict(Outbox::EvictionPlan plan, std::function<void(Status)> done);
  void inspect(std::function<void(const Usage&, std::optional<Outbox::EvictionPlan>)> done);

  // Called on the owner's thread whenever failing starts, its error changes, or it ends.
  void on_health(std::function<void(const StoreHealth&)> listener);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::outbox
