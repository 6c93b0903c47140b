#pragma once
// Collects readings into blocks for lane data: one record per 200 readings, or per second when fewer come.
// Pure.

#include <optional>
#include <vector>

#include "core/bytes/reader.h"
#include "core/value/point.h"

namespace tocsin::flow {

class Telemetry {
 public:
  // Blocks that are full, each the body of one record (sync/wire/codec.h).
  std::vector<Bytes> add(const std::vector<Reading>& readings);
  std::optional<Bytes> flush(MonoTime now);  // when the oldest reading is a second old
  std::optional<MonoTime> next_due() const;

 private:
  Bytes take();

  std::vector<Reading> waiting_;
};

}  // namespace tocsin::flow
