#pragma once
// The few things about files that must survive a power cut and are not SQLite's.

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result/result.h"

namespace tocsin::outbox {

// The file has either its old or the new content: written beside, synced, renamed, and the folder synced.
Status write_synced(const std::filesystem::path& file, std::string_view content);
Status rename_synced(const std::filesystem::path& from, const std::filesystem::path& to);
Result<std::string> read_small(const std::filesystem::path& file);  // at most 64 KiB; Fault::not_found

// 1 MiB of real blocks beside the database, given back when the disk is full so that eviction has room to
// work: deleting rows needs space in the WAL.
class Reserve {
 public:
  explicit Reserve(std::filesystem::path file) : file_(std::move(file)) {}
  void keep();     // allocates it when it is not there; no room is no error
  bool release();  // true when there was something to give back

 private:
  std::filesystem::path file_;
};

}  // namespace tocsin::outbox
