#pragma once
// The HTTP server of the API on Beast. Limits: 256 connections, headers of 8 KiB, bodies of 64 KiB, 10 s for
// a request to come in or an answer to go out. Lives on the Asio thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cloud/api/http.h"
#include "core/result/result.h"

namespace boost::asio {
class io_context;
}

namespace tocsin::cloud {

class HttpServer {
 public:
  // Answers by calling `done`, now or later, once.
  using Handler = std::function<void(HttpRequest, std::function<void(HttpAnswer)> done)>;

  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& io, const std::string& host,
                                                    std::uint16_t port, Handler handler);
  ~HttpServer();  // closes every connection

  std::string address() const;  // host:port that was bound

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace tocsin::cloud
