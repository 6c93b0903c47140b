#pragma once
// A wired M-Bus meter with a primary address 0..250: one conversation (SND_NKE, REQ_UD2, and again with the
// other FCB while more records follow) gives all its points. Reads only. What PointSpec::source means here:
// `header = "id"` for the meter's own number, or picking one record of the answer:
//   vif       value information as two hex digits without the extension bit ("13": volume in 0.001 m3)
//   storage   storage number, default 0 (now);  tariff, subunit  default 0
//   function  "instantaneous" (default), "maximum", "minimum"
// The value is in the record's unit (EN 13757-3), then PointSpec's scale. Pure and constant after
// construction.

#include "drivers/driver/driver.h"
#include "drivers/driver/frame_protocol.h"
#include "drivers/mbus/frame.h"
#include "drivers/mbus/records.h"

namespace tocsin::mbus {

struct MeterPoint {
  bool header_id = false;  // the number in the header, and nothing of what follows here
  std::uint8_t vif = 0;
  std::uint64_t storage = 0;
  std::uint32_t tariff = 0;
  std::uint32_t subunit = 0;
  Function function = Function::instantaneous;
};

struct MeterMap {
  std::shared_ptr<const driver::Profile> profile;
  std::vector<MeterPoint> points;  // as in the profile
  std::uint8_t address = 0;
};

std::vector<std::string> check_source(const driver::PointSpec& spec);

class Frames final : public driver::FrameProtocol {
 public:
  bytes::Found find(ByteView input) const override { return find_frame(input); }
};

class MbusDriver final : public driver::Driver {
 public:
  static Result<std::shared_ptr<const driver::Driver>> make(const driver::DeviceSpec& device);
  explicit MbusDriver(MeterMap meter) : meter_(std::move(meter)) {}

  std::vector<driver::PollItem> items() const override;
  std::uint32_t longest_span(int) const override { return 1; }
  driver::FrameSizes read_sizes(const driver::Span& span) const override;
  std::unique_ptr<driver::Exchange> read(const driver::Span& span) const override;
  bool splitting_helps(int) const override { return false; }
  Result<std::unique_ptr<driver::Exchange>> write(std::size_t point, const Value& value) const override;
  driver::FrameSizes write_sizes(std::size_t) const override { return {}; }

 private:
  MeterMap meter_;
};

}  // namespace tocsin::mbus
