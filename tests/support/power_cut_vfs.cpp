#include "tests/support/power_cut_vfs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tocsin::test {
namespace {

constexpr std::uint64_t sector = 512;

Bytes content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

bool PowerCutVfs::step() {
  ++changes_;
  return !is_cut();
}

PowerCutVfs::File& PowerCutVfs::file(const std::string& name) {
  const auto [entry, is_new] = files_.try_emplace(name);
  if (is_new) {
    entry->second.synced = content_of(name);
    entry->second.size = entry->second.synced.size();
  }
  return entry->second;
}

int PowerCutVfs::opened(const std::string& name) {
  file(name);
  return is_cut() ? SQLITE_IOERR : SQLITE_OK;
}

int PowerCutVfs::write(const std::string& name, std::uint64_t offset, ByteView data) {
  if (is_cut()) return SQLITE_IOERR_WRITE;
  File& target = file(name);
  const std::uint64_t end = offset + data.size();
  const std::uint64_t growth = end > target.size ? end - target.size : 0;
  if (growth > room_) return SQLITE_FULL;
  const bool powered = step();
  target.since.push_back({false, offset, Bytes(data.begin(), data.end())});  // the last write may be torn
  if (!powered) return SQLITE_IOERR_WRITE;
  if (room_ != never) room_ -= growth;
  target.size += growth;
  return SQLITE_OK;
}

int PowerCutVfs::sync(const std::string& name) {
  if (!step()) return SQLITE_IOERR_FSYNC;
  File& target = file(name);
  if (++syncs_ == fail_sync_at_ || fail_syncs_) {
    target.since.clear();  // the kernel calls these pages clean now: no later sync writes them
    return SQLITE_IOERR_FSYNC;
  }
  for (const Change& change : target.since) apply(change, target.synced);
  target.since.clear();
  return SQLITE_OK;
}

int PowerCutVfs::truncate(const std::string& name, std::uint64_t size) {
  if (!step()) return SQLITE_IOERR_TRUNCATE;
  File& target = file(name);
  target.since.push_back({true, size, {}});
  if (room_ != never && target.size > size) room_ += target.size - size;
  target.size = std::min(target.size, size);
  return SQLITE_OK;
}

int PowerCutVfs::remove(const std::string& name) {
  if (!step()) return SQLITE_IOERR_DELETE;
  files_.erase(name);
  return SQLITE_OK;
}

void PowerCutVfs::apply(const Change& change, Bytes& content) {
  if (change.truncates) {
    if (change.at < content.size()) content.resize(change.at);
    return;
  }
  if (change.at + change.data.size() > content.size()) content.resize(change.at + change.data.size());
  std::copy(change.data.begin(), change.data.end(), content.begin() + static_cast<std::ptrdiff_t>(change.at));
}

// None of the later changes, all of them, or any sectors of them: each a third.
Bytes PowerCutVfs::content_after_cut(const File& file) {
  Bytes content = file.synced;
  const std::uint64_t mood = random_() % 3;
  if (mood == 0) return content;
  for (const Change& change : file.since) {
    if (change.truncates) {
      if (mood == 1 || random_() % 2 == 0) apply(change, content);
      continue;
    }
    for (std::uint64_t done = 0; done < change.data.size();) {
      const std::uint64_t at = change.at + done;
      const std::uint64_t part = std::min(sector - at % sector, change.data.size() - done);
      const auto from = change.data.begin() + static_cast<std::ptrdiff_t>(done);
      if (mood == 1 || random_() % 2 == 0)
        apply({false, at, Bytes(from, from + static_cast<std::ptrdiff_t>(part))}, content);
      done += part;
    }
  }
  return content;
}

void PowerCutVfs::restore() {
  for (const auto& [name, content] : files_) {
    const Bytes left = content_after_cut(content);
    std::ofstream out(name, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(left.data()), static_cast<std::streamsize>(left.size()));
  }
  files_.clear();
}

}  // namespace tocsin::test
