#include "gateway/flow/telemetry.h"

#include "sync/wire/codec.h"

namespace tocsin::flow {
namespace {

constexpr Duration longest_wait = 1s;

}  // namespace

Bytes Telemetry::take() {
  Bytes body = wire::encode_block(waiting_);
  waiting_.clear();
  return body;
}

std::vector<Bytes> Telemetry::add(const std::vector<Reading>& readings) {
  std::vector<Bytes> full;
  for (const auto& reading : readings) {
    // A block speaks of one boot.
    if (!waiting_.empty() && waiting_.front().t_gateway.boot != reading.t_gateway.boot)
      full.push_back(take());
    waiting_.push_back(reading);
    if (waiting_.size() == wire::most_readings) full.push_back(take());
  }
  return full;
}

std::optional<MonoTime> Telemetry::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().t_gateway.mono + longest_wait;
}

std::optional<Bytes> Telemetry::flush(MonoTime now) {
  const auto due = next_due();
  if (!due || now < *due) return std::nullopt;
  return take();
}

}  // namespace tocsin::flow
