#include "cloud/api/http_server.h"

#include <deque>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace tocsin::cloud {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::size_t most_connections = 200;
constexpr std::size_t largest_header = 8 * 1024;
constexpr std::size_t largest_body = 1024 * 1024;
constexpr std::size_t most_behind = 1024 * 1024;
constexpr std::chrono::seconds request_within{30};

HttpRequest plain(const http::request<http::string_body>& request) {
  HttpRequest out;
  const std::string target(request.target());
  const auto mark = target.find('?');
  out.method = std::string(request.method_string());
  out.path = percent_decoded(target.substr(0, mark));
  if (mark != std::string::npos) out.query = parse_query(std::string_view(target).substr(mark + 1));
  out.authorization = std::string(request[http::field::authorization]);
  out.body = request.body();
  return out;
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& io, HttpHandler answer, StreamHandler stream)
      : acceptor(io), handler(std::move(answer)), on_stream(std::move(stream)) {}
  void accept();

  tcp::acceptor acceptor;
  HttpHandler handler;
  StreamHandler on_stream;
  std::size_t connections = 0;
};

namespace {

template <class Owner>
class Connection final : public EventStream, public std::enable_shared_from_this<Connection<Owner>> {
 public:
  Connection(tcp::socket socket, std::shared_ptr<Owner> owner)
      : stream_(std::move(socket)), owner_(std::move(owner)) {
    ++owner_->connections;
  }
  ~Connection() override { --owner_->connections; }

  void read() {
    parser_.emplace();
    parser_->header_limit(largest_header);
    parser_->body_limit(largest_body);
    stream_.expires_after(request_within);
    auto self = this->shared_from_this();
    http::async_read(stream_, buffer_, *parser_, [self](beast::error_code error, std::size_t) {
      if (error == http::error::body_limit || error == http::error::header_limit)
        self->refuse_size();
      else if (!error)
        self->answer();
      else
        self->close();
    });
  }

  void send(const std::string& text) override {
    if (!open_) return;
    behind_ += text.size();
    if (behind_ > most_behind) return close();
    waiting_.push_back(text);
    if (waiting_.size() == 1) write_event();
  }
  bool open() const override { return open_; }

 private:
  void refuse_size() {
    keep_ = false;
    write({413, "application/json", R"({"error":"the request is too large"})", {}});
  }

  void answer() {
    const HttpRequest request = plain(parser_->get());
    keep_ = parser_->get().keep_alive();
    auto self = this->shared_from_this();
    owner_->handler(request, [self, request](HttpResponse response) {
      if (response.status == 200 && response.content_type == "text/event-stream")
        self->begin_stream(request);
      else
        self->write(std::move(response));
    });
  }

  void write(HttpResponse response) {
    reply_.emplace(static_cast<http::status>(response.status), 11);
    reply_->set(http::field::content_type, response.content_type);
    reply_->set("X-Content-Type-Options", "nosniff");
    reply_->set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : response.headers) reply_->set(name, value);
    reply_->body() = std::move(response.body);
    reply_->keep_alive(keep_);
    reply_->prepare_payload();
    auto self = this->shared_from_this();
    http::async_write(stream_, *reply_, [self](beast::error_code error, std::size_t) {
      if (error || !self->keep_) return self->close();
      self->read();
    });
  }

  void begin_stream(const HttpRequest& request) {
    stream_.expires_never();
    send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: "
        "close\r\n\r\n");
    owner_->on_stream(request, this->shared_from_this());
  }

  void write_event() {
    auto self = this->shared_from_this();
    asio::async_write(stream_, asio::buffer(waiting_.front()), [self](beast::error_code error, std::size_t) {
      if (error) return self->close();
      self->behind_ -= self->waiting_.front().size();
      self->waiting_.pop_front();
      if (!self->waiting_.empty()) self->write_event();
    });
  }

  void close() {
    open_ = false;
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  std::shared_ptr<Owner> owner_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> reply_;
  std::deque<std::string> waiting_;
  std::size_t behind_ = 0;
  bool keep_ = false;
  bool open_ = true;
};

}  // namespace

void HttpServer::Impl::accept() {
  auto self = shared_from_this();
  acceptor.async_accept([self](beast::error_code error, tcp::socket socket) {
    if (!self->acceptor.is_open()) return;
    if (!error && self->connections < most_connections)
      std::make_shared<Connection<Impl>>(std::move(socket), self)->read();
    self->accept();
  });
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(asio::io_context& io, const std::string& listen,
                                                      HttpHandler handler, StreamHandler on_stream) {
  const auto colon = listen.rfind(':');
  beast::error_code error;
  const auto host = asio::ip::make_address(colon == std::string::npos ? "" : listen.substr(0, colon), error);
  if (error)
    return fail(Fault::bad_input,
                "api.listen: '" + listen + "' is no numeric address with a port, such as 127.0.0.1:8080");
  const auto port = static_cast<std::uint16_t>(std::strtoul(listen.c_str() + colon + 1, nullptr, 10));
  auto impl = std::make_shared<Impl>(io, std::move(handler), std::move(on_stream));
  const tcp::endpoint endpoint(host, port);
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(Fault::io, "cannot listen on " + listen + ": " + error.message(), error.value());
  impl->accept();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  beast::error_code ignored;
  impl_->acceptor.close(ignored);
}

std::string HttpServer::address() const {
  beast::error_code error;
  const auto endpoint = impl_->acceptor.local_endpoint(error);
  return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

}  // namespace tocsin::cloud
