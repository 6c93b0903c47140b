#include "gateway/control/client.h"

#include <cerrno>
#include <cstring>
#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tocsin::control {
namespace {

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) ::close(fd_);
  }

  Status open(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
      return fail(Fault::bad_input, "socket path too long: " + path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      const int code = errno;
      std::string hint = code == EACCES ? "; you are not allowed: become a member of its group"
                                        : "; is tocsin-gateway running? --socket names another place";
      return fail(Fault::unreachable, "no daemon at " + path + " (" + std::strerror(code) + ")" + hint);
    }
    return {};
  }

  Status send(const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const auto count = ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return fail(Fault::io, std::strerror(errno), errno);
      sent += static_cast<std::size_t>(count);
    }
    return {};
  }

  // timeout_ms < 0: for ever. An empty optional: the daemon closed.
  Result<std::optional<std::string>> line(int timeout_ms) {
    for (;;) {
      if (const auto end = buffer_.find('\n'); end != std::string::npos) {
        std::string text = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return std::optional(std::move(text));
      }
      pollfd waiting{fd_, POLLIN, 0};
      if (::poll(&waiting, 1, timeout_ms) == 0)
        return fail(Fault::timeout, "the daemon did not answer in time");
      char part[4096];
      const auto count = ::recv(fd_, part, sizeof part, 0);
      if (count <= 0) return std::optional<std::string>();
      buffer_.append(part, static_cast<std::size_t>(count));
    }
  }

 private:
  int fd_ = -1;
  std::string buffer_;
};

Result<boost::json::object> parse_object(const std::string& text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) return fail(Fault::framing, "the daemon's answer is no JSON object");
  return value.as_object();
}

}  // namespace

Result<boost::json::object> ask(const std::string& socket, const boost::json::object& request,
                                Duration within) {
  Connection connection;
  if (const auto opened = connection.open(socket); !opened) return opened.error();
  if (const auto sent = connection.send(boost::json::serialize(request) + "\n"); !sent) return sent.error();
  const auto line = connection.line(static_cast<int>(to_ms(within)));
  if (!line) return line.error();
  if (!*line) return fail(Fault::disconnected, "the daemon closed the connection");
  return parse_object(**line);
}

Status stream(const std::string& socket, const boost::json::object& request,
              const std::function<bool(const boost::json::object&)>& each) {
  Connection connection;
  if (const auto opened = connection.open(socket); !opened) return opened.error();
  if (const auto sent = connection.send(boost::json::serialize(request) + "\n"); !sent) return sent.error();
  for (;;) {
    const auto line = connection.line(-1);
    if (!line) return line.error();
    if (!*line) return {};
    const auto object = parse_object(**line);
    if (!object) return object.error();
    if (!each(*object)) return {};
  }
}

}  // namespace tocsin::control
