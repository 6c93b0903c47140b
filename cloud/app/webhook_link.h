#pragma once
// Sends the notices of one webhook, one after another, life safety first. Each attempt is committed before it
// is made, so that after a crash the next one is marked as a possible repeat; a dead receiver delays no
// other. Owned by the Asio thread.

#include <functional>
#include <memory>
#include <string>

#include "cloud/app/http_post.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

struct WebhookPorts {
  std::function<UtcTime()> wall;
  std::function<MonoTime()> mono;
  std::function<void(const std::string& cause, const std::string& detail)> warn;
};

struct WebhookFigures {
  std::uint64_t taken = 0, failed = 0;  // attempts
  bool good = true;                     // the last attempt
};

class WebhookLink {
 public:
  WebhookLink(boost::asio::io_context& io, const Webhook& target, StoreThread& store, WebhookPorts ports);

  void on_new();  // something was put into the outbox
  void on_tick();

  const WebhookFigures& figures() const { return figures_; }

 private:
  void take_next();
  void send(const Notice& notice);
  void on_result(const Notice& notice, const PostResult& result);

  Webhook target_;
  StoreThread& store_;
  WebhookPorts ports_;
  HttpPost http_;
  WebhookFigures figures_;
  bool busy_ = false;
  bool wanted_ = true;
  MonoTime look_at_{};  // when idle: what was put off may be due again
  MonoTime pause_until_{};
  int failures_ = 0;  // in a row, of the receiver
};

}  // namespace tocsin::cloud
