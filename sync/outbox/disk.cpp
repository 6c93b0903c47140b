#include "sync/outbox/disk.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace tocsin::outbox {
namespace {

constexpr off_t reserve_bytes = 1 << 20;
constexpr std::size_t small_file_bytes = 64 * 1024;

// A file descriptor that is closed at the end of its scope.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& file, int flags)
      : fd_(::open(file.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool ok() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

Error os_error(const std::string& what, const std::filesystem::path& file) {
  const int code = errno;
  return fail(code == ENOSPC || code == EDQUOT ? Fault::storage_full : Fault::storage,
              what + " " + file.string() + ": " + std::strerror(code), code);
}

Status sync_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor fd(folder, O_RDONLY | O_DIRECTORY);
  if (!fd.ok() || ::fsync(fd.get()) != 0) return os_error("cannot sync", folder);
  return {};
}

}  // namespace

Status write_synced(const std::filesystem::path& file, std::string_view content) {
  std::filesystem::path beside = file;
  beside += ".tmp";
  {
    const Descriptor fd(beside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd.ok()) return os_error("cannot create", beside);
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written != static_cast<ssize_t>(content.size())) {
      if (written >= 0) errno = ENOSPC;  // a short write on a regular file has no other cause
      return os_error("cannot write", beside);
    }
    if (::fsync(fd.get()) != 0) return os_error("cannot sync", beside);
  }
  return rename_synced(beside, file);
}

Status rename_synced(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return os_error("cannot rename", from);
  return sync_folder_of(to);
}

Result<std::string> read_small(const std::filesystem::path& file) {
  const Descriptor fd(file, O_RDONLY);
  if (!fd.ok())
    return errno == ENOENT ? fail(Fault::not_found, file.string()) : os_error("cannot open", file);
  std::string content;
  std::array<char, 4096> part{};
  while (content.size() < small_file_bytes) {
    const ssize_t got = ::read(fd.get(), part.data(), part.size());
    if (got < 0) return os_error("cannot read", file);
    if (got == 0) return content;
    content.append(part.data(), static_cast<std::size_t>(got));
  }
  return fail(Fault::storage, file.string() + " is too long");
}

void Reserve::keep() {
  std::error_code ignored;
  if (std::filesystem::file_size(file_, ignored) == reserve_bytes) return;
  const Descriptor fd(file_, O_WRONLY | O_CREAT);
  if (fd.ok() && ::posix_fallocate(fd.get(), 0, reserve_bytes) != 0) std::filesystem::remove(file_, ignored);
}

bool Reserve::release() {
  std::error_code ignored;
  return std::filesystem::remove(file_, ignored);
}

}  // namespace tocsin::outbox
