#include "drivers/modbus/modbus_driver.h"

#include <algorithm>
#include <charconv>

#include "drivers/modbus/pdu.h"
#include "drivers/modbus/value.h"

namespace tocsin::modbus {

namespace {

constexpr std::size_t read_request_size = 8;    // unit, function, address, count, CRC
constexpr std::size_t read_answer_extra = 5;    // unit, function, byte count, CRC
constexpr std::size_t write_request_extra = 9;  // function 16 without its registers
constexpr std::size_t write_echo_size = 8;

std::optional<std::uint8_t> unit_of(const std::string& address) {
  unsigned unit = 0;
  const char* end = address.data() + address.size();
  const auto [stop, error] = std::from_chars(address.data(), end, unit);
  if (error != std::errc{} || stop != end || unit > 255) return std::nullopt;
  return static_cast<std::uint8_t>(unit);
}

std::size_t data_size(Table table, std::size_t count) {
  return is_bit_table(table) ? (count + 7) / 8 : count * 2;
}

}  // namespace

Result<std::shared_ptr<const driver::Driver>> ModbusDriver::make(const driver::DeviceSpec& device) {
  const auto unit = unit_of(device.address);
  if (!unit) return fail(Fault::bad_input, "address \"" + device.address + "\" is not a unit 0..255");
  DeviceMap map{device.profile, {}, *unit};
  for (const driver::PointSpec& spec : device.profile->points) {
    auto point = register_point(spec);
    if (!point) return point.error();
    map.points.push_back(*point);
  }
  return std::shared_ptr<const driver::Driver>(std::make_shared<ModbusDriver>(std::move(map)));
}

std::vector<driver::PollItem> ModbusDriver::items() const {
  std::vector<driver::PollItem> items;
  for (std::size_t i = 0; i < device_.points.size(); ++i) {
    const RegisterPoint& point = device_.points[i];
    if (!point.read_back) continue;  // a command, not a state
    items.push_back(
        {i, static_cast<int>(point.table), point.address, static_cast<std::uint32_t>(width_of(point.type))});
  }
  return items;
}

std::uint32_t ModbusDriver::longest_span(int space) const {
  const driver::Limits& limits = device_.profile->limits;
  if (is_bit_table(static_cast<Table>(space)))
    return std::clamp(static_cast<std::uint32_t>(std::max(limits.max_bits, 1)), 1u, most_bits);
  return std::clamp(static_cast<std::uint32_t>(std::max(limits.max_registers, 1)), 1u, most_registers);
}

driver::FrameSizes ModbusDriver::read_sizes(const driver::Span& span) const {
  return {read_request_size, read_answer_extra + data_size(static_cast<Table>(span.space), span.count), 1};
}

std::unique_ptr<driver::Exchange> ModbusDriver::read(const driver::Span& span) const {
  return std::make_unique<ReadExchange>(device_, span);
}

bool ModbusDriver::splitting_helps(int exception_code) const {
  return exception_code == illegal_address || exception_code == illegal_value;
}

Result<std::unique_ptr<driver::Exchange>> ModbusDriver::write(std::size_t index, const Value& value) const {
  const driver::PointSpec& spec = device_.profile->points.at(index);
  if (!spec.writable) return fail(Fault::refused, spec.name + " is not writable");
  std::vector<std::uint16_t> words;
  if (device_.points[index].table == Table::coil) {
    const auto on = as_bool(value);
    if (!on) return fail(Fault::bad_input, spec.name + " takes true or false");
    words.push_back(*on ? 1 : 0);
  } else {
    auto encoded = encode(spec, device_.points[index], value);
    if (!encoded) return encoded.error();
    words = std::move(*encoded);
  }
  return std::unique_ptr<driver::Exchange>(std::make_unique<WriteExchange>(device_, index, std::move(words)));
}

driver::FrameSizes ModbusDriver::write_sizes(std::size_t index) const {
  const RegisterPoint& point = device_.points.at(index);
  const std::size_t data = data_size(point.table, static_cast<std::size_t>(width_of(point.type)));

  driver::FrameSizes sizes{write_request_extra + data, write_echo_size, 1};
  if (point.read_back) {
    sizes.turns = 2;
    sizes.request += read_request_size;
    sizes.answer += read_answer_extra + data;
  }
  return sizes;
}

}  // namespace tocsin::modbus
