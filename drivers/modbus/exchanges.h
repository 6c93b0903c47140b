#pragma once
// The conversations of a Modbus master: read a span; write a point and read it back.

#include <memory>
#include <optional>

#include "drivers/driver/driver.h"
#include "drivers/modbus/register_point.h"

namespace tocsin::modbus {

// What the exchanges know of the device; it outlives them.
struct DeviceMap {
  std::shared_ptr<const driver::Profile> profile;
  std::vector<RegisterPoint> points;  // as in the profile
  std::uint8_t unit = 1;
};

class ReadExchange final : public driver::Exchange {
 public:
  ReadExchange(const DeviceMap& device, driver::Span span) : device_(device), span_(std::move(span)) {}
  driver::Step start() override;
  driver::Step on_frame(ByteView frame) override;

 private:
  const DeviceMap& device_;
  driver::Span span_;
  Bytes request_;
};

// Done carries the point as it was read back. not_agreed when it is not what was written. A device that
// refuses to let the point be read has still done the write.
class WriteExchange final : public driver::Exchange {
 public:
  // `words` are registers, or one coil as 0 or 1.
  WriteExchange(const DeviceMap& device, std::size_t point, std::vector<std::uint16_t> words)
      : device_(device), point_(point), words_(std::move(words)) {}
  driver::Step start() override;
  driver::Step on_frame(ByteView frame) override;

 private:
  driver::Step on_echo(ByteView frame);
  driver::Step on_read_back(ByteView frame);

  const DeviceMap& device_;
  std::size_t point_;
  std::vector<std::uint16_t> words_;
  Bytes request_;
  bool written_ = false;
};

}  // namespace tocsin::modbus
