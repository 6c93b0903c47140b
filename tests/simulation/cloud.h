#pragma once
// The cloud around the real IngestSession: a database with commits that take time and fail, backups, crashes,
// and a second owner that takes over while the first still believes it is one.

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sync/session/ingest.h"
#include "tests/simulation/world.h"

namespace tocsin::simulation {

class Cloud {
 public:
  explicit Cloud(World& world);
  ~Cloud();

  void on_message(std::size_t gateway, const std::string& suffix, const Bytes& payload);
  bool listens() const { return !processes_.empty(); }
  void send_order(std::size_t gateway, std::uint64_t kind);
  bool sent_order(std::size_t gateway, const Bytes& order) const {
    return orders_.contains({gateway, order});
  }

  // What happens to it.
  void crash(Duration away);
  void fail_over(Duration overlap);  // a new owner; the old one goes on for a while
  void back_up() { backup_ = database_; }
  void restore(Duration away);  // from the last backup, if there is one
  void be_slow(Duration lasts) { slow_until_ = world_.scheduler.time() + lasts; }
  void fail_disk(Duration lasts) { disk_fails_until_ = world_.scheduler.time() + lasts; }
  void heal();

  CloudRows& rows() { return database_.rows; }
  bool was_restored() const { return restored_; }
  bool conflict(std::size_t gateway) const;
  bool silent(std::size_t gateway) const { return silent_.contains(gateway); }

 private:
  struct Database {
    CloudRows rows;
    std::map<std::size_t, session::GatewayState> gateways;
    std::uint64_t term = 0;
  };
  struct Process {
    std::uint64_t term = 0;
    std::vector<std::unique_ptr<session::IngestSession>> sessions;
    MonoTime commit_order{};
  };
  using Owner = std::shared_ptr<Process>;

  void start();
  void stop(const Owner& owner);
  bool runs(const Owner& owner) const;
  void tick();
  void act(const Owner& owner, std::size_t gateway, session::IngestActions actions);
  void act(const Owner& owner, std::size_t gateway, session::StoreRecords& change);
  void act(const Owner& owner, std::size_t gateway, session::StoreIdentity& change);
  void act(const Owner&, std::size_t gateway, session::ApplyNow& now) {
    world_.oracle.applied_now(gateway, now);
  }
  void act(const Owner&, std::size_t gateway, session::Reply& reply);
  void act(const Owner& owner, std::size_t gateway, session::Silence& silence);
  void act(const Owner&, std::size_t gateway, session::IdentityConflict&) { conflicts_.insert(gateway); }
  void act(const Owner&, std::size_t, session::ActiveNow&) {}
  // Runs `change` on the database and answers the session, unless the owner died or lost its term meanwhile.
  void commit(const Owner& owner, std::size_t gateway, std::uint64_t ticket, std::function<bool()> change);
  void store(std::size_t gateway, session::StoreRecords change, bool& conflict);
  void sabotage(session::StoreRecords& change);

  World& world_;
  Database database_;
  std::optional<Database> backup_;
  std::vector<Owner> processes_;  // the newest last; all hear every message
  bool restored_ = false;         // ever
  bool starts_restored_ = false;
  MonoTime slow_until_{}, disk_fails_until_{};
  std::uint64_t starts_ = 0;
  std::set<std::pair<std::size_t, Bytes>> orders_;
  std::set<std::size_t> conflicts_, silent_;
};

}  // namespace tocsin::simulation
