#pragma once
// Between the words of core/ and the messages of tocsin.proto. Bytes from outside give an Error, never an exception.

#include <string>
#include <vector>

#include "core/alarm/transition.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/point.h"

namespace tocsin::wire {

class AlarmBody;  // generated
class EventBody;

// "<gw>-<epoch, 16 hex>-<seq>"
std::string alarm_id(const std::string& gateway, std::uint64_t epoch, std::uint64_t seq);

Bytes encode_change(const alarm::Transition& transition, const std::string& floor);
struct EffectReport {
  std::string alarm_id, effect, desired, outcome;
  Stamp at;
};
Bytes encode_effect(const EffectReport& report);

// A body of lane alarm is one of the two.
struct DecodedAlarmBody {
  std::optional<alarm::Transition> change;
  std::string floor;
  std::optional<EffectReport> effect;
};
Result<DecodedAlarmBody> decode_alarm_body(ByteView body);

// Lane data: a block of up to 200 readings, columnar, zstd when it pays (the first byte says which).
Bytes encode_block(const std::vector<Reading>& readings);
Result<std::vector<Reading>> decode_block(ByteView body);

}  // namespace tocsin::wire
