#pragma once
// Points, values and readings: the words that every part of the system shares (design section 4).

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/result/fault.h"
#include "core/value/time.h"

namespace tocsin {

// `device/point`; both match [A-Za-z0-9._-]{1,48}.
struct PointId {
  std::string device;
  std::string point;

  friend auto operator<=>(const PointId&, const PointId&) = default;
};

bool is_name(std::string_view text);
std::string to_string(const PointId& id);  // "smoke-3f-01/smoke"
Result<PointId> parse_point_id(std::string_view text);

// What a point can hold. No value at all is std::monostate: never 0.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

inline bool has_value(const Value& value) {
  return value.index() != 0;
}
std::optional<double> as_number(const Value& value);  // bool is 0 or 1; nothing for text and for no value
std::optional<bool> as_bool(const Value& value);      // a number is true when it is not 0
std::string to_string(const Value& value);            // "" when there is none

enum class Quality : std::uint8_t { good, uncertain, bad };

// A failed read is a Reading with quality bad and its fault, never an absence.
struct Reading {
  PointId id;
  Value value;
  Quality quality = Quality::good;
  std::optional<Fault> fault;       // set when quality is bad
  std::optional<UtcTime> t_source;  // the device's own time, when it tells one
  Stamp t_gateway;                  // when the answer was complete

  friend bool operator==(const Reading&, const Reading&) = default;
};

std::string quality_text(const Reading& reading);  // "good", "uncertain", "bad:timeout"

// The classes of alarms (design section 4).
enum class AlarmClass : std::uint8_t {
  fire,
  gas,
  toxic,
  sos,
  intrusion,
  door,
  parking,
  meter,
  environment,
  lift,
  supervisory,
  fault,
  disabled
};
std::string_view name_of(AlarmClass cls);
std::optional<AlarmClass> alarm_class(std::string_view name);
inline bool is_life_safety(AlarmClass cls) {
  return cls == AlarmClass::fire || cls == AlarmClass::gas || cls == AlarmClass::toxic ||
         cls == AlarmClass::sos;
}

enum class Stage : std::uint8_t { none, prealarm, a1, a2, confirmed };  // none: faults and service alarms
std::string_view name_of(Stage stage);                                  // "" for none, and back
std::optional<Stage> stage_of(std::string_view name);

// 1..1000 from the one table of (class, stage).
int severity_of(AlarmClass cls, Stage stage);

}  // namespace tocsin
