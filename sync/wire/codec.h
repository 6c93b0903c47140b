#pragma once
// Between the words of core/ and the record bodies of tocsin.proto. Bytes from outside give an Error, never
// an exception.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/alarm/transition.h"
#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/point.h"
#include "sync/wire/lane.h"

namespace tocsin::wire {

// "<gw>-<epoch, 16 hex>-<seq>"
std::string alarm_id(const std::string& gateway, std::uint64_t epoch, std::uint64_t seq);

// ---- lane alarm: a change of an alarm, or how an effect went
// --------------------------------------------------------

Bytes encode_change(const alarm::Transition& transition, const std::string& floor);
struct EffectReport {
  std::string alarm_id, effect, desired, outcome;
  Stamp at;

  friend bool operator==(const EffectReport&, const EffectReport&) = default;
};
Bytes encode_effect(const EffectReport& report);

// A body of lane alarm is one of the two.
struct DecodedAlarmBody {
  std::optional<alarm::Transition> change;
  std::string floor;
  std::optional<EffectReport> effect;
};
Result<DecodedAlarmBody> decode_alarm_body(ByteView body);

// ---- lane event
// -----------------------------------------------------------------------------------------------------

struct DeviceReport {
  std::string device, kind, detail;  // kind: lost, back, started, stopped, ...
  friend bool operator==(const DeviceReport&, const DeviceReport&) = default;
};
struct EvictionReport {  // records that were given up: the cause of a gap
  Lane lane{};
  std::uint64_t from = 0, to = 0, count = 0;
  std::string why;
  friend bool operator==(const EvictionReport&, const EvictionReport&) = default;
};
struct AnswerReport {
  Bytes command_id;
  std::string outcome, detail;        // outcome: accepted, then done, failed or indeterminate; or refused
  std::string refusal;                // its word; empty unless refused
  std::uint64_t desired_version = 0;  // instead of command_id: of an order of desired outputs
  friend bool operator==(const AnswerReport&, const AnswerReport&) = default;
};
struct DesiredReport {  // this version of the desired outputs is applied
  std::uint64_t version = 0;
  friend bool operator==(const DesiredReport&, const DesiredReport&) = default;
};
using EventReport = std::variant<DeviceReport, EvictionReport, AnswerReport, DesiredReport>;

Bytes encode_event(const EventReport& report, const Stamp& at);
struct DecodedEventBody {
  EventReport report;
  Stamp at;
};
Result<DecodedEventBody> decode_event_body(ByteView body);

// ---- lane data
// ------------------------------------------------------------------------------------------------------

// A block of up to 200 readings of one boot, columnar, zstd when it pays (the first byte says which).
// Monotonic times keep milliseconds; everything else comes back exactly.
inline constexpr std::size_t most_readings = 200;
Bytes encode_block(const std::vector<Reading>& readings);
Result<std::vector<Reading>> decode_block(ByteView body);

}  // namespace tocsin::wire
