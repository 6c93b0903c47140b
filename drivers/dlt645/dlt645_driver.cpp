#include "drivers/dlt645/dlt645_driver.h"

#include <algorithm>

#include "core/bytes/hex.h"
#include "drivers/dlt645/values.h"
#include "drivers/driver/scaled.h"
#include "drivers/driver/source_keys.h"

namespace tocsin::dlt645 {

namespace {

constexpr std::uint8_t read_2007 = 0x11, read_1997 = 0x01;
constexpr std::array<std::pair<std::string_view, Edition>, 2> editions{
    {{"2007", Edition::v2007}, {"1997", Edition::v1997}}};
constexpr std::size_t preamble = 4;  // FE, wakes the meter's receiver

MeterPoint read_source(driver::SourceKeys& keys) {
  MeterPoint point;
  point.edition = keys.choice("edition", editions, Edition::v2007);
  point.identifier = keys.hex("id", 2 * identifier_size(point.edition));
  point.field = static_cast<std::size_t>(keys.number("field", 0, 63, 0));
  if (keys.errors().empty() && !find_item(point.identifier, point.edition))
    keys.wrong("\"id\" is not in the standard");
  return point;
}

driver::SourceKeys keys_of(const driver::PointSpec& spec) {
  return {spec, {"id", "edition", "field"}};
}

driver::Sample sample_of(std::size_t index, const driver::PointSpec& spec,
                         const std::vector<dlt645::Value>& values, std::size_t field) {
  if (field >= values.size()) return driver::bad_sample(index, Fault::wrong_answer);
  const dlt645::Value& value = values[field];
  if (value.quality == Quality::all_ff) return driver::bad_sample(index, Fault::invalid_marker);
  if (value.quality != Quality::good) return driver::bad_sample(index, Fault::wrong_answer);
  if (!value.number) return {index, value.text, tocsin::Quality::good, std::nullopt};
  return driver::scaled_sample(index, spec, value.number->to_double());
}

class ReadExchange final : public driver::Exchange {
 public:
  ReadExchange(const MeterMap& meter, std::vector<std::size_t> points)
      : meter_(meter), points_(std::move(points)), what_(meter.points.at(points_.front())) {}

  driver::Step start() override {
    const std::uint8_t control = what_.edition == Edition::v2007 ? read_2007 : read_1997;
    const auto frame =
        build_frame({meter_.address, control, write_identifier(what_.identifier, what_.edition)});
    if (!frame) return frame.error();
    Bytes bytes(preamble + frame->size(), 0xFE);
    std::ranges::copy(*frame, bytes.begin() + preamble);
    return driver::Send{std::move(bytes)};
  }

  driver::Step on_frame(ByteView whole) override {
    const auto frame = parse_frame(whole);
    if (!frame) return frame.error();
    if (!frame->from_meter() || frame->address != meter_.address)
      return driver::Receive{};  // echo, or another meter
    if (frame->abnormal())
      return fail(Fault::exception, "the meter refuses", frame->data.empty() ? 0 : frame->data.front());
    if (frame->more_frames()) return fail(Fault::unsupported, "the answer goes on in further frames");
    if (identifier(*frame, what_.edition) != what_.identifier)
      return fail(Fault::wrong_answer, "answers another identifier: " + bytes::to_hex(whole));
    const auto values = read_values(what_.identifier, what_.edition, answer_data(*frame, what_.edition));
    driver::Samples samples;
    for (const std::size_t point : points_)
      samples.push_back(sample_of(point, meter_.profile->points[point], values, meter_.points[point].field));
    return driver::Done{std::move(samples)};
  }

 private:
  const MeterMap& meter_;
  std::vector<std::size_t> points_;
  const MeterPoint& what_;
};

}  // namespace

std::vector<std::string> check_source(const driver::PointSpec& spec) {
  driver::SourceKeys keys = keys_of(spec);
  read_source(keys);
  if (spec.writable) keys.wrong("a meter is only read");
  return keys.errors();
}

Result<std::shared_ptr<const driver::Driver>> Dlt645Driver::make(const driver::DeviceSpec& device) {
  MeterMap meter{device.profile, {}, {}};
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
  return {head, head + data, 1};
}

std::unique_ptr<driver::Exchange> Dlt645Driver::read(const driver::Span& span) const {
  return std::make_unique<ReadExchange>(meter_, span.points);
}

Result<std::unique_ptr<driver::Exchange>> Dlt645Driver::write(std::size_t, const tocsin::Value&) const {
  return fail(Fault::refused, "a meter is only read");
}

}  // namespace tocsin::dlt645
