#pragma once
// Small steps between protobuf and our words, for the code of wire/ and session/ that handles messages.

#include <algorithm>
#include <optional>
#include <string>

#include <google/protobuf/message_lite.h>

#include "core/bytes/reader.h"
#include "core/value/point.h"
#include "sync/wire/lane.h"
#include "sync/wire/tocsin.pb.h"

namespace tocsin::wire {

inline Bytes to_bytes(const google::protobuf::MessageLite& message) {
  Bytes out(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(out.data());
  return out;
}

// False for anything that is no such message. Says nothing on stderr: noise from outside must not fill a
// disk.
bool parse(ByteView data, google::protobuf::MessageLite& message);

inline ByteView as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string as_string(ByteView data) {
  return {data.begin(), data.end()};
}

inline std::int64_t utc_ms(UtcTime time) {
  return time.time_since_epoch().count();
}
// Clamped to the years 1 to 9999, so that arithmetic on a time from outside cannot overflow.
inline UtcTime utc_of(std::int64_t ms) {
  return UtcTime{std::chrono::milliseconds{
      std::clamp(ms, std::int64_t{-62135596800000}, std::int64_t{253402300799999})}};
}

// Sums and differences of times from outside wrap around instead of overflowing.
inline std::int64_t wrapping_plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t wrapping_minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

inline LaneId to_wire(Lane lane) {
  return static_cast<LaneId>(lane);
}
inline std::optional<Lane> lane_of(LaneId lane) {
  if (lane != LANE_ALARM && lane != LANE_EVENT && lane != LANE_DATA) return std::nullopt;
  return static_cast<Lane>(lane);
}

void put(Moment& out, const Stamp& stamp);
Stamp stamp_of(const Moment& moment);  // an unknown clock quality is unsynchronised
void put(WireValue& out, const Value& value);
Value value_of(const WireValue& value);

}  // namespace tocsin::wire
