#include "drivers/cjt188/cjt188_driver.h"

#include <algorithm>

#include "core/bytes/hex.h"
#include "drivers/cjt188/exchanges.h"
#include "drivers/cjt188/payload.h"
#include "drivers/driver/source_keys.h"

namespace tocsin::cjt188 {

namespace {

constexpr std::uint8_t any_type = 0xAA;
constexpr std::array<std::pair<std::string_view, Order>, 2> orders{
    {{"high", Order::high_first}, {"low", Order::low_first}}};
constexpr std::size_t request_data = 3;     // identifier, serial number
constexpr std::size_t longest_answer = 64;  // data of the longest known layout

driver::SourceKeys keys_of(const driver::PointSpec& spec) {
  return {spec, {"id", "order", "field"}};
}

MeterPoint read_source(driver::SourceKeys& keys) {
  MeterPoint point;
  point.identifier.value = keys.has("id") ? static_cast<std::uint16_t>(keys.hex("id", 4)) : read_current;
  point.identifier.order = keys.choice("order", orders, Order::high_first);
  point.either_order = !keys.has("order");
  point.field = keys.text("field").value_or("");
  if (point.field.empty()) keys.wrong("\"field\" is missing: the name of a value in the answer");
  return point;
}

}  // namespace

std::vector<std::string> check_source(const driver::PointSpec& spec) {
  driver::SourceKeys keys = keys_of(spec);
  const MeterPoint point = read_source(keys);
  if (spec.writable && (point.field != valve_field || point.identifier.value != read_current))
    keys.wrong("of a meter only the valve is written: field = \"valve\"");
  return keys.errors();
}

Result<std::shared_ptr<const driver::Driver>> Cjt188Driver::make(const driver::DeviceSpec& device) {
  MeterMap meter{device.profile, {}, any_type, {}, device.valve, std::make_shared<driver::DialectMemory>()};
  const auto slash = device.address.find('/');
  const std::string digits = slash == std::string::npos ? device.address : device.address.substr(slash + 1);
  const auto address = bytes::from_hex(digits);
  const auto type = slash == std::string::npos ? Result<Bytes>(Bytes{any_type})
                                               : bytes::from_hex(device.address.substr(0, slash));
  const bool decimal = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!decimal || !address || address->size() != meter.address.size() || !type || type->size() != 1)
    return fail(Fault::bad_input, "address \"" + device.address + "\" is not the 14 digits of a meter");
  std::ranges::reverse_copy(*address, meter.address.begin());
  meter.type = type->front();
  for (const driver::PointSpec& spec : device.profile->points) {
    driver::SourceKeys keys = keys_of(spec);
    meter.points.push_back(read_source(keys));
    if (!keys.errors().empty())
      return fail(Fault::bad_input, "point " + spec.name + ": " + keys.errors().front());
  }
  return std::shared_ptr<const driver::Driver>(std::make_shared<Cjt188Driver>(std::move(meter)));
}

// A space per identifier: the values of one answer come with one read.
std::vector<driver::PollItem> Cjt188Driver::items() const {
  std::vector<driver::PollItem> items;
  for (std::size_t i = 0; i < meter_.points.size(); ++i)
    items.push_back({i, meter_.points[i].identifier.value, 0, 1});
  return items;
}

driver::FrameSizes Cjt188Driver::read_sizes(const driver::Span&) const {
  return {preamble + overhead + request_data, preamble + overhead + longest_answer, 1};
}

std::unique_ptr<driver::Exchange> Cjt188Driver::read(const driver::Span& span) const {
  return std::make_unique<ReadExchange>(meter_, span.points);
}

Result<std::unique_ptr<driver::Exchange>> Cjt188Driver::write(std::size_t point,
                                                              const tocsin::Value& value) const {
  const auto close = as_bool(value);
  if (!meter_.profile->points.at(point).writable || meter_.points[point].field != valve_field || !close)
    return fail(Fault::refused, "of a meter only the valve is written, by true (close) or false (open)");
  if (const Status allowed = may_move(meter_, *close); !allowed) return allowed.error();
  return std::unique_ptr<driver::Exchange>(std::make_unique<ValveExchange>(meter_, point, *close));
}

// The valve's order and its answer, then a read.
driver::FrameSizes Cjt188Driver::write_sizes(std::size_t) const {
  constexpr std::size_t valve_request = preamble + overhead + request_data + 1;
  constexpr std::size_t valve_answer = preamble + overhead + request_data + 2;
  return {valve_request + preamble + overhead + request_data,
          valve_answer + preamble + overhead + longest_answer, 2};
}

}  // namespace tocsin::cjt188
