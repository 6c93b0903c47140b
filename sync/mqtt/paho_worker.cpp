#include "sync/mqtt/paho_worker.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <sys/socket.h>

namespace tocsin::mqtt {
namespace {

struct Request {
  BrokerUrl url;
  std::function<void(Result<std::string>)> answer;
};

// A numeric address for plain connections. With TLS the name is kept, because the certificate is checked
// against it; that it can be resolved is known then, so that the library's own look-up does not stand still
// for half a minute.
Result<std::string> resolve_now(BrokerUrl url) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(url.host.c_str(), nullptr, &hints, &found); code != 0) {
    return fail(Fault::unreachable, url.host + ": " + ::gai_strerror(code), code);
  }
  char numeric[NI_MAXHOST] = {};
  const int code =
      ::getnameinfo(found->ai_addr, found->ai_addrlen, numeric, sizeof(numeric), nullptr, 0, NI_NUMERICHOST);
  ::freeaddrinfo(found);
  if (code != 0) return fail(Fault::unreachable, url.host + ": " + ::gai_strerror(code), code);
  if (!url.tls) url.host = numeric;
  return to_paho_uri(url);
}

}  // namespace

struct PahoWorker::Impl {
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::unique_ptr<PahoConnection>> ended;  // at most one per connect()
  std::optional<Request> request;
  bool stopping = false;
  std::thread thread;

  void run();
};

void PahoWorker::Impl::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    wake.wait(lock, [this] { return stopping || !ended.empty() || request; });
    if (!ended.empty()) {
      auto connections = std::exchange(ended, {});
      lock.unlock();
      for (auto& connection : connections) connection->close();
      connections.clear();
      lock.lock();
      continue;
    }
    if (stopping) return;
    const Request next = std::move(*request);
    request.reset();
    lock.unlock();
    next.answer(resolve_now(next.url));
    lock.lock();
  }
}

PahoWorker::PahoWorker() : impl_(std::make_unique<Impl>()) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

PahoWorker::~PahoWorker() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

void PahoWorker::end(std::unique_ptr<PahoConnection> connection) {
  if (!connection) return;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->ended.push_back(std::move(connection));
  }
  impl_->wake.notify_one();
}

void PahoWorker::resolve(const BrokerUrl& url, std::function<void(Result<std::string>)> answer) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->request = Request{url, std::move(answer)};
  }
  impl_->wake.notify_one();
}

}  // namespace tocsin::mqtt
