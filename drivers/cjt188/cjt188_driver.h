#pragma once
// A water, gas or heat meter of CJ/T 188: one read per data identifier. What PointSpec::source means here:
//   id     data identifier as four hex digits, "901F" (default) for the current totals
//   order  "high" or "low": which byte of the identifier this meter wants first; without it, found by asking
//   field  name of a value in the answer ("current_total", …), see layouts.h; "valve": is it closed?
// A point with field "valve" may be writable: true closes (A017 99), false opens (A017 55), as far as
// DeviceSpec::valve allows; a gas meter's valve, and one reached by wildcard, is never opened from here.
// The device's address is its 14 digits, with the meter type before it when the meter insists:
// "10/12345678901234". Constant after construction but for the order that was found.

#include <array>

#include "drivers/cjt188/frame.h"
#include "drivers/driver/dialect.h"
#include "drivers/driver/driver.h"
#include "drivers/driver/frame_protocol.h"

namespace tocsin::cjt188 {

struct MeterPoint {
  Identifier identifier;
  bool either_order = false;  // found by asking
  std::string field;
};

struct MeterMap {
  std::shared_ptr<const driver::Profile> profile;
  std::vector<MeterPoint> points;  // as in the profile
  std::uint8_t type = 0xAA;        // AA: any
  std::array<std::uint8_t, 7> address{};
  driver::ValveControl valve = driver::ValveControl::none;
  std::shared_ptr<driver::DialectMemory> order;  // first is high byte first
};

std::vector<std::string> check_source(const driver::PointSpec& spec);

class Frames final : public driver::FrameProtocol {
 public:
  bytes::Found find(ByteView input) const override { return find_frame(input); }
};

class Cjt188Driver final : public driver::Driver {
 public:
  static Result<std::shared_ptr<const driver::Driver>> make(const driver::DeviceSpec& device);
  explicit Cjt188Driver(MeterMap meter) : meter_(std::move(meter)) {}

  std::vector<driver::PollItem> items() const override;
  std::uint32_t longest_span(int) const override { return 1; }
  driver::FrameSizes read_sizes(const driver::Span& span) const override;
  std::unique_ptr<driver::Exchange> read(const driver::Span& span) const override;
  bool splitting_helps(int) const override { return false; }
  Result<std::unique_ptr<driver::Exchange>> write(std::size_t point,
                                                  const tocsin::Value& value) const override;
  driver::FrameSizes write_sizes(std::size_t) const override;

 private:
  MeterMap meter_;
};

}  // namespace tocsin::cjt188
