#pragma once
// An alarm as the cloud keeps it: what the edge said last, and what people did with it. Plain values, no
// owner.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm/transition.h"

namespace tocsin::cloud {

// Where a gateway stands; from the cloud's own configuration, never from the gateway.
struct Site {
  std::string adcode;  // six digits, GB/T 2260
  std::string community;
  std::string building;
  std::optional<double> lat, lon;  // WGS 84, degrees

  friend bool operator==(const Site&, const Site&) = default;
};

// The way of the transition that the document reports, from sensor to feed. Only `source` can be unknown.
struct Times {
  std::optional<UtcTime> source;  // the device's own time
  UtcTime detected{}, stored{}, sent{}, cloud{}, feed{};

  friend bool operator==(const Times&, const Times&) = default;
};

struct Effect {
  std::string effect;
  std::string desired;  // the word of the level: "open"
  std::string outcome;  // empty until it ends; then confirmed, failed or unknown
  UtcTime at{};

  friend bool operator==(const Effect&, const Effect&) = default;
};

// A person at the desk said that it is real (design section 8: manual confirm).
struct Confirmation {
  std::string who;
  UtcTime at{};

  friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

struct FeedMark {
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;

  friend bool operator==(const FeedMark&, const FeedMark&) = default;
};

struct Alarm {
  std::string id;  // <gw>-<epoch, 16 hex>-<seq> of the record that raised it
  std::string gateway;
  Site site;
  std::string floor, zone;

  // Owned by the edge.
  alarm::Key key;
  AlarmClass cls = AlarmClass::fault;
  Stage stage = Stage::none;
  alarm::Bits bits;
  std::uint32_t count = 1;
  Value value;
  std::string unit;
  std::optional<double> threshold;
  std::vector<std::string> cause;
  bool closed = false;
  std::vector<Effect> effects;

  // Owned by the cloud.
  bool acked = false;
  std::optional<Confirmation> confirmed;  // then its stage counts as confirmed
  std::optional<UtcTime> shelved_until;
  std::optional<std::string> assigned;
  bool identity_conflict = false;  // its record's id came twice with different bodies

  Times times;
  std::optional<FeedMark> feed;  // its last entry in the city's log; none: the city was never told

  // The record that gave the fields of the edge: an older one, overtaken by up/now, changes nothing any more.
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;

  friend bool operator==(const Alarm&, const Alarm&) = default;
};

// What the city and people are told: a stage that a person confirmed is `confirmed`.
Stage told_stage(const Alarm& alarm);

// One of the labels of ISA-18.2 / IEC 62682, derived from the bits: unacknowledged acknowledged
// returned-unacknowledged latched shelved disabled out-of-service closed.
std::string_view state_of(const Alarm& alarm);

}  // namespace tocsin::cloud
