#include "cloud/api/server.h"

#include <chrono>
#include <optional>
#include <set>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace tocsin::cloud {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr std::size_t most_connections = 256;
constexpr std::uint32_t largest_header = 8 * 1024;
constexpr std::uint64_t largest_body = 64 * 1024;
constexpr std::chrono::seconds patience{10};

}  // namespace

class HttpConnection;

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(asio::io_context& io, Handler h) : acceptor(io), retry(io), handler(std::move(h)) {}
  void accept();

  tcp::acceptor acceptor;
  asio::steady_timer retry;
  Handler handler;
  std::set<HttpConnection*> connections;
};

namespace {
using HttpConnections = std::set<HttpConnection*>;
}

// One client: read a request, answer it, again while the client keeps the connection.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  // `all` outlives the connection as long as `owner` lives.
  HttpConnection(tcp::socket socket, std::shared_ptr<void> owner, HttpConnections& all,
                 const HttpServer::Handler& handler)
      : stream_(std::move(socket)), owner_(std::move(owner)), all_(all), handler_(handler) {
    all_.insert(this);
  }
  ~HttpConnection() { all_.erase(this); }

  void read() {
    parser_.emplace();
    parser_->header_limit(largest_header);
    parser_->body_limit(largest_body);
    stream_.expires_after(patience);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read(error); });
  }

  void close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

 private:
  void on_read(beast::error_code error) {
    if (error == http::error::header_limit) return write(error_answer(431, "the header is too large"), false);
    if (error == http::error::body_limit) return write(error_answer(413, "the body is too large"), false);
    if (error) return close();
    const auto& message = parser_->get();
    auto request = parse_target(std::string(message.method_string()), std::string(message.target()),
                                std::string(message[http::field::authorization]), message.body());
    const bool keep = message.keep_alive();
    if (request) request->last_event_id = std::string(message["Last-Event-ID"]);
    if (!request) return write(error_answer(400, "the target makes no sense"), false);
    stream_.expires_never();  // the store may take its time; answering is bounded again
    handler_(std::move(*request),
             [self = shared_from_this(), keep](HttpAnswer answer) { self->write(std::move(answer), keep); });
  }

  void write(HttpAnswer answer, bool keep) {
    if (answer.stream) return begin_stream(std::move(answer));
    answer_ = {};
    answer_.version(11);
    answer_.result(static_cast<unsigned>(answer.status));
    answer_.set(http::field::content_type, answer.content_type);
    answer_.set(http::field::cache_control, "no-store");
    answer_.set("X-Content-Type-Options", "nosniff");
    if (answer.status == 401) answer_.set(http::field::www_authenticate, "Bearer");
    answer_.body() = std::move(answer.body);
    answer_.keep_alive(keep);
    answer_.prepare_payload();
    stream_.expires_after(patience);
    http::async_write(stream_, answer_,
                      [self = shared_from_this(), keep](beast::error_code error, std::size_t) {
                        if (error || !keep) return self->close();
                        self->read();
                      });
  }

  // Its end is the end of the connection, so it needs no length.
  void begin_stream(HttpAnswer answer) {
    next_piece_ = std::move(answer.stream);
    write_piece("HTTP/1.1 200 OK\r\nContent-Type: " + answer.content_type +
                "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Accel-Buffering: no\r\n"
                "Connection: close\r\n\r\n");
  }

  void write_piece(std::string piece) {
    piece_ = std::move(piece);
    stream_.expires_after(patience);
    asio::async_write(stream_, asio::buffer(piece_),
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (error) return self->end_stream();
                        self->stream_.expires_never();
                        self->next_piece_([self](std::string next) { self->write_piece(std::move(next)); });
                      });
  }

  void end_stream() {
    next_piece_ = nullptr;
    close();
  }

  beast::tcp_stream stream_;
  std::shared_ptr<void> owner_;
  HttpConnections& all_;
  const HttpServer::Handler& handler_;
  beast::flat_buffer buffer_{largest_header + largest_body};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> answer_;
  std::function<void(std::function<void(std::string)>)> next_piece_;
  std::string piece_;
};

void HttpServer::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](beast::error_code error, tcp::socket socket) {
    if (!self->acceptor.is_open()) return;
    if (error) {  // out of descriptors, for example: not in a busy loop
      self->retry.expires_after(std::chrono::milliseconds(100));
      self->retry.async_wait([self](beast::error_code stopped) {
        if (!stopped && self->acceptor.is_open()) self->accept();
      });
      return;
    }
    if (self->connections.size() < most_connections)  // beyond that the socket closes at once
      std::make_shared<HttpConnection>(std::move(socket), self, self->connections, self->handler)->read();
    self->accept();
  });
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& io, const std::string& host,
                                                       std::uint16_t port, Handler handler) {
  auto impl = std::make_shared<Impl>(io, std::move(handler));
  beast::error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return fail(Fault::bad_input, host + " is no address");
  const tcp::endpoint endpoint{address, port};
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(Fault::io, host + ":" + std::to_string(port) + ": " + error.message(), error.value());
  impl->accept();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
  beast::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->retry.cancel();
  for (HttpConnection* connection : std::set<HttpConnection*>(impl_->connections)) connection->close();
}

std::string HttpServer::address() const {
  const tcp::endpoint local = impl_->acceptor.local_endpoint();
  const std::string host = local.address().to_string();
  return (local.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(local.port());
}

}  // namespace tocsin::cloud
