#include "drivers/cjt188/cjt188_driver.h"

#include <algorithm>

#include "core/bytes/hex.h"
#include "drivers/cjt188/payload.h"
#include "drivers/driver/scaled.h"
#include "drivers/driver/source_keys.h"

namespace tocsin::cjt188 {

namespace {

constexpr std::uint8_t read_data = 0x01;
constexpr std::uint8_t any_type = 0xAA;
constexpr std::array<std::pair<std::string_view, Order>, 2> orders{
    {{"high", Order::high_first}, {"low", Order::low_first}}};
constexpr std::size_t preamble = 4;         // FE, wakes the meter's receiver
constexpr std::size_t request_data = 3;     // identifier, serial number
constexpr std::size_t longest_answer = 64;  // data of the longest known layout

driver::SourceKeys keys_of(const driver::PointSpec& spec) {
  return {spec, {"id", "order", "field"}};
}

MeterPoint read_source(driver::SourceKeys& keys) {
  MeterPoint point;
  point.identifier.value = keys.has("id") ? static_cast<std::uint16_t>(keys.hex("id", 4)) : read_current;
  point.identifier.order = keys.choice("order", orders, Order::high_first);
  point.field = keys.text("field").value_or("");
  if (point.field.empty()) keys.wrong("\"field\" is missing: the name of a value in the answer");
  return point;
}

driver::Sample sample_of(std::size_t index, const driver::PointSpec& spec, const std::vector<Value>& values,
                         const std::string& field) {
  const auto found = std::ranges::find(values, field, &Value::name);
  if (found == values.end()) return driver::bad_sample(index, Fault::wrong_answer);
  if (found->quality == Quality::not_bcd) return driver::bad_sample(index, Fault::wrong_answer);
  if (found->quality != Quality::good || found->filled_with_nines)
    return driver::bad_sample(index, Fault::invalid_marker);
  if (!found->number) return {index, found->text, tocsin::Quality::good, std::nullopt};
  return driver::scaled_sample(index, spec, found->number->to_double());
}

class ReadExchange final : public driver::Exchange {
 public:
  ReadExchange(const MeterMap& meter, std::vector<std::size_t> points)
      : meter_(meter), points_(std::move(points)), what_(meter.points.at(points_.front())) {}

  driver::Step start() override {
    const auto frame =
        build_frame({meter_.type, meter_.address, read_data, read_request(what_.identifier, serial_number)});
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
      return fail(Fault::exception, "the meter refuses", frame->data.empty() ? 0 : frame->data.back());
    const auto answered = identifier(*frame);
    if (!answered || answered->value != what_.identifier.value)
      return fail(Fault::wrong_answer, "answers another identifier: " + bytes::to_hex(whole));
    const auto values = read_values(*frame);
    driver::Samples samples;
    for (const std::size_t point : points_)
      samples.push_back(sample_of(point, meter_.profile->points[point], values, meter_.points[point].field));
    return driver::Done{std::move(samples)};
  }

 private:
  static constexpr std::uint8_t serial_number = 0;

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

Result<std::shared_ptr<const driver::Driver>> Cjt188Driver::make(const driver::DeviceSpec& device) {
  MeterMap meter{device.profile, {}, any_type, {}};
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

Result<std::unique_ptr<driver::Exchange>> Cjt188Driver::write(std::size_t, const tocsin::Value&) const {
  return fail(Fault::refused, "a meter is only read");
}

}  // namespace tocsin::cjt188
