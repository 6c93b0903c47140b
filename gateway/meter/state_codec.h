#pragma once
// A counter's state as a row of data.db (kind "meter"), so that a restart goes on where the last run ended.
// Pure.

#include "core/bytes/reader.h"
#include "gateway/meter/day_freeze.h"

namespace tocsin::meter {

struct StoredCounter {
  CounterState counter;
  DayState days;
  std::optional<UtcTime> meter_day;

  friend bool operator==(const StoredCounter&, const StoredCounter&) = default;
};

Bytes encode_state(const StoredCounter& stored);
std::optional<StoredCounter> decode_state(ByteView body);  // nothing when damaged or of another version

}  // namespace tocsin::meter
