#pragma once
// A disk that loses power, syncs with errors or is full, below SQLite. It lets every call through to real
// files and remembers what had been synced; after the cut, restore() gives each file a content that a real
// disk might have: what was synced, and of the later writes any 512-byte sectors. From a seed.

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "sync/outbox/vfs_tap.h"

namespace tocsin::test {

class PowerCutVfs final : public outbox::Tap {
 public:
  explicit PowerCutVfs(std::uint64_t seed = 1) : random_(seed), vfs_(*this, "") {}

  const std::string& name() const { return vfs_.name(); }  // for Options::vfs

  // The n-th change from now (1: the next write, sync, truncation or removal) finds no power, and so does all
  // after it.
  void cut_at(std::uint64_t n) { cut_at_ = changes_ + n; }
  bool is_cut() const { return changes_ >= cut_at_; }
  void restore();

  void fail_sync_at(std::uint64_t n) { fail_sync_at_ = syncs_ + n; }  // once, with SQLITE_IOERR_FSYNC
  void fail_syncs(bool fail) { fail_syncs_ = fail; }                  // each of them
  void set_room(std::uint64_t bytes) { room_ = bytes; }  // files may grow by so much, then SQLITE_FULL

  std::uint64_t changes() const { return changes_; }
  std::uint64_t syncs() const { return syncs_; }

  int opened(const std::string& file) override;
  int write(const std::string& file, std::uint64_t offset, ByteView data) override;
  int sync(const std::string& file) override;
  int truncate(const std::string& file, std::uint64_t size) override;
  int remove(const std::string& file) override;

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  struct Change {
    bool truncates = false;
    std::uint64_t at = 0;  // offset, or the new size
    Bytes data;
  };
  struct File {
    Bytes synced;
    std::vector<Change> since;
    std::uint64_t size = 0;  // as written
  };

  bool step();  // counts a change; false when there is no power
  File& file(const std::string& name);
  Bytes content_after_cut(const File& file);
  static void apply(const Change& change, Bytes& content);

  std::mt19937_64 random_;
  std::map<std::string, File> files_;
  std::uint64_t changes_ = 0, syncs_ = 0;
  std::uint64_t cut_at_ = never, fail_sync_at_ = never;
  std::atomic<std::uint64_t> room_ = never;  // these two are also set while a store thread works
  std::atomic<bool> fail_syncs_ = false;
  outbox::TappedVfs vfs_;
};

}  // namespace tocsin::test
