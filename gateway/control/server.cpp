#include "gateway/control/server.h"

#include <deque>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/control/request.h"

namespace tocsin::control {
namespace {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;

constexpr std::size_t largest_request = 64 * 1024;
constexpr std::size_t most_clients = 16;
constexpr std::size_t most_waiting = 1000;
constexpr std::chrono::seconds request_within{5};

Peer peer_of(Local::socket& socket) {
  ucred who{};
  socklen_t size = sizeof who;
  Peer peer;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) peer.uid = who.uid;
  const passwd* entry = getpwuid(peer.uid);
  peer.name = entry != nullptr ? entry->pw_name : "uid " + std::to_string(peer.uid);
  return peer;
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& context, std::string socket_path, Handler what)
      : io(context), acceptor(context), path(std::move(socket_path)), handler(std::move(what)) {}

  void accept();

  asio::io_context& io;
  Local::acceptor acceptor;
  std::string path;
  Handler handler;
  std::size_t clients = 0;
};

namespace {

template <class Owner>
class Client final : public Reply, public std::enable_shared_from_this<Client<Owner>> {
 public:
  Client(Local::socket socket, std::shared_ptr<Owner> owner)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        buffer_(largest_request),
        owner_(std::move(owner)) {
    ++owner_->clients;
  }
  ~Client() override { --owner_->clients; }

  void start() {
    auto self = this->shared_from_this();
    timer_.expires_after(request_within);
    timer_.async_wait([self](boost::system::error_code error) {
      if (!error) self->close();
    });
    asio::async_read_until(socket_, buffer_, '\n', [self](boost::system::error_code error, std::size_t size) {
      self->timer_.cancel();
      if (error) return self->close();
      self->on_line(size);
    });
  }

  void send(const boost::json::object& line) override {
    if (!open_ || waiting_.size() >= most_waiting) return;
    waiting_.push_back(boost::json::serialize(line) + "\n");
    if (waiting_.size() == 1) write_next();
  }
  void finish() override {
    finishing_ = true;
    if (waiting_.empty()) close();
  }
  bool open() const override { return open_; }

 private:
  void on_line(std::size_t size) {
    const std::string text(asio::buffers_begin(buffer_.data()),
                           asio::buffers_begin(buffer_.data()) + static_cast<long>(size));
    auto request = parse_request(text);
    if (!request) {
      send({{"error", request.error().detail}});
      return finish();
    }
    watch_for_leaving();
    owner_->handler(std::move(*request), peer_of(socket_), this->shared_from_this());
  }

  // A client that leaves ends its stream.
  void watch_for_leaving() {
    auto self = this->shared_from_this();
    socket_.async_wait(Local::socket::wait_read, [self](boost::system::error_code) { self->close(); });
  }

  void write_next() {
    auto self = this->shared_from_this();
    asio::async_write(socket_, asio::buffer(waiting_.front()),
                      [self](boost::system::error_code error, std::size_t) {
                        if (error) return self->close();
                        self->waiting_.pop_front();
                        if (!self->waiting_.empty()) return self->write_next();
                        if (self->finishing_) self->close();
                      });
  }

  void close() {
    open_ = false;
    boost::system::error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

  Local::socket socket_;
  asio::steady_timer timer_;
  asio::streambuf buffer_;
  std::shared_ptr<Owner> owner_;
  std::deque<std::string> waiting_;
  bool open_ = true;
  bool finishing_ = false;
};

// A file that nobody listens on is left over from a crash.
bool somebody_listens(asio::io_context& io, const std::string& path) {
  Local::socket probe(io);
  boost::system::error_code error;
  probe.connect(Local::endpoint(path), error);
  return !error;
}

}  // namespace

void Server::Impl::accept() {
  auto self = shared_from_this();
  acceptor.async_accept([self](boost::system::error_code error, Local::socket socket) {
    if (error == asio::error::operation_aborted || !self->acceptor.is_open()) return;
    if (!error && self->clients < most_clients)
      std::make_shared<Client<Impl>>(std::move(socket), self)->start();
    self->accept();
  });
}

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& io, const std::string& path,
                                               Handler handler) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return fail(Fault::bad_input, "the path of the control socket is too long (107 bytes at most): " + path);
  if (::access(path.c_str(), F_OK) == 0) {
    if (somebody_listens(io, path)) return fail(Fault::refused, "a daemon is already listening on " + path);
    ::unlink(path.c_str());
  }
  auto impl = std::make_shared<Impl>(io, path, std::move(handler));
  boost::system::error_code error;
  impl->acceptor.open(Local(), error);
  if (!error) impl->acceptor.bind(Local::endpoint(path), error);
  if (!error) ::chmod(path.c_str(), 0660);
  if (!error) impl->acceptor.listen(16, error);
  if (error) return fail(Fault::io, "cannot listen on " + path + ": " + error.message(), error.value());
  impl->accept();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  ::unlink(impl_->path.c_str());
}

}  // namespace tocsin::control
