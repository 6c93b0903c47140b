#include "gateway/meter/state_codec.h"

#include <bit>
#include <cmath>

namespace tocsin::meter {
namespace {

constexpr std::uint8_t version = 1;

void write(bytes::Writer& writer, const std::optional<UtcTime>& time) {
  writer.u8(time ? 1 : 0);
  if (time) writer.u64_le(static_cast<std::uint64_t>(time->time_since_epoch().count()));
}

void write(bytes::Writer& writer, const std::optional<Total>& total) {
  writer.u8(total ? 1 : 0);
  if (!total) return;
  writer.u64_le(std::bit_cast<std::uint64_t>(total->value));
  writer.u64_le(static_cast<std::uint64_t>(total->at.mono.time_since_epoch().count()));
  writer.u64_le(static_cast<std::uint64_t>(total->at.utc.time_since_epoch().count()));
  writer.u64_le(total->at.boot);
  writer.u8(static_cast<std::uint8_t>(total->at.clock));
}

UtcTime read_time(bytes::Reader& reader) {
  return UtcTime(std::chrono::milliseconds(static_cast<std::int64_t>(reader.u64_le())));
}

std::optional<UtcTime> read_optional_time(bytes::Reader& reader) {
  if (reader.u8() == 0) return std::nullopt;
  return read_time(reader);
}

std::optional<Total> read_total(bytes::Reader& reader) {
  if (reader.u8() == 0) return std::nullopt;
  Total total;
  total.value = std::bit_cast<double>(reader.u64_le());
  total.at.mono = MonoTime(Duration(static_cast<std::int64_t>(reader.u64_le())));
  total.at.utc = read_time(reader);
  total.at.boot = reader.u64_le();
  const std::uint8_t clock = reader.u8();
  total.at.clock = clock == 2   ? ClockQuality::synchronised
                   : clock == 1 ? ClockQuality::holdover
                                : ClockQuality::unsynchronised;
  return total;
}

bool is_number(const std::optional<Total>& total) {
  return !total || std::isfinite(total->value);
}

}  // namespace

Bytes encode_state(const StoredCounter& stored) {
  Bytes body;
  bytes::Writer writer(body);
  writer.u8(version);
  write(writer, stored.counter.last);
  write(writer, stored.counter.suspect);
  write(writer, stored.days.base);
  write(writer, stored.days.day);
  write(writer, stored.meter_day);
  return body;
}

std::optional<StoredCounter> decode_state(ByteView body) {
  bytes::Reader reader(body);
  if (reader.u8() != version) return std::nullopt;
  StoredCounter stored;
  stored.counter.last = read_total(reader);
  stored.counter.suspect = read_total(reader);
  stored.days.base = read_total(reader);
  stored.days.day = read_optional_time(reader);
  stored.meter_day = read_optional_time(reader);
  const bool sane =
      is_number(stored.counter.last) && is_number(stored.counter.suspect) && is_number(stored.days.base);
  if (!reader.ok() || reader.remaining() != 0 || !sane) return std::nullopt;
  return stored;
}

}  // namespace tocsin::meter
