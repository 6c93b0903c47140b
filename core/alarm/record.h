#pragma once
// An open alarm as status screens show it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/alarm/transition.h"

namespace tocsin::alarm {

struct Record {
  Key key;
  std::string alarm_id;
  AlarmClass cls = AlarmClass::fault;
  Stage stage = Stage::none;
  Bits bits;
  std::uint32_t count = 1;
  std::string zone;
  Value value;
  std::string unit;
  std::optional<double> threshold;
  std::vector<std::string> cause;
  std::optional<UtcTime> t_source;
  Stamp raised_at;
  Stamp changed_at;
  bool inferred = false;
  std::string reason;
};

}  // namespace tocsin::alarm
