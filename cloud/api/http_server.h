#pragma once
// The HTTP server of the API: HTTP/1.1 over Beast, hidden behind plain values. Owned by the Asio thread.
// Limits: header 8 KiB, body 1 MiB, a request within 30 s, 200 connections; what is beyond is refused, never
// waited for.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "core/result/result.h"

namespace tocsin::cloud {

struct HttpRequest {
  std::string method;                        // "GET"
  std::string path;                          // decoded, without the query: "/api/v1/alarms"
  std::map<std::string, std::string> query;  // decoded
  std::string authorization;                 // the header as it came; may be empty
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // further ones
};

// A response without an end: text/event-stream. Dropped when the client is gone or more than 1 MiB behind.
class EventStream {
 public:
  virtual ~EventStream() = default;
  virtual void send(const std::string& text) = 0;  // whole event, ends with an empty line
  virtual bool open() const = 0;
};

// Answers by calling `respond` once, now or later, on the Asio thread.
using Respond = std::function<void(HttpResponse)>;
using HttpHandler = std::function<void(const HttpRequest& request, Respond respond)>;
using StreamHandler = std::function<void(const HttpRequest& request, std::shared_ptr<EventStream> stream)>;

class HttpServer {
 public:
  // `listen`: "127.0.0.1:8080"; port 0 takes a free one. Streams: paths answered by `on_stream` after
  // `handler` gave status 200 with content type text/event-stream.
  static Result<std::unique_ptr<HttpServer>> start(boost::asio::io_context& io, const std::string& listen,
                                                   HttpHandler handler, StreamHandler on_stream);
  ~HttpServer();
  std::string address() const;  // "127.0.0.1:8080", with the port in use

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// "a=b%20c" into a map; a malformed escape stays as it is.
std::map<std::string, std::string> parse_query(std::string_view query);
std::string percent_decoded(std::string_view text);

}  // namespace tocsin::cloud
