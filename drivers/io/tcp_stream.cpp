#include "drivers/io/tcp_stream.h"

#include <cerrno>
#include <charconv>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace tocsin::io {

namespace {

constexpr Duration connect_timeout = 1s;
constexpr Duration send_timeout = 1s;

Status finish_connect(int fd, const std::string& name) {
  if (auto ready = wait_writable(fd, connect_timeout); !ready)
    return fail(Fault::unreachable, name + " does not accept the connection", ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return system_error(name, error, Fault::unreachable);
  return {};
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos)
    return fail(Fault::bad_input, "\"" + text + "\" has no port: expected 192.0.2.7:502");
  Endpoint endpoint{text.substr(0, colon), 0};
  if (endpoint.host.size() > 2 && endpoint.host.front() == '[' && endpoint.host.back() == ']')
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
  if (error != std::errc{} || stop != end || endpoint.port == 0)
    return fail(Fault::bad_input, "\"" + text + "\" has no port in 1..65535");
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &found) != 0)
    return fail(Fault::bad_input, "\"" + endpoint.host + "\" is not a numeric address");
  ::freeaddrinfo(found);
  return endpoint;
}

Result<FileDescriptor> connect_to(const Endpoint& endpoint) {
  const std::string name = endpoint.host + ":" + std::to_string(endpoint.port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found) != 0)
    return fail(Fault::bad_input, "\"" + name + "\" is not a numeric address");
  FileDescriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  int error = socket.is_open() ? 0 : errno;
  if (error == 0 && ::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0) error = errno;
  ::freeaddrinfo(found);
  if (error != 0 && error != EINPROGRESS) return system_error(name, error, Fault::unreachable);
  if (error == EINPROGRESS)
    if (auto done = finish_connect(socket.get(), name); !done) return done.error();
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

Status TcpStream::open() {
  auto socket = connect_to(endpoint_);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  return {};
}

Status TcpStream::send(ByteView bytes) {
  const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) return system_error("send", errno);
  const auto sent = count < 0 ? std::size_t{0} : static_cast<std::size_t>(count);
  return sent == bytes.size() ? Status{} : write_all(socket_.get(), bytes.subspan(sent), send_timeout);
}

Status TcpStream::recover(Duration) {
  close();
  return open();
}

}  // namespace tocsin::io
