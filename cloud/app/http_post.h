#pragma once
// One connection to a webhook's server: posts one body after another over it. Certificates are checked
// against the system's authorities or the configured one, and against the host's name. Owned by the Asio
// thread.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "cloud/desk/webhook.h"

namespace tocsin::cloud {

struct PostResult {
  Delivery delivery = Delivery::unreachable;
  std::string detail;  // for people: "status 503", "connection refused"
};

class HttpPost {
 public:
  HttpPost(boost::asio::io_context& io, Webhook target);
  ~HttpPost();  // what is under way is forgotten

  // One at a time. `done` is called once, within 10 s.
  void post(const std::string& body, const std::string& signature, std::function<void(PostResult)> done);

 private:
  class Connection;
  boost::asio::io_context& io_;
  Webhook target_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace tocsin::cloud
