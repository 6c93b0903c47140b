#include "drivers/io/file_descriptor.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::io {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration last_bytes_gap = 20ms;  // a pause of this length: the late answer is over
constexpr Duration last_bytes_most = 100ms;

Status wait_for(int fd, short event, Duration timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd entry{fd, event, 0};
    const int ready = ::poll(&entry, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready > 0 && (entry.revents & event) != 0) return {};
    if (ready > 0) return fail(Fault::io, "the line is gone", EIO);
    if (ready == 0) return fail(Fault::timeout, "nothing in " + to_string(timeout));
    if (errno != EINTR) return system_error("poll", errno);
  }
}

}  // namespace

void FileDescriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Error system_error(const std::string& what, int code, Fault fault) {
  return fail(fault, what + ": " + std::strerror(code), code);
}

Status wait_readable(int fd, Duration timeout) {
  return wait_for(fd, POLLIN, timeout);
}
Status wait_writable(int fd, Duration timeout) {
  return wait_for(fd, POLLOUT, timeout);
}

Result<std::size_t> bytes_waiting(int fd) {
  int count = 0;
  if (::ioctl(fd, FIONREAD, &count) != 0) return system_error("look for waiting bytes", errno);
  return static_cast<std::size_t>(count);
}

Result<Bytes> read_some(int fd, Duration timeout) {
  if (auto ready = wait_readable(fd, timeout); !ready) return ready.error();
  std::array<std::uint8_t, 512> buffer{};
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  if (count > 0) return Bytes(buffer.begin(), buffer.begin() + count);
  if (count == 0) return fail(Fault::unreachable, "the other end closed the connection", ECONNRESET);
  return system_error("read", errno);
}

Status write_all(int fd, ByteView bytes, Duration timeout) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      continue;
    }
    if (count < 0 && errno != EAGAIN && errno != EINTR) return system_error("write", errno);
    if (auto ready = wait_writable(fd, timeout); !ready) return ready.error();
  }
  return {};
}

Status discard_input(int fd, Duration quiet) {
  const auto end = Clock::now() + quiet;
  const auto last = end + last_bytes_most;
  auto until = end;
  while (Clock::now() < until) {
    const auto got = read_some(fd, std::chrono::duration_cast<Duration>(until - Clock::now()));
    if (!got && got.error().fault == Fault::timeout) break;
    if (!got) return got.error();
    until = std::min(last, std::max(end, Clock::now() + last_bytes_gap));
  }
  return {};
}

}  // namespace tocsin::io
