#include "simulators/devices/paced_line.h"

#include <array>
#include <optional>
#include <stdexcept>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

namespace tocsin::sim {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct PacedLine::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& context, LinePlace where, std::function<LineAnswer(Bytes&)> told)
      : io(context), place(std::move(where)), on_input(std::move(told)), timer(io), plug_timer(io), end(io) {}

  void plug() { place.pty.empty() ? open_port() : open_pty(); }

  void open_pty() {
    int master = -1;
    char name[128];
    termios raw{};
    ::cfmakeraw(&raw);
    if (::openpty(&master, &slave, name, &raw, nullptr) != 0) throw std::runtime_error("openpty failed");
    end.assign(master);
    ::unlink(place.pty.c_str());
    if (::symlink(name, place.pty.c_str()) != 0)
      throw std::runtime_error("cannot make the link " + place.pty);
    read();
  }

  void open_port() {
    acceptor.emplace(io,
                     tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(place.port)));
    place.port = acceptor->local_endpoint().port();
    accept();
  }

  // One master at a time: a new connection takes the place of the old one.
  void accept() {
    acceptor->async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      socket.set_option(tcp::no_delay(true));
      self->drop();
      self->end.assign(socket.release());
      self->read();
      self->accept();
    });
  }

  void drop() {
    timer.cancel();
    parts.clear();
    input.clear();
    error_code ignored;
    end.close(ignored);
    if (slave >= 0) ::close(slave);
    slave = -1;
  }

  void pull_out() {
    drop();
    if (acceptor) acceptor->close();
    if (!place.pty.empty()) ::unlink(place.pty.c_str());
  }

  void unplug(Duration time) {
    pull_out();
    plug_timer.expires_after(time);
    plug_timer.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->plug();
    });
  }

  void read() {
    end.async_read_some(asio::buffer(part), [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return;
      self->on_bytes(size);
      if (self->end.is_open()) self->read();
    });
  }

  void on_bytes(std::size_t size) {
    if (!parts.empty()) return;  // half duplex: who speaks does not hear
    input.insert(input.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size));
    LineAnswer answer = on_input(input);
    if (answer.unplugged > Duration{}) return unplug(answer.unplugged);
    parts = std::move(answer.parts);
    next = 0;
    play();
  }

  void play() {
    if (next == parts.size()) return parts.clear();
    timer.expires_after(parts[next].before);
    timer.async_wait([self = shared_from_this()](error_code error) {
      if (error || self->next >= self->parts.size()) return;
      error_code failed;
      asio::write(self->end, asio::buffer(self->parts[self->next].bytes), failed);
      ++self->next;
      self->play();
    });
  }

  asio::io_context& io;
  LinePlace place;
  std::function<LineAnswer(Bytes&)> on_input;
  asio::steady_timer timer, plug_timer;
  asio::posix::stream_descriptor end;  // the pty's master, or the connection
  std::optional<tcp::acceptor> acceptor;
  int slave = -1;  // kept open, so that the line stays when the gateway closes its end
  std::array<std::uint8_t, 512> part{};
  Bytes input;
  std::vector<LineFaults::Part> parts;  // of the answer under way
  std::size_t next = 0;
};

PacedLine::PacedLine(asio::io_context& io, LinePlace place, std::function<LineAnswer(Bytes&)> on_input)
    : impl_(std::make_shared<Impl>(io, std::move(place), std::move(on_input))) {
  impl_->plug();
}
PacedLine::~PacedLine() {
  impl_->plug_timer.cancel();
  impl_->pull_out();
}
int PacedLine::port() const {
  return impl_->place.port;
}
void PacedLine::unplug(Duration time) {
  impl_->unplug(time);
}
Duration PacedLine::byte_time() const {
  return Duration(11'000'000'000 / impl_->place.baud);
}

}  // namespace tocsin::sim
