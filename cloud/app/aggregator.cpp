#include "cloud/app/aggregator.h"

#include <stdexcept>

#include <boost/asio/post.hpp>

#include "cloud/ingest/clock.h"
#include "cloud/store/sqlite_store.h"

namespace tocsin::cloud {
namespace {

struct Ownership {
  std::vector<GatewayRow> known;
  std::uint64_t term = 0;
};

// term = max(stored + 1, UTC milliseconds) at each start (design section 7).
Ownership take_ownership(Store& store) {
  Ownership own;
  const auto done = store.transact([&] {
    const auto stored = store.setting("term");
    const auto wall = static_cast<std::uint64_t>(utc_now().time_since_epoch().count());
    own.term = std::max<std::uint64_t>((stored ? std::stoull(*stored) : 0) + 1, wall);
    store.set_setting("term", std::to_string(own.term));
    own.known = store.gateways();
  });
  if (!done) throw std::runtime_error("cloud.db: " + to_string(done.error()));
  return own;
}

}  // namespace

Aggregator::Aggregator(boost::asio::io_context& io, CloudConfig config, const std::filesystem::path& state)
    : config_(std::move(config)) {
  std::filesystem::create_directories(state);
  auto store = open_sqlite_store(state / "cloud.db");
  if (!store) throw std::runtime_error("cloud.db: " + to_string(store.error()));
  const auto own = take_ownership(**store);
  store_ = std::make_unique<StoreThread>(
      std::move(*store), [&io](std::function<void()> work) { boost::asio::post(io, std::move(work)); });
  ingest_ = std::make_unique<Ingest>(io, config_, *store_, own.known, own.term, false, counters_);
  feed_ = std::make_unique<CityFeed>(io, config_, *store_, counters_);
  api_ = std::make_unique<Api>(*store_, counters_, state, [this] { return health(); });
  feed_->silent_gateways = [this] { return ingest_->silent().size(); };
  ingest_->on_applied = [this](const Applied& applied) {
    if (applied.documents.empty()) return;
    feed_->wake();
    api_->tell(applied.documents);
  };
  auto server = HttpServer::start(
      io, config_.listen,
      [this](const HttpRequest& request, Respond respond) { api_->answer(request, std::move(respond)); },
      [this](const HttpRequest&, std::shared_ptr<EventStream> stream) {
        api_->add_stream(std::move(stream));
      });
  if (!server) throw std::runtime_error(to_string(server.error()));
  server_ = std::move(*server);
}

void Aggregator::start() {
  feed_->start();
  ingest_->start();
}

void Aggregator::stop() {
  ingest_->stop();
  feed_->stop();
  server_.reset();
}

Health Aggregator::health() const {
  Health health;
  health.field = ingest_->up();
  health.city = feed_->up();
  health.store = store_->health();
  health.silent = ingest_->silent();
  health.gateways = config_.gateways.size();
  return health;
}

}  // namespace tocsin::cloud
