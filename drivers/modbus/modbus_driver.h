#pragma once
// A Modbus device: its points as registers, and the conversations for them. The address is the unit
// identifier: 1..247 on a serial line, 0..255 on TCP.

#include "drivers/driver/driver.h"
#include "drivers/modbus/exchanges.h"

namespace tocsin::modbus {

class ModbusDriver final : public driver::Driver {
 public:
  // bad_input names the point or the address that is wrong.
  static Result<std::shared_ptr<const driver::Driver>> make(const driver::DeviceSpec& device);
  explicit ModbusDriver(DeviceMap device) : device_(std::move(device)) {}

  std::vector<driver::PollItem> items() const override;
  std::uint32_t longest_span(int space) const override;
  driver::FrameSizes read_sizes(const driver::Span& span) const override;
  std::unique_ptr<driver::Exchange> read(const driver::Span& span) const override;
  bool splitting_helps(int exception_code) const override;
  Result<std::unique_ptr<driver::Exchange>> write(std::size_t point, const Value& value) const override;
  driver::FrameSizes write_sizes(std::size_t point) const override;

 private:
  DeviceMap device_;
};

}  // namespace tocsin::modbus
