#include "sync/session/in_flight.h"

#include <algorithm>

namespace tocsin::session {
namespace {

constexpr std::size_t measurable = 8 * 1024;  // bytes; less measures the round trip, not the rate

}  // namespace

void InFlight::clear(MonoTime now) {
  flights_.clear();
  frames_ = 0;
  bytes_ = 0;
  heard_ = now;
}

std::uint64_t InFlight::add(Flight flight, MonoTime now) {
  flight.sent = now;
  bytes_ += flight.bytes;
  flight.queued = bytes_;
  if (flight.content == Content::frame) ++frames_;
  flights_.emplace(++last_token_, flight);
  return last_token_;
}

std::optional<Flight> InFlight::remove(std::uint64_t token, MonoTime now) {
  const auto at = flights_.find(token);
  if (at == flights_.end()) return std::nullopt;
  const Flight flight = at->second;
  flights_.erase(at);
  bytes_ -= flight.bytes;
  if (flight.content == Content::frame) --frames_;
  heard_ = now;
  measure(flight, now);
  return flight;
}

void InFlight::measure(const Flight& flight, MonoTime now) {
  if (flight.queued < measurable) return;
  const double seconds = std::max(std::chrono::duration<double>(now - flight.sent).count(), 1e-4);
  const double sample = static_cast<double>(flight.queued) / seconds;
  rate_ = rate_ == 0 ? sample : rate_ + (sample - rate_) / 8;
}

std::size_t InFlight::frames_of(wire::Lane lane) const {
  return static_cast<std::size_t>(std::count_if(flights_.begin(), flights_.end(), [&](const auto& entry) {
    return entry.second.content == Content::frame && entry.second.lane == lane;
  }));
}

std::size_t InFlight::count(Content content) const {
  return static_cast<std::size_t>(std::count_if(
      flights_.begin(), flights_.end(), [&](const auto& entry) { return entry.second.content == content; }));
}

bool InFlight::holds(wire::Lane lane, std::uint64_t seq) const {
  return std::any_of(flights_.begin(), flights_.end(), [&](const auto& entry) {
    const Flight& flight = entry.second;
    return flight.content == Content::frame && flight.lane == lane && flight.first <= seq &&
           seq <= flight.last;
  });
}

std::optional<MonoTime> InFlight::silent_at() const {
  if (flights_.empty()) return std::nullopt;
  return std::max(heard_, flights_.begin()->second.sent) + broker_silence;
}

std::optional<std::size_t> InFlight::bytes_per_second() const {
  if (rate_ == 0) return std::nullopt;
  return static_cast<std::size_t>(std::min(rate_, 1e9));
}

}  // namespace tocsin::session
