#include "simulators/devices/modbus_lines.h"

#include <array>
#include <stdexcept>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

namespace tocsin::sim {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct TcpClient : std::enable_shared_from_this<TcpClient> {
  TcpClient(tcp::socket connected, Devices& all, std::function<void(int)>& told)
      : socket(std::move(connected)), devices(all), on_request(told) {}

  void read_head() {
    auto self = shared_from_this();
    asio::async_read(socket, asio::buffer(frame, 6), [self](boost::system::error_code error, std::size_t) {
      const std::size_t length = std::size_t{self->frame[4]} << 8 | self->frame[5];
      if (!error && length >= 2 && length <= 254) self->read_rest(length);
    });
  }
  void read_rest(std::size_t length) {
    auto self = shared_from_this();
    asio::async_read(socket, asio::buffer(frame.data() + 6, length),
                     [self, length](boost::system::error_code error, std::size_t) {
                       if (error) return;
                       self->on_request(self->frame[6]);
                       self->answer = answer_tcp(self->devices, ByteView(self->frame.data(), 6 + length));
                       asio::async_write(self->socket, asio::buffer(self->answer),
                                         [self](boost::system::error_code failed, std::size_t) {
                                           if (!failed) self->read_head();
                                         });
                     });
  }

  tcp::socket socket;
  Devices& devices;
  std::function<void(int)>& on_request;
  std::array<std::uint8_t, 300> frame{};
  Bytes answer;
};

}  // namespace

struct TcpLine::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& io, int port, Devices& all, std::function<void(int)> told)
      : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port))),
        devices(all),
        on_request(std::move(told)) {}

  void accept() {
    auto self = shared_from_this();
    acceptor.async_accept([self](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      socket.set_option(tcp::no_delay(true));
      std::make_shared<TcpClient>(std::move(socket), self->devices, self->on_request)->read_head();
      self->accept();
    });
  }

  tcp::acceptor acceptor;
  Devices& devices;
  std::function<void(int)> on_request;
};

TcpLine::TcpLine(asio::io_context& io, int port, Devices& devices, std::function<void(int)> on_request)
    : impl_(std::make_shared<Impl>(io, port, devices, std::move(on_request))) {
  impl_->accept();
}
TcpLine::~TcpLine() {
  impl_->acceptor.close();
}
int TcpLine::port() const {
  return impl_->acceptor.local_endpoint().port();
}

struct PtyLine::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& io, std::string name, int speed, Devices& all, std::function<void(int)> told)
      : master(io),
        timer(io),
        link(std::move(name)),
        baud(speed),
        devices(all),
        on_request(std::move(told)) {}

  void read() {
    auto self = shared_from_this();
    master.async_read_some(asio::buffer(part), [self](boost::system::error_code error, std::size_t size) {
      if (error == asio::error::operation_aborted) return;
      if (!error) self->on_bytes(size);
      self->read();
    });
  }

  void on_bytes(std::size_t size) {
    waiting.insert(waiting.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size));
    const std::size_t length = rtu_request_length(waiting);
    if (length == 0 || waiting.size() < length) return;
    const Bytes frame(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(length));
    waiting.clear();  // a master sends one request at a time; the rest is noise
    on_request(frame[0]);
    answer = answer_rtu(devices, frame);
    if (answer.empty()) return;
    // Request and answer as long as they take on the wire: 11 bits a character, and 3.5 characters of
    // silence.
    const double characters = static_cast<double>(frame.size() + answer.size()) + 7;
    timer.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(characters * 11e6 / baud)));
    timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error)
        asio::async_write(self->master, asio::buffer(self->answer),
                          [self](boost::system::error_code, std::size_t) {});
    });
  }

  asio::posix::stream_descriptor master;
  asio::steady_timer timer;
  std::string link;
  int baud;
  Devices& devices;
  std::function<void(int)> on_request;
  int slave = -1;
  std::array<std::uint8_t, 512> part{};
  Bytes waiting, answer;
};

PtyLine::PtyLine(asio::io_context& io, const std::string& link, int baud, Devices& devices,
                 std::function<void(int)> on_request)
    : impl_(std::make_shared<Impl>(io, link, baud, devices, std::move(on_request))) {
  int master = -1;
  char name[128];
  termios raw{};
  ::cfmakeraw(&raw);
  if (::openpty(&master, &impl_->slave, name, &raw, nullptr) != 0) throw std::runtime_error("openpty failed");
  impl_->master.assign(master);
  ::unlink(link.c_str());
  if (::symlink(name, link.c_str()) != 0) throw std::runtime_error("cannot make the link " + link);
  impl_->read();
}
PtyLine::~PtyLine() {
  boost::system::error_code ignored;
  impl_->master.close(ignored);
  ::close(impl_->slave);
  ::unlink(impl_->link.c_str());
}

}  // namespace tocsin::sim
