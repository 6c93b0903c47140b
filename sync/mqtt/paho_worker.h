#pragma once
// The thread for what may block: looking a host name up, and ending clients. One per port. What it has found
// is reported on this thread; the port posts it on.

#include <functional>
#include <memory>
#include <string>

#include "core/result/result.h"
#include "sync/mqtt/broker_url.h"
#include "sync/mqtt/paho_connection.h"

namespace tocsin::mqtt {

class PahoWorker {
 public:
  PahoWorker();
  ~PahoWorker();  // ends what it was given, then joins

  void end(std::unique_ptr<PahoConnection> connection);
  // Answers with the URI for Paho, after the connections given to end() are gone. A newer request replaces
  // one that has not begun; its answer never comes then.
  void resolve(const BrokerUrl& url, std::function<void(Result<std::string>)> answer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::mqtt
