#include "gateway/flow/fill_forecast.h"

namespace tocsin::flow {
namespace {

constexpr Duration window = 1h, spacing = 1min, shortest = 30s;

}  // namespace

void FillForecast::add(MonoTime now, std::uint64_t used) {
  const bool replaces = samples_.size() >= 2 && now - samples_[samples_.size() - 2].at < spacing;
  if (replaces) samples_.pop_back();
  samples_.push_back({now, used});
  while (now - samples_.front().at > window) samples_.pop_front();
}

std::optional<Duration> FillForecast::until(std::uint64_t limit) const {
  if (samples_.empty()) return std::nullopt;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  if (last.used >= limit) return Duration{};
  if (last.at - first.at < shortest || last.used <= first.used) return std::nullopt;
  const double per_ns =
      static_cast<double>(last.used - first.used) / static_cast<double>((last.at - first.at).count());
  constexpr double longest = 10.0 * 365 * 86'400e9;  // ten years: it will not be full
  const double ns = static_cast<double>(limit - last.used) / per_ns;
  if (ns > longest) return std::nullopt;
  return Duration{static_cast<std::int64_t>(ns)};
}

}  // namespace tocsin::flow
