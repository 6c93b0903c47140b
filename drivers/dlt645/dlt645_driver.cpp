#include "drivers/dlt645/dlt645_driver.h"

#include <algorithm>

#include "core/bytes/hex.h"
#include "drivers/dlt645/items.h"
#include "drivers/dlt645/read_exchange.h"
#include "drivers/driver/source_keys.h"

namespace tocsin::dlt645 {

namespace {

constexpr std::array<std::pair<std::string_view, Edition>, 2> editions{
    {{"2007", Edition::v2007}, {"1997", Edition::v1997}}};

MeterPoint read_source(driver::SourceKeys& keys) {
  MeterPoint point;
  point.edition = keys.choice("edition", editions, Edition::v2007);
  point.identifier = keys.hex("id", 2 * identifier_size(point.edition));
  point.field = static_cast<std::size_t>(keys.number("field", 0, 63, 0));
  if (keys.errors().empty() && !find_item(point.identifier, point.edition))
    keys.wrong("\"id\" is not in the standard");
  if (keys.has("id1997")) {
    if (point.edition == Edition::v1997) keys.wrong("\"id1997\" goes with the 2007 \"id\"");
    point.identifier_1997 = keys.hex("id1997", 4);
    if (!find_item(*point.identifier_1997, Edition::v1997)) keys.wrong("\"id1997\" is not in the standard");
  }
  if (keys.has("time")) {
    point.time = keys.hex("time", 2 * identifier_size(point.edition));
    const auto item = find_item(*point.time, point.edition);
    if (!item || item->format != Format::minute || point.identifier_1997)
      keys.wrong("\"time\" is not the identifier of a freeze moment of edition 2007, such as \"05060001\"");
  }
  return point;
}

driver::SourceKeys keys_of(const driver::PointSpec& spec) {
  return {spec, {"id", "edition", "id1997", "field", "time"}};
}

}  // namespace

std::vector<std::string> check_source(const driver::PointSpec& spec) {
  driver::SourceKeys keys = keys_of(spec);
  read_source(keys);
  if (spec.writable) keys.wrong("a meter is only read");
  return keys.errors();
}

Result<std::shared_ptr<const driver::Driver>> Dlt645Driver::make(const driver::DeviceSpec& device) {
  MeterMap meter{device.profile, {}, {}, nullptr};
  const auto digits = bytes::from_hex(device.address);
  const bool decimal = std::ranges::all_of(device.address, [](char c) { return c >= '0' && c <= '9'; });
  if (!decimal || !digits || digits->size() != meter.address.size())
    return fail(Fault::bad_input, "address \"" + device.address + "\" is not the 12 digits of a meter");
  std::ranges::reverse_copy(*digits, meter.address.begin());
  for (const driver::PointSpec& spec : device.profile->points) {
    driver::SourceKeys keys = keys_of(spec);
    meter.points.push_back(read_source(keys));
    if (!keys.errors().empty())
      return fail(Fault::bad_input, "point " + spec.name + ": " + keys.errors().front());
  }
  const auto either = std::ranges::count_if(
      meter.points, [](const auto& point) { return point.identifier_1997.has_value(); });
  if (either != 0 && static_cast<std::size_t>(either) != meter.points.size())
    return fail(Fault::bad_input,
                "\"id1997\" is given for some points only: the edition is the meter's, not the point's");
  if (either != 0) meter.edition = std::make_shared<driver::DialectMemory>();
  return std::shared_ptr<const driver::Driver>(std::make_shared<Dlt645Driver>(std::move(meter)));
}

// A space per identifier: points of one block share it and come with one read.
std::vector<driver::PollItem> Dlt645Driver::items() const {
  std::vector<driver::PollItem> items;
  for (std::size_t i = 0; i < meter_.points.size(); ++i)
    items.push_back({i, static_cast<int>(meter_.points[i].identifier), 0, 1});
  return items;
}

driver::FrameSizes Dlt645Driver::read_sizes(const driver::Span& span) const {
  const MeterPoint& what = meter_.points.at(span.points.front());
  const auto item = find_item(what.identifier, what.edition);
  const std::size_t head = preamble + overhead + identifier_size(what.edition);
  const std::size_t data = !item ? 0 : item->block ? max_data : item->width;
  const int turns = what.time ? 3 : 1;  // the moment, the item, the moment
  return {head * static_cast<std::size_t>(turns), (head + data) * static_cast<std::size_t>(turns), turns};
}

std::unique_ptr<driver::Exchange> Dlt645Driver::read(const driver::Span& span) const {
  return std::make_unique<ReadExchange>(meter_, span.points);
}

Result<std::unique_ptr<driver::Exchange>> Dlt645Driver::write(std::size_t, const tocsin::Value&) const {
  return fail(Fault::refused, "a meter is only read");
}

}  // namespace tocsin::dlt645
