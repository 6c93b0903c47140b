#include "cloud/app/opening.h"

#include <algorithm>

#include "cloud/alarms/city.h"
#include "cloud/store/sqlite_store.h"

namespace tocsin::cloud {
namespace {

std::uint64_t number_in(Store& store, const std::string& name) {
  const auto text = store.setting(name);
  return text ? std::stoull(*text) : 0;
}

void begin_term(Store& store, Opening& opening, bool restored, UtcTime now) {
  const auto wall = static_cast<std::uint64_t>(std::max<std::int64_t>(0, now.time_since_epoch().count()));
  opening.term = std::max(number_in(store, "term") + 1, wall);
  store.set_setting("term", std::to_string(opening.term));
  const std::uint64_t epoch = std::max<std::uint64_t>(number_in(store, "feed_epoch"), 1);
  store.set_setting("feed_epoch", std::to_string(restored ? epoch + 1 : epoch));
}

}  // namespace

Result<Opening> open_state(const std::filesystem::path& directory, const std::set<std::string>& adcodes,
                           bool restored, UtcTime now) {
  auto store = open_sqlite_store(directory / "cloud.db");
  if (!store) return store.error();
  Opening opening;
  opening.store = std::move(*store);
  const Status read = opening.store->transact([&] {
    begin_term(*opening.store, opening, restored, now);
    opening.gateways = opening.store->gateways();
    for (const GatewayRow& gateway : opening.gateways)
      if (opening.store->open_alarm(gateway.id, silence_key(gateway.id))) opening.silenced.insert(gateway.id);
    for (const std::string& adcode : adcodes) opening.feeds[adcode] = opening.store->feed_head(adcode);
  });
  if (!read) return read.error();
  return opening;
}

}  // namespace tocsin::cloud
