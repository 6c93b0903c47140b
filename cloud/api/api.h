#pragma once
// The REST API under /api/v1 (docs/schemas/openapi.yaml), /healthz and /metrics. Deny by default: whatever is
// under /api needs a token. Owned by the Asio thread; the store answers from its own.

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "cloud/api/http_server.h"
#include "cloud/ingest/counters.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

// What the API shows of the running program.
struct Health {
  bool field = false, city = false;
  Status store;
  std::set<std::string> silent;
  std::size_t gateways = 0;
  bool good() const { return field && city && store.has_value(); }
};

class Api {
 public:
  Api(StoreThread& store, const Counters& counters, std::filesystem::path state,
      std::function<Health()> health);

  void answer(const HttpRequest& request, Respond respond);
  void add_stream(std::shared_ptr<EventStream> stream) { streams_.push_back(std::move(stream)); }
  void tell(const std::vector<std::string>& documents);  // alarms that changed, to every stream

 private:
  void list_alarms(const HttpRequest& request, Respond respond);
  void one_alarm(const std::string& id, Respond respond);
  void list_gateways(Respond respond);
  void ledger(const std::string& gateway, Respond respond);
  HttpResponse healthz() const;
  HttpResponse metrics() const;

  StoreThread& store_;
  const Counters& counters_;
  std::filesystem::path state_;
  std::function<Health()> health_;
  std::vector<std::shared_ptr<EventStream>> streams_;
};

}  // namespace tocsin::cloud
