#include "tests/support/fault_slave.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

namespace tocsin::test {

namespace {

std::uint16_t crc_of(const std::vector<std::uint8_t>& bytes) {
  std::uint16_t crc = 0xffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = static_cast<std::uint16_t>(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
  }
  return crc;
}

int open_terminal(std::string& port) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0)
    throw std::runtime_error("no pseudo terminal");
  termios raw{};
  ::tcgetattr(master, &raw);
  ::cfmakeraw(&raw);
  ::tcsetattr(master, TCSANOW, &raw);
  port = ::ptsname(master);
  return master;
}

int open_listener(std::string& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 8) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no loopback port");
  port = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  return fd;
}

bool readable(int fd, int timeout_ms) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, timeout_ms) > 0 && (entry.revents & POLLIN) != 0;
}

bool hung_up(int fd) {
  pollfd entry{fd, POLLRDHUP, 0};
  return ::poll(&entry, 1, 0) > 0;
}

constexpr int look_around_ms = 10;

}  // namespace

FaultSlave::FaultSlave(Link link)
    : link_(link),
      listener_(link == Link::rtu ? open_terminal(port_) : open_listener(port_)),
      thread_([this] { run(); }) {}

FaultSlave::~FaultSlave() {
  unplug();
}

void FaultSlave::unplug() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void FaultSlave::plug_in() {
  stopping_ = false;
  listener_ = open_terminal(port_);
  thread_ = std::thread([this] { run(); });
}

void FaultSlave::set_bit(int unit, int address, bool on) {
  const std::lock_guard lock(mutex_);
  memory_[{unit, true, address}] = on;
}

void FaultSlave::set_register(int unit, int address, std::uint16_t value) {
  const std::lock_guard lock(mutex_);
  memory_[{unit, false, address}] = value;
}

std::uint16_t FaultSlave::get(int unit, bool bit, int address) const {
  const std::lock_guard lock(mutex_);
  const auto found = memory_.find({unit, bit, address});
  return found == memory_.end() ? std::uint16_t{0} : found->second;
}

void FaultSlave::remove_unit(int unit) {
  const std::lock_guard lock(mutex_);
  std::erase_if(memory_, [unit](const auto& cell) { return std::get<0>(cell.first) == unit; });
}

void FaultSlave::play(Trick trick, Duration delay, int times, int unit) {
  const std::lock_guard lock(mutex_);
  acts_.insert(acts_.end(), static_cast<std::size_t>(times), Act{trick, delay, unit});
}

FaultSlave::Act FaultSlave::next_act(int unit) {
  const std::lock_guard lock(mutex_);
  const auto next =
      std::ranges::find_if(acts_, [&](const Act& act) { return act.unit == 0 || act.unit == unit; });
  if (next == acts_.end()) return {};
  const Act act = *next;
  acts_.erase(next);
  return act;
}

void FaultSlave::run() {
  if (link_ == Link::rtu) return serve(listener_);
  while (!stopping_) {
    if (!readable(listener_, look_around_ms)) continue;
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) continue;
    ++connections_;
    serve(fd);
    ::close(fd);
  }
}

// Until the peer hangs up. A terminal that nobody holds open answers with an error: wait for the next master.
void FaultSlave::serve(int fd) {
  Bytes input;
  while (!stopping_) {
    if (!readable(fd, look_around_ms)) {
      if (link_ == Link::rtu) ::usleep(1000);
      continue;
    }
    std::uint8_t buffer[512];
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count <= 0 && link_ == Link::tcp) return;
    if (count <= 0) continue;
    input.insert(input.end(), buffer, buffer + count);
    while (take_request(fd, input)) {
    }
  }
}

bool FaultSlave::take_request(int fd, Bytes& input) {
  const std::size_t header = link_ == Link::tcp ? 6 : 0;
  const std::size_t trailer = link_ == Link::tcp ? 0 : 2;
  if (input.size() < header + 6 + trailer) return false;
  const std::uint8_t function = input[header + 1];
  std::size_t size = 6;
  if (function == 15 || function == 16) {
    if (input.size() < header + 7) return false;
    size = 7u + input[header + 6];
  }
  const std::size_t whole = header + size + trailer;
  if (input.size() < whole) return false;
  const auto at = [&](std::size_t offset) { return input.begin() + static_cast<std::ptrdiff_t>(offset); };
  const Bytes head(at(0), at(header));
  const Bytes request(at(header), at(header + size));
  input.erase(at(0), at(whole));
  answer(fd, head, request);
  return !input.empty();
}

void FaultSlave::answer(int fd, const Bytes& header, const Bytes& request) {
  Bytes reply = reply_to(request);
  if (reply.empty()) return;
  const Act act = next_act(request[0]);
  Bytes frame = wrapped(header, reply);
  switch (act.trick) {
    case Trick::silent: return;
    case Trick::late: rest(act.delay); break;
    case Trick::truncated: frame.resize(frame.size() / 2); break;
    case Trick::dripped:
      for (const std::uint8_t byte : frame) {
        if (link_ == Link::tcp && hung_up(fd)) return;
        put(fd, {byte});
        rest(act.delay);
      }
      return;
    case Trick::wrong_unit:
      ++reply[0];
      frame = wrapped(header, reply);
      break;
    case Trick::foreign_first: {
      Bytes other = reply;
      ++other[0];
      put(fd, wrapped(header, other));
      rest(5ms);
      break;
    }
    case Trick::wrong_function:
      reply[1] = reply[1] == 4 ? 3 : 4;
      frame = wrapped(header, reply);
      break;
    case Trick::wrong_protocol:
      if (link_ == Link::tcp) frame[3] = 1;
      break;
    case Trick::short_count:
      reply[2] = static_cast<std::uint8_t>(reply[2] - 1);
      reply.pop_back();
      frame = wrapped(header, reply);
      break;
    case Trick::echo: put(fd, wrapped(header, request)); break;
    case Trick::noise: put(fd, {0x00, 0xff, 0x00}); break;
    case Trick::bad_crc: frame.back() ^= 0x55; break;
    case Trick::exception:
      frame = wrapped(header, {reply[0], static_cast<std::uint8_t>(reply[1] | 0x80), 2});
      break;
    case Trick::babble: return babble(fd, act.delay);
    case Trick::hang_up: ::shutdown(fd, SHUT_RDWR); return;
    case Trick::none: break;
  }
  put(fd, frame);
}

FaultSlave::Bytes FaultSlave::reply_to(const Bytes& request) {
  const std::lock_guard lock(mutex_);
  const int unit = request[0];
  const int function = request[1];
  const int address = request[2] << 8 | request[3];
  const int count = request[4] << 8 | request[5];
  const bool known =
      std::ranges::any_of(memory_, [unit](const auto& cell) { return std::get<0>(cell.first) == unit; });
  if (!known) return {};
  Bytes reply{request[0], request[1]};
  const auto cell = [&](bool bit, int at) { return memory_.find({unit, bit, at}); };
  if (function == 5 || function == 6) {
    if (cell(function == 5, address) == memory_.end())
      return {request[0], static_cast<std::uint8_t>(function | 0x80), 2};
    memory_[{unit, function == 5, address}] = static_cast<std::uint16_t>(function == 5 ? count != 0 : count);
    return request;
  }
  if (function == 16) {
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(7 + 2 * i);
      memory_[{unit, false, address + i}] = static_cast<std::uint16_t>(request[at] << 8 | request[at + 1]);
    }
    return {request.begin(), request.begin() + 6};
  }
  const bool bits = function <= 2;
  for (int i = 0; i < count; ++i)
    if (cell(bits, address + i) == memory_.end())
      return {request[0], static_cast<std::uint8_t>(function | 0x80), 2};
  reply.push_back(static_cast<std::uint8_t>(bits ? (count + 7) / 8 : count * 2));
  for (int i = 0; i < count; ++i) {
    const std::uint16_t value = cell(bits, address + i)->second;
    if (!bits) {
      reply.push_back(static_cast<std::uint8_t>(value >> 8));
      reply.push_back(static_cast<std::uint8_t>(value));
    } else {
      if (i % 8 == 0) reply.push_back(0);
      if (value != 0) reply.back() = static_cast<std::uint8_t>(reply.back() | 1 << i % 8);
    }
  }
  return reply;
}

FaultSlave::Bytes FaultSlave::wrapped(const Bytes& header, Bytes message) const {
  if (link_ == Link::rtu) {
    const std::uint16_t crc = crc_of(message);
    message.push_back(static_cast<std::uint8_t>(crc));
    message.push_back(static_cast<std::uint8_t>(crc >> 8));
    return message;
  }
  Bytes frame = header;
  frame[4] = 0;
  frame[5] = static_cast<std::uint8_t>(message.size());
  frame.insert(frame.end(), message.begin(), message.end());
  return frame;
}

void FaultSlave::babble(int fd, Duration time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  std::uint8_t byte = 1;
  while (std::chrono::steady_clock::now() < end && !stopping_) {
    if (link_ == Link::tcp && hung_up(fd)) return;
    Bytes part;
    for (int i = 0; i < 12; ++i) part.push_back(byte = static_cast<std::uint8_t>(byte * 5 + 3));
    put(fd, part);
    rest(10ms);  // 12 characters in 10 ms: a full line at 11520 baud
  }
}

void FaultSlave::put(int fd, const Bytes& bytes) const {
  if (link_ == Link::tcp)
    (void)!::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  else
    (void)!::write(fd, bytes.data(), bytes.size());
}

void FaultSlave::rest(Duration time) const {
  std::this_thread::sleep_for(time);
}

}  // namespace tocsin::test
