#include <algorithm>

#include "sync/session/uplink_impl.h"
#include "sync/wire/frame.h"

namespace tocsin::session {
namespace {

constexpr std::size_t most_nows = 2;               // up/now in flight
constexpr std::size_t smallest_budget = 4 * 1024;  // bytes of a data frame, however slow the link
constexpr std::size_t data_turn = 18;              // data after 18 times its frame's bytes: 5 %, and rounding
constexpr std::size_t most_read = 2048;            // records asked for at once

std::string_view topic_of(Lane which) {
  switch (which) {
    case Lane::alarm: return "up/alarm";
    case Lane::event: return "up/event";
    case Lane::data: break;
  }
  return "up/data";
}

// How many of `records`, from the front, are contiguous and fit a frame; at least one.
std::size_t fitting(const std::vector<Record>& records, std::size_t budget) {
  std::size_t bytes = wire::frame_overhead;
  std::size_t count = 0;
  for (const Record& record : records) {
    bytes += record.body.size() + wire::record_overhead;
    const bool follows = count == 0 || record.seq == records[count - 1].seq + 1;
    if (count > 0 && (!follows || bytes > budget || count == wire::most_records)) break;
    ++count;
  }
  return count;
}

}  // namespace

void UplinkSession::Impl::publish(Flight flight, std::string_view suffix, Bytes payload, MonoTime now,
                                  Actions& out) {
  flight.bytes = payload.size();
  out.push_back(Publish{in_flight.add(flight, now), topic_prefix + std::string(suffix), std::move(payload)});
}

void UplinkSession::Impl::send_hello(MonoTime now, Actions& out) {
  hello_at = now + hello_pause.current();
  hello_pause.advance();
  if (phase != Phase::connected || in_flight.count(Content::hello) != 0) return;
  last_hello = now;
  HelloMessage hello{identity.epoch,
                     identity.previous_epoch,
                     identity.db_nonce,
                     session_nonce,
                     identity.boot,
                     identity.software,
                     {},
                     open_alarms,
                     true,
                     desired_version,
                     term};
  for (const Lane which : wire::lanes) hello.lanes[which] = lane(which).state();
  publish({.content = Content::hello}, "up/hello", encode(hello), now, out);
}

void UplinkSession::Impl::send_alive(MonoTime now, UtcTime wall, std::uint32_t clock_quality, Actions& out) {
  alive_at = now + alive_period;
  if (in_flight.count(Content::alive) != 0) return;
  AliveMessage alive{identity.boot, identity.epoch, now, wall, clock_quality, {}};
  for (const Lane which : wire::lanes) alive.lanes[which] = lane(which).state();
  publish({.content = Content::alive}, "up/alive", encode(alive), now, out);
}

// True when older records of lane alarm keep this one back: unsent ones, or a sent one without ack for a
// second.
bool UplinkSession::Impl::is_stuck(std::uint64_t seq, MonoTime now) const {
  const LaneSender& alarms = lane(Lane::alarm);
  if (seq <= alarms.confirmed() + 1) return false;
  const std::uint64_t soon = alarms.reading() ? alarms.next() + most_read : alarms.next();
  if (seq > soon) return true;
  const auto waiting = alarms.waiting_since();
  return waiting && now - *waiting >= stalled_after;
}

std::optional<MonoTime> UplinkSession::Impl::urgent_at() const {
  const Record* newest = urgent.newest();
  const auto waiting = lane(Lane::alarm).waiting_since();
  if (!resumed || newest == nullptr || !waiting || in_flight.count(Content::now) >= most_nows)
    return std::nullopt;
  if (newest->seq <= lane(Lane::alarm).confirmed() + 1) return std::nullopt;
  return *waiting + stalled_after;
}

void UplinkSession::Impl::send_urgent(MonoTime now, Actions& out) {
  while (in_flight.count(Content::now) < most_nows) {
    const Record* record = urgent.newest();
    if (record == nullptr || !is_stuck(record->seq, now)) return;
    const std::uint64_t seq = record->seq;
    publish({.content = Content::now, .first = seq, .last = seq}, "up/now",
            encode(NowMessage{identity.epoch, seq, record->body}), now, out);
    urgent.sent(seq);
  }
}

std::size_t UplinkSession::Impl::frame_budget(Lane which) const {
  const auto rate = in_flight.bytes_per_second();
  if (which != Lane::data || !rate) return limits.max_frame;
  const std::size_t share = *rate / std::max<std::size_t>(1, limits.data_in_flight);
  return std::clamp(share, std::min(smallest_budget, limits.max_frame), limits.max_frame);
}

// Strict priority alarm > event > data; data has its turn when the others took eighteen times its frame.
std::optional<Lane> UplinkSession::Impl::next_lane() const {
  const LaneSender& data = lane(Lane::data);
  const std::size_t data_flights = in_flight.frames_of(Lane::data);
  const bool data_may = data.wants_to_read() && data_flights < limits.data_in_flight;
  if (data_may && owed_to_data >= data_turn * frame_budget(Lane::data)) return Lane::data;
  for (const Lane which : {Lane::alarm, Lane::event})
    if (lane(which).wants_to_read()) return which;
  if (data_may) return Lane::data;
  return std::nullopt;
}

void UplinkSession::Impl::pump(MonoTime now, Actions& out) {
  if (phase != Phase::connected || !resumed) return;
  const auto taken = [&] {
    std::size_t reads = 0;
    for (const LaneSender& sender : senders) reads += sender.reading() ? 1 : 0;
    return in_flight.frames() + reads;
  };
  while (taken() < slots) {
    const auto which = next_lane();
    if (!which) break;
    LaneSender& sender = lane(*which);
    const std::uint64_t from = sender.start_read();
    out.push_back(ReadRecords{*which, from, std::min(sender.room(), most_read), frame_budget(*which)});
  }
  send_urgent(now, out);
}

void UplinkSession::Impl::send_frame(Lane which, const std::vector<Record>& records, MonoTime now,
                                     UtcTime wall, Actions& out) {
  LaneSender& sender = lane(which);
  const std::size_t count =
      std::min(fitting(records, frame_budget(which)), std::max<std::size_t>(1, sender.room()));
  const std::uint64_t first = records.front().seq, last = records[count - 1].seq;
  Bytes payload =
      wire::encode_frame(identity.epoch, which, sender.after(first), std::span(records).first(count), wall);
  sender.sent(last, now);
  if (which == Lane::data)
    owed_to_data = 0;
  else if (lane(Lane::data).wants_to_read())
    owed_to_data += payload.size();
  publish({.content = Content::frame, .lane = which, .first = first, .last = last}, topic_of(which),
          std::move(payload), now, out);
}

}  // namespace tocsin::session
