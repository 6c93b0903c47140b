#include "tests/bench/register_slave.h"

#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::bench {
namespace {

constexpr std::size_t request_size = 12;  // MBAP and a read request
constexpr std::uint16_t most_in_answer = 125;

std::uint16_t word(const unsigned char* at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

bool read_all(int line, unsigned char* data, std::size_t size) {
  for (std::size_t have = 0; have < size;) {
    const auto count = ::recv(line, data + have, size - have, 0);
    if (count <= 0) return false;
    have += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

RegisterSlave::RegisterSlave() : values_(registers) {
  for (auto& value : values_) value = static_cast<std::uint16_t>(200 + random_() % 2000);
  values_[0] = 0;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the register slave gets no port");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

RegisterSlave::~RegisterSlave() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void RegisterSlave::serve() {
  std::vector<pollfd> lines{{listener_, POLLIN, 0}};
  while (!stopping_) {
    if (::poll(lines.data(), lines.size(), 100) <= 0) continue;
    for (std::size_t i = lines.size(); i-- > 1;) {
      if (lines[i].revents == 0 || answer(lines[i].fd)) continue;
      ::close(lines[i].fd);
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (lines[0].revents == 0) continue;
    const int line = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int one = 1;
    ::setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (line >= 0) lines.push_back({line, POLLIN, 0});
  }
  for (std::size_t i = 1; i < lines.size(); ++i) ::close(lines[i].fd);
}

void RegisterSlave::tick() {
  values_[0] = static_cast<std::uint16_t>(++ticks_);
  for (std::size_t i = 1; i < values_.size(); ++i)
    values_[i] = static_cast<std::uint16_t>(values_[i] + random_() % 3 - 1);
}

// False when the line is to be closed.
bool RegisterSlave::answer(int line) {
  std::array<unsigned char, request_size> request{};
  if (!read_all(line, request.data(), request.size())) return false;
  const std::uint16_t first = word(&request[8]), count = word(&request[10]);
  if (count == 0 || count > most_in_answer || first + count > registers) return false;
  if (first == 0) tick();
  std::array<unsigned char, 9 + 2 * most_in_answer> reply{};
  std::copy(request.begin(), request.begin() + 8, reply.begin());
  reply[5] = static_cast<unsigned char>(3 + 2 * count);
  reply[8] = static_cast<unsigned char>(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    reply[9 + 2 * i] = static_cast<unsigned char>(values_[first + i] >> 8);
    reply[10 + 2 * i] = static_cast<unsigned char>(values_[first + i]);
  }
  const std::size_t size = 9 + 2 * std::size_t{count};
  return ::send(line, reply.data(), size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
}

}  // namespace tocsin::bench
