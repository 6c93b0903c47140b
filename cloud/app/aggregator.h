#pragma once
// The composition root of the aggregator: one Asio thread that owns all state, one store thread.

#include <filesystem>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "cloud/api/api.h"
#include "cloud/app/config.h"
#include "cloud/feeds/city_feed.h"
#include "cloud/ingest/ingest.h"

namespace tocsin::cloud {

class Aggregator {
 public:
  // Throws std::runtime_error when the program cannot start.
  Aggregator(boost::asio::io_context& io, CloudConfig config, const std::filesystem::path& state);
  void start();
  void stop();
  std::string api_address() const { return server_->address(); }

 private:
  Health health() const;

  CloudConfig config_;
  Counters counters_;
  std::unique_ptr<StoreThread> store_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<CityFeed> feed_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace tocsin::cloud
