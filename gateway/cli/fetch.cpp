#include "gateway/cli/fetch.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace tocsin::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto limit = std::chrono::seconds(10);
constexpr std::size_t largest_answer = 4 << 20;  // bytes

struct Url {
  bool tls = false;
  std::string host, port, path;
};

Result<Url> parse_url(const std::string& text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://"))
    url.tls = true;
  else if (!rest.starts_with("http://"))
    return fail(Fault::bad_input, text + " is no http:// or https:// address");
  rest.remove_prefix(url.tls ? 8 : 7);
  const auto slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  const auto colon = std::min(authority.find(':'), authority.size());
  url.host = authority.substr(0, colon);
  url.port = colon < authority.size() ? authority.substr(colon + 1) : url.tls ? "443" : "80";
  url.path = slash < rest.size() ? rest.substr(slash) : "/";
  if (url.host.empty()) return fail(Fault::bad_input, text + " names no host");
  return url;
}

using Answer = http::response<http::string_body>;

template <class Stream>
asio::awaitable<Answer> exchange(Stream& stream, const Url& url, const std::string& token) {
  http::request<http::empty_body> request{http::verb::get, url.path, 11};
  request.set(http::field::host, url.host);
  request.set(http::field::authorization, "Bearer " + token);
  request.set(http::field::connection, "close");
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(largest_answer);
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return parser.release();
}

asio::awaitable<Answer> get(const Url& url, const std::string& token) {
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  const auto found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
  beast::tcp_stream plain(co_await asio::this_coro::executor);
  plain.expires_after(limit);
  co_await plain.async_connect(found, asio::use_awaitable);
  if (!url.tls) co_return co_await exchange(plain, url, token);

  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();
  tls.set_verify_mode(asio::ssl::verify_peer);
  beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), tls);
  stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await exchange(stream, url, token);
}

}  // namespace

Result<std::string> fetch(const std::string& text, const std::string& token) {
  const Result<Url> url = parse_url(text);
  if (!url) return url.error();
  try {
    asio::io_context io;
    auto future = asio::co_spawn(io, get(*url, token), asio::use_future);
    io.run();
    auto answer = future.get();
    if (answer.result() == http::status::ok) return std::move(answer.body());
    return fail(Fault::refused,
                "the cloud answers " + std::to_string(answer.result_int()) + ": " + answer.body());
  } catch (const std::exception& error) {
    return fail(Fault::unreachable, url->host + ":" + url->port + ": " + error.what());
  }
}

}  // namespace tocsin::cli
