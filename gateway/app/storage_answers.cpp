#include "gateway/app/storage_answers.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include <boost/json/array.hpp>

#include "gateway/app/clock.h"
#include "gateway/app/daemon.h"

namespace tocsin::gateway {
namespace {

namespace json = boost::json;

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

json::object usage_json(const outbox::Usage& usage, const flow::FillForecast& forecast,
                        const Daemon& daemon) {
  json::array lanes;
  for (const auto& [lane, waiting] : usage.waiting) {
    const auto state = daemon.uplink().lane(lane);
    json::value age = nullptr;
    if (const auto oldest = usage.oldest.find(lane); oldest != usage.oldest.end())
      age = std::max(0.0, seconds(utc_now() - oldest->second));
    lanes.push_back({{"lane", std::string(name_of(lane))},
                     {"waiting", waiting},
                     {"oldest_s", age},
                     {"first", state.first},
                     {"head", state.head},
                     {"acked", state.acked}});
  }
  const double up = std::max(1.0, seconds(mono_now() - daemon.started_at()));
  const auto full = forecast.until(usage.quota / 10 * 8);  // then records are given up
  return {{"bytes", usage.bytes},
          {"used", usage.used},
          {"quota", usage.quota},
          {"full_in_s", full ? json::value(seconds(*full)) : json::value(nullptr)},
          {"bytes_written", usage.bytes_written},
          {"bytes_written_per_day", static_cast<double>(usage.bytes_written) / up * 86'400},
          {"syncs", usage.syncs},
          {"damaged", usage.damaged},
          {"lanes", lanes}};
}

json::array gaps_json(const flow::EvictionBook& book) {
  json::array gaps;
  for (const auto& [key, entry] : book.entries())
    gaps.push_back({{"lane", std::string(name_of(entry.report.lane))},
                    {"from", entry.report.from},
                    {"to", entry.report.to},
                    {"count", entry.report.count},
                    {"cause", entry.report.why},
                    {"at", to_rfc3339(entry.at)}});
  return gaps;
}

std::string epoch_text(std::uint64_t epoch) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, epoch);
  return text;
}

}  // namespace

void answer_buffer(Daemon& daemon, const std::shared_ptr<control::Reply>& reply) {
  daemon.alarm_store().inspect([&daemon, reply](const outbox::Usage& alarms, const auto&) {
    auto first = usage_json(alarms, daemon.alarm_forecast(), daemon);
    daemon.data_store().inspect([&daemon, reply, first](const outbox::Usage& data, const auto&) {
      reply->send({{"alarm.db", first},
                   {"data.db", usage_json(data, daemon.data_forecast(), daemon)},
                   {"given_up", gaps_json(daemon.evictions())}});
      reply->finish();
    });
  });
}

json::object ledger_json(const Daemon& daemon) {
  json::array lanes;
  for (const auto lane : wire::lanes) {
    const auto state = daemon.uplink().lane(lane);
    std::uint64_t given_up = 0;
    for (const auto& [key, entry] : daemon.evictions().entries())
      if (entry.report.lane == lane) given_up += entry.report.count;
    lanes.push_back({{"lane", std::string(name_of(lane))},
                     {"accepted", state.head},
                     {"acked", state.acked},
                     {"first", state.first},
                     {"given_up", given_up}});
  }
  const auto& identity = daemon.identity();
  return {{"gateway", daemon.config().id},
          {"epoch", epoch_text(identity.epoch)},
          {"previous_epoch", identity.previous_epoch == 0 ? json::value(nullptr)
                                                          : json::value(epoch_text(identity.previous_epoch))},
          {"lanes", lanes},
          {"gaps", gaps_json(daemon.evictions())}};
}

}  // namespace tocsin::gateway
