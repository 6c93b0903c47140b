#pragma once
// A gateway around the real UplinkSession: a disk, a clock that may be wrong, crashes, and a check of every
// limit that the session has to keep.

#include <memory>
#include <optional>
#include <set>

#include "sync/session/uplink.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/world.h"

namespace tocsin::simulation {

class Gateway {
 public:
  Gateway(World& world, std::size_t index);
  ~Gateway();

  // What happens to it.
  void write(Lane lane, std::uint64_t count);
  void kill();  // the process; restarts after a second or two
  void power_cut();
  void replace_database();
  void clone_disk();  // goes on with an earlier copy
  void fail_disk(Duration lasts) { disk_fails_until_ = world_.scheduler.time() + lasts; }
  void jump_clock(std::int64_t ms) { wall_offset_ms_ += ms; }
  void heal();

  // The port's answers.
  void on_connected(std::uint64_t connection, std::uint16_t receive_maximum);
  void on_down(std::uint64_t connection);
  void on_published(std::uint64_t connection, std::uint64_t token, std::uint8_t reason);
  void on_message(std::uint64_t connection, const std::string& suffix, const Bytes& payload, bool retained);

  const Disk& disk() const { return disk_; }
  bool resumed() const { return session_ && session_->status(mono()).resumed; }
  bool cloned() const { return cloned_; }

 private:
  struct Pending {
    Lane lane{};
    Bytes body;
  };

  MonoTime mono() const { return MonoTime{world_.scheduler.time() - booted_}; }
  UtcTime wall() const { return world_.utc() + std::chrono::milliseconds{wall_offset_ms_}; }
  bool disk_works() const { return world_.scheduler.time() >= disk_fails_until_; }

  void boot();
  void die();
  void commit_soon();
  void commit();
  void give_up(Lane lane, Disk::Range range, const std::string& why);
  void keep_quota(Lane lane);
  void act(session::Actions actions);
  void act(session::Connect&);
  void act(session::Disconnect&);
  void act(session::Publish& publish);
  void act(session::ReadRecords& read);
  void act(session::MarkAcked& mark);
  void act(session::UnmarkAcked& mark);
  void act(session::StoreTerm& store);
  void act(session::DeliverCommand& command) { check_order(command.signed_bytes); }
  void act(session::DeliverDesired& desired) { check_order(desired.signed_bytes); }
  void act(session::RefuseOrder&) {}  // counted by the session
  void check_order(const Bytes& order);
  void check_flights(const session::Publish& publish);
  void wake_later();
  void wake();
  // Runs later, unless the process died meanwhile.
  void later(Duration delay, Scheduler::Act act);

  World& world_;
  std::size_t index_;
  Disk disk_;
  std::optional<Disk> earlier_copy_;
  bool cloned_ = false;
  std::unique_ptr<session::UplinkSession> session_;

  std::uint64_t life_ = 0;  // of the process
  MonoTime booted_{};
  std::int64_t wall_offset_ms_ = 0;
  MonoTime disk_fails_until_{};
  std::deque<Pending> pending_;
  bool committing_ = false;
  std::uint64_t written_ = 0;

  std::uint64_t connection_ = 0;
  std::set<std::uint64_t> frames_, data_frames_, controls_;  // tokens in flight
  std::optional<MonoTime> wake_at_;
  int wakes_at_once_ = 0;
};

}  // namespace tocsin::simulation
