#pragma once
// Registers and bits to values, and back.

#include <span>

#include "drivers/modbus/register_point.h"

namespace tocsin::modbus {

// The point's value in its `width_of(type)` registers; a sample of quality bad when it is marked invalid, the
// sensor is warming up, or the value is outside the point's range.
driver::Sample decode(std::size_t index, const driver::PointSpec& spec, const RegisterPoint& point,
                      std::span<const std::uint16_t> words);
driver::Sample decode_bit(std::size_t index, const driver::PointSpec& spec, bool bit);

// The registers to write for a value; bad_input when the point cannot hold it.
Result<std::vector<std::uint16_t>> encode(const driver::PointSpec& spec, const RegisterPoint& point,
                                          const Value& value);

}  // namespace tocsin::modbus
