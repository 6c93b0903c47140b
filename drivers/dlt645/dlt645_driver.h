#pragma once
// An electricity meter of DL/T 645: one read per data identifier; an answer that is split into frames is put
// together. Reads only. What PointSpec::source means here:
//   id       data identifier as eight hex digits, DI3 first ("00010000"); four for edition 1997 ("9010")
//   edition  "2007" (default) or "1997"
//   id1997   the same item in edition 1997: then the meter's edition is found by asking. All points or none.
//   field    index within a block, default 0
//   time     identifier of the moment at which this item was frozen ("05060001"); becomes Sample::t_source
// The device's address is its 12 digits. Constant after construction but for the edition that was found.

#include <array>

#include "drivers/dlt645/frame.h"
#include "drivers/driver/dialect.h"
#include "drivers/driver/driver.h"
#include "drivers/driver/frame_protocol.h"

namespace tocsin::dlt645 {

struct MeterPoint {
  std::uint32_t identifier = 0;
  Edition edition = Edition::v2007;
  std::optional<std::uint32_t> identifier_1997;  // the edition is found by asking
  std::optional<std::uint32_t> time;             // identifier of the freeze moment
  std::size_t field = 0;
};

struct MeterMap {
  std::shared_ptr<const driver::Profile> profile;
  std::vector<MeterPoint> points;  // as in the profile
  std::array<std::uint8_t, 6> address{};
  std::shared_ptr<driver::DialectMemory> edition;  // when it is to be found: first is 2007
};

std::vector<std::string> check_source(const driver::PointSpec& spec);

class Frames final : public driver::FrameProtocol {
 public:
  bytes::Found find(ByteView input) const override { return find_frame(input); }
};

class Dlt645Driver final : public driver::Driver {
 public:
  static Result<std::shared_ptr<const driver::Driver>> make(const driver::DeviceSpec& device);
  explicit Dlt645Driver(MeterMap meter) : meter_(std::move(meter)) {}

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

}  // namespace tocsin::dlt645
