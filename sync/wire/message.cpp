#include "sync/wire/message.h"

#include <google/protobuf/stubs/logging.h>

#include "sync/wire/text.h"

namespace tocsin::wire {

bool parse(ByteView data, google::protobuf::MessageLite& message) {
  constexpr std::size_t largest = 4u << 20;  // bytes; a block of readings unpacks to far less
  if (data.size() > largest) return false;
  const google::protobuf::LogSilencer silencer;
  return message.ParseFromArray(data.data(), static_cast<int>(data.size()));
}

void put(Moment& out, const Stamp& stamp) {
  out.set_utc_ms(utc_ms(stamp.utc));
  out.set_mono_ns(stamp.mono.time_since_epoch().count());
  out.set_boot(stamp.boot);
  out.set_clock_quality(static_cast<std::uint32_t>(stamp.clock));
}

Stamp stamp_of(const Moment& moment) {
  Stamp stamp{MonoTime{Duration{moment.mono_ns()}}, utc_of(moment.utc_ms()), moment.boot(),
              ClockQuality::unsynchronised};
  if (moment.clock_quality() <= static_cast<std::uint32_t>(ClockQuality::synchronised))
    stamp.clock = static_cast<ClockQuality>(moment.clock_quality());
  return stamp;
}

void put(WireValue& out, const Value& value) {
  if (const auto* b = std::get_if<bool>(&value)) out.set_boolean(*b);
  if (const auto* i = std::get_if<std::int64_t>(&value)) out.set_integer(*i);
  if (const auto* d = std::get_if<double>(&value)) out.set_real(*d);
  if (const auto* s = std::get_if<std::string>(&value)) out.set_text(clean_text(*s));
}

Value value_of(const WireValue& value) {
  switch (value.kind_case()) {
    case WireValue::kBoolean: return value.boolean();
    case WireValue::kInteger: return std::int64_t{value.integer()};
    case WireValue::kReal: return value.real();
    case WireValue::kText: return value.text();
    case WireValue::KIND_NOT_SET: break;
  }
  return {};
}

}  // namespace tocsin::wire
