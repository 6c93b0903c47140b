#include "tests/bench/slave_bank.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pty.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/bytes/checksum.h"

namespace tocsin::bench {
namespace {

constexpr std::size_t tcp_request = 12;  // MBAP header and function 3
constexpr std::size_t rtu_request = 8;
constexpr int bits_per_character = 11;
constexpr int fast_baud = 19200;  // above: 1.75 ms of silence

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void sleep_until(std::int64_t ns) {
  const timespec at{ns / 1'000'000'000, ns % 1'000'000'000};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

// False when this unit does not answer.
bool note(SlaveCounts& counts, std::uint8_t unit) {
  auto& one = counts.unit[unit];
  const std::int64_t now = now_ns();
  const std::int64_t last = one.last_ns.exchange(now);
  const std::int64_t period = counts.period_ns;
  if (one.first_ns == 0) one.first_ns = now;
  if (period > 0 && last > 0) {
    const std::int64_t gap = (now - last + period / 2) / period;  // in periods
    if (gap > 1) one.missed += static_cast<std::uint64_t>(gap - 1);
  }
  if (counts.silent_unit == unit) return false;
  ++one.requests;
  ++counts.requests;
  return true;
}

void serve_connection(SlaveCounts& counts, int fd) {
  std::uint8_t request[tcp_request];
  const ssize_t size = ::recv(fd, request, sizeof request, 0);
  if (size <= 0) {
    ::close(fd);
    return;
  }
  if (size != static_cast<ssize_t>(sizeof request) || !note(counts, request[6])) return;
  const std::size_t data = static_cast<std::size_t>(request[10] << 8 | request[11]) * 2;
  std::uint8_t answer[9 + 250] = {request[0], request[1], 0,
                                  0,          0,          static_cast<std::uint8_t>(3 + data),
                                  request[6], request[7], static_cast<std::uint8_t>(data)};
  (void)!::send(fd, answer, 9 + std::min<std::size_t>(data, 250), MSG_NOSIGNAL);
}

[[noreturn]] void serve_tcp(SlaveCounts& counts, int listener) {
  const int poll = ::epoll_create1(0);
  epoll_event interest{EPOLLIN, {}};
  interest.data.fd = listener;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &interest);
  while (true) {
    epoll_event ready[64];
    const int count = ::epoll_wait(poll, ready, 64, -1);
    for (int i = 0; i < count; ++i) {
      if (ready[i].data.fd != listener) {
        serve_connection(counts, ready[i].data.fd);
        continue;
      }
      const int fd = ::accept(listener, nullptr, nullptr);
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      interest.data.fd = fd;
      ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &interest);
    }
  }
}

[[noreturn]] void serve_line(SlaveCounts& counts, int master, int baud) {
  const std::int64_t character = std::int64_t{1'000'000'000} * bits_per_character / baud;
  const std::int64_t silence = baud > fast_baud ? 1'750'000 : character * 7 / 2;
  std::int64_t line_free = 0;
  std::vector<std::uint8_t> input;
  while (true) {
    std::uint8_t buffer[256];
    const ssize_t size = ::read(master, buffer, sizeof buffer);
    if (size <= 0) std::_Exit(0);
    input.insert(input.end(), buffer, buffer + size);
    if (input.size() < rtu_request) continue;
    const std::vector<std::uint8_t> request(input.begin(), input.begin() + rtu_request);
    input.clear();
    const std::int64_t start = std::max(now_ns(), line_free + silence);
    const std::int64_t request_end = start + character * static_cast<std::int64_t>(rtu_request);
    if (!note(counts, request[0])) {
      line_free = request_end;
      continue;
    }
    std::vector<std::uint8_t> answer{request[0], request[1], static_cast<std::uint8_t>(2 * request[5])};
    answer.resize(3 + answer[2]);
    const std::uint16_t crc = bytes::crc16_modbus(answer);
    answer.push_back(static_cast<std::uint8_t>(crc));
    answer.push_back(static_cast<std::uint8_t>(crc >> 8));
    line_free = request_end + silence + character * static_cast<std::int64_t>(answer.size());
    sleep_until(line_free);
    (void)!::write(master, answer.data(), answer.size());
  }
}

pid_t fork_child() {
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("cannot fork");
  if (pid == 0) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

}  // namespace

void SlaveCounts::clear() {
  for (Unit& one : unit) one.requests = 0, one.last_ns = 0, one.missed = 0, one.first_ns = 0;
  requests = 0;
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (cpu < 0 || i == cpu) CPU_SET(i, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

SlaveBank::SlaveBank() {
  void* memory =
      ::mmap(nullptr, sizeof(SlaveCounts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
  counts_ = new (memory) SlaveCounts{};
}

SlaveBank::SlaveBank(SlaveBank&& other) noexcept
    : counts_(std::exchange(other.counts_, nullptr)),
      port_(std::move(other.port_)),
      pid_(std::exchange(other.pid_, -1)),
      terminal_(std::exchange(other.terminal_, -1)) {}

SlaveBank::~SlaveBank() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (terminal_ >= 0) ::close(terminal_);
  if (counts_ != nullptr) ::munmap(counts_, sizeof(SlaveCounts));
}

SlaveBank SlaveBank::on_tcp(int cpu) {
  SlaveBank bank;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 256) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no loopback port");
  bank.port_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  bank.pid_ = fork_child();
  if (bank.pid_ == 0) {
    pin_to(cpu);
    serve_tcp(*bank.counts_, listener);
  }
  ::close(listener);
  return bank;
}

SlaveBank SlaveBank::on_line(int baud) {
  SlaveBank bank;
  int master = -1;
  char name[128];
  termios raw{};
  ::cfmakeraw(&raw);
  if (::openpty(&master, &bank.terminal_, name, &raw, nullptr) != 0) throw std::runtime_error("no terminal");
  bank.port_ = name;
  bank.pid_ = fork_child();
  if (bank.pid_ == 0) {
    ::prctl(PR_SET_TIMERSLACK, 1);
    serve_line(*bank.counts_, master, baud);
  }
  ::close(master);
  return bank;
}

}  // namespace tocsin::bench
