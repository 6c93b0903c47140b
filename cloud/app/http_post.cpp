#include "cloud/app/http_post.h"

#include <chrono>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace tocsin::cloud {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds patience{10};
constexpr std::uint64_t largest_answer = 64 * 1024;

}  // namespace

// Connects at its first post and stays connected while the server wants to.
class HttpPost::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& io, const Webhook& target)
      : target_(target), context_(ssl::context::tls_client), resolver_(io), stream_(io, context_) {}

  // Nothing, or why the authority cannot be used.
  std::string prepare() {
    beast::error_code error;
    context_.set_verify_mode(ssl::verify_peer);
    if (target_.ca.empty())
      context_.set_default_verify_paths(error);
    else
      context_.load_verify_file(target_.ca, error);
    if (error) return target_.ca + ": " + error.message();
    stream_.set_verify_callback(ssl::host_name_verification(target_.host));
    if (!SSL_set_tlsext_host_name(stream_.native_handle(), target_.host.c_str())) return "no server name";
    return {};
  }

  void post(const std::string& body, const std::string& signature, std::function<void(PostResult)> done) {
    done_ = std::move(done);
    request_ = {http::verb::post, target_.path, 11};
    request_.set(http::field::host, target_.host);
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::user_agent, "tocsin");
    request_.set("Tocsin-Signature", signature);
    request_.keep_alive(true);
    request_.body() = body;
    request_.prepare_payload();
    transport().expires_after(patience);
    if (is_open_) return write();
    resolver_.async_resolve(target_.host, target_.port,
                            [self = shared_from_this()](beast::error_code error, const auto& found) {
                              if (error) return self->fail(Delivery::unreachable, error);
                              self->connect(found);
                            });
  }

  bool is_open() const { return is_open_; }
  void forget() {
    done_ = nullptr;
    resolver_.cancel();
    transport().close();
  }

 private:
  beast::tcp_stream& transport() { return beast::get_lowest_layer(stream_); }

  void connect(const tcp::resolver::results_type& found) {
    transport().async_connect(found, [self = shared_from_this()](beast::error_code error, const auto&) {
      if (error) return self->fail(Delivery::unreachable, error);
      if (!self->target_.tls) return self->write();
      self->stream_.async_handshake(ssl::stream_base::client, [self](beast::error_code refused) {
        if (refused) return self->fail(Delivery::unreachable, refused);
        self->write();
      });
    });
  }

  void write() {
    is_open_ = true;
    const auto written = [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->fail(Delivery::unclear, error);
      self->read();
    };
    target_.tls ? http::async_write(stream_, request_, written)
                : http::async_write(transport(), request_, written);
  }

  void read() {
    parser_.emplace();
    parser_->body_limit(largest_answer);
    const auto came = [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->fail(Delivery::unclear, error);
      self->answered();
    };
    target_.tls ? http::async_read(stream_, buffer_, *parser_, came)
                : http::async_read(transport(), buffer_, *parser_, came);
  }

  void answered() {
    const auto& answer = parser_->get();
    const unsigned status = answer.result_int();
    if (!answer.keep_alive()) close();
    const bool taken = status >= 200 && status < 300;
    finish({taken ? Delivery::taken : Delivery::refused, "status " + std::to_string(status)});
  }

  void fail(Delivery delivery, beast::error_code error) {
    close();
    finish({delivery, error == beast::error::timeout ? "no answer within 10 s" : error.message()});
  }
  void close() {
    is_open_ = false;
    transport().close();
  }
  void finish(PostResult result) {
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(result));
  }

  Webhook target_;
  ssl::context context_;
  tcp::resolver resolver_;
  beast::ssl_stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_{largest_answer + 16 * 1024};
  http::request<http::string_body> request_;
  std::optional<http::response_parser<http::string_body>> parser_;
  std::function<void(PostResult)> done_;
  bool is_open_ = false;
};

HttpPost::HttpPost(asio::io_context& io, Webhook target) : io_(io), target_(std::move(target)) {}

HttpPost::~HttpPost() {
  if (connection_) connection_->forget();
}

void HttpPost::post(const std::string& body, const std::string& signature,
                    std::function<void(PostResult)> done) {
  if (!connection_ || !connection_->is_open()) {
    connection_ = std::make_shared<Connection>(io_, target_);
    if (const std::string obstacle = connection_->prepare(); !obstacle.empty())
      return done({Delivery::unreachable, obstacle});
  }
  connection_->post(body, signature, std::move(done));
}

}  // namespace tocsin::cloud
