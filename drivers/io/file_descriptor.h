#pragma once
// An open file descriptor, closed when it goes; and waiting for it. Any one thread at a time.

#include <utility>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::io {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close();
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// An io error with errno and its text: "cannot open /dev/ttyS1: No such device".
Error system_error(const std::string& what, int code, Fault fault = Fault::io);

// Fault timeout, or io when the other end is gone.
Status wait_readable(int fd, Duration timeout);
Status wait_writable(int fd, Duration timeout);
Result<std::size_t> bytes_waiting(int fd);
// At least one byte; unreachable when the other end is gone.
Result<Bytes> read_some(int fd, Duration timeout);
Status write_all(int fd, ByteView bytes, Duration timeout);
// Discards what comes within `quiet`, and the rest of what is still coming then (at most 100 ms more).
Status discard_input(int fd, Duration quiet);

}  // namespace tocsin::io
