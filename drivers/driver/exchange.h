#pragma once
// One conversation with one device, without I/O: it says what to do next, `drivers/io/pump` does it. Frames
// come in whole (a FrameProtocol found them), bytes go out whole. An Exchange is used once, by the thread
// that owns the bus.

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/point.h"

namespace tocsin::driver {

// What one read says about one point; `point` is its index in the profile.
struct Sample {
  std::size_t point = 0;
  Value value;
  Quality quality = Quality::good;
  std::optional<Fault> fault;                      // set when quality is bad; then there is no value
  std::optional<UtcTime> t_source = std::nullopt;  // the device's own time of a frozen value

  friend bool operator==(const Sample&, const Sample&) = default;
};
using Samples = std::vector<Sample>;

inline Sample bad_sample(std::size_t point, Fault fault) {
  return {point, {}, Quality::bad, fault};
}

struct Send {  // put these bytes on the line, then wait for a frame
  Bytes bytes;
};
struct Receive {};  // that frame was not ours: go on waiting until the same deadline
struct Done {       // a write has no samples, unless it was read back
  Samples samples;
};
using Step = std::variant<Send, Receive, Done, Error>;

class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual Step start() = 0;
  virtual Step on_frame(ByteView frame) = 0;
};

}  // namespace tocsin::driver
