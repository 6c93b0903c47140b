#pragma once
// One configured device as its protocol sees it: which reads give which points, and the conversations for
// them. Pure and constant after construction, so it is shared between threads freely.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "drivers/driver/exchange.h"
#include "drivers/driver/profile.h"

namespace tocsin::driver {

// Where a point lies. Units lie side by side within a space (a Modbus table); points of different spaces
// never share a read. A protocol that reads one item at a time gives each item its own space.
struct PollItem {
  std::size_t point = 0;  // index in the profile
  int space = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 1;
};

// One read: a run of units of one space, and the points it gives.
struct Span {
  int space = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::vector<std::size_t> points;  // ascending

  friend bool operator==(const Span&, const Span&) = default;
};

// Bytes on the wire, checksums included; for the cost of a conversation.
struct FrameSizes {
  std::size_t request = 0;
  std::size_t answer = 0;
  int turns = 1;  // requests and answers in the conversation
};

class Driver {
 public:
  virtual ~Driver() = default;

  virtual std::vector<PollItem> items() const = 0;          // one per readable point
  virtual std::uint32_t longest_span(int space) const = 0;  // units one read may cover
  virtual FrameSizes read_sizes(const Span& span) const = 0;
  virtual std::unique_ptr<Exchange> read(const Span& span) const = 0;

  // Whether a refusal with this code may be about some units of a read only, so that smaller reads help.
  virtual bool splitting_helps(int exception_code) const = 0;

  // Writes, then reads back where the device allows it. Refused for a point that cannot be written.
  virtual Result<std::unique_ptr<Exchange>> write(std::size_t point, const Value& value) const = 0;
  virtual FrameSizes write_sizes(std::size_t point) const = 0;  // write and read-back together
};

// A device of a bus with its driver: what the plan, the analysis and the bus work on.
struct PlannedDevice {
  DeviceSpec spec;
  std::shared_ptr<const Driver> driver;
};

struct Timing {
  Duration period{};
  Duration deadline{};  // detection; only for life safety
  bool life_safety = false;
};
Timing timing_of(const DeviceSpec& device, std::size_t point);  // planned_read.cpp

}  // namespace tocsin::driver
