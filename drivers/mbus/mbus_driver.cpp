#include "drivers/mbus/mbus_driver.h"

#include <algorithm>
#include <charconv>

#include "drivers/driver/scaled.h"
#include "drivers/driver/source_keys.h"
#include "drivers/mbus/application.h"

namespace tocsin::mbus {

namespace {

constexpr std::uint8_t snd_nke = 0x40;
constexpr std::uint8_t req_ud2 = 0x7B;  // FCB 1: the first after SND_NKE
constexpr std::uint8_t fcb = 0x20;      // toggled to ask for what follows, EN 13757-2 clause 5.7.5
constexpr int most_telegrams = 16;      // a meter that never ends is refused
constexpr std::uint8_t rsp_ud_mask = 0x0F, rsp_ud = 0x08;
constexpr std::uint8_t last_primary = 250;
constexpr std::size_t short_frame = 5;
constexpr std::array<std::pair<std::string_view, Function>, 3> functions{
    {{"instantaneous", Function::instantaneous},
     {"maximum", Function::maximum},
     {"minimum", Function::minimum}}};

driver::SourceKeys keys_of(const driver::PointSpec& spec) {
  return {spec, {"header", "vif", "storage", "tariff", "subunit", "function"}};
}

MeterPoint read_source(driver::SourceKeys& keys) {
  MeterPoint point;
  constexpr std::array<std::pair<std::string_view, bool>, 1> headers{{{"id", true}}};
  point.header_id = keys.choice("header", headers, false);
  if (point.header_id) return point;
  point.vif = static_cast<std::uint8_t>(keys.hex("vif", 2));
  if ((point.vif & 0x80) != 0) keys.wrong("\"vif\" is without the extension bit: 00 to 7F");
  point.storage = static_cast<std::uint64_t>(keys.number("storage", 0, 1 << 30, 0));
  point.tariff = static_cast<std::uint32_t>(keys.number("tariff", 0, 1 << 20, 0));
  point.subunit = static_cast<std::uint32_t>(keys.number("subunit", 0, 1 << 10, 0));
  point.function = keys.choice("function", functions, Function::instantaneous);
  return point;
}

bool fits(const Record& record, const MeterPoint& point) {
  return (record.vif & 0x7F) == point.vif && record.storage == point.storage &&
         record.tariff == point.tariff && record.subunit == point.subunit &&
         record.function == point.function;
}

driver::Sample sample_of(std::size_t index, const driver::PointSpec& spec, const std::vector<Record>& records,
                         const MeterPoint& point, const std::string& id) {
  if (point.header_id && id.empty()) return driver::bad_sample(index, Fault::wrong_answer);
  if (point.header_id) return {index, id, Quality::good, std::nullopt};
  const auto found = std::ranges::find_if(records, [&](const Record& record) { return fits(record, point); });
  if (found == records.end()) return driver::bad_sample(index, Fault::wrong_answer);
  const auto scaled = scaled_value(*found);
  if (!scaled) return driver::bad_sample(index, Fault::invalid_marker);
  return driver::scaled_sample(index, spec, scaled->real);
}

class ReadExchange final : public driver::Exchange {
 public:
  ReadExchange(const MeterMap& meter, std::vector<std::size_t> points)
      : meter_(meter), points_(std::move(points)) {}

  driver::Step start() override { return send(snd_nke); }

  driver::Step on_frame(ByteView whole) override {
    const auto frame = parse_frame(whole);
    if (!frame) return frame.error();
    if (!reset_) {
      if (frame->kind != FrameKind::ack) return driver::Receive{};
      reset_ = true;
      return send(request_);
    }
    if (frame->kind != FrameKind::long_frame)
      return driver::Receive{};  // an E5 within noise, or our own echo
    if ((frame->control & rsp_ud_mask) != rsp_ud) return driver::Receive{};
    if (frame->address != meter_.address) return fail(Fault::wrong_unit, "another meter answered");
    if (frame->information == ci::error)
      return fail(Fault::exception, "the meter reports an error",
                  frame->data.empty() ? 0 : frame->data.front());
    const auto application = parse_application(*frame);
    return application ? take(*application) : driver::Step(application.error());
  }

 private:
  driver::Step take(const Application& application) {
    if (!application.records) return fail(Fault::unsupported, "the answer has no records");
    if (application.signature.value_or(0) != 0) return fail(Fault::unsupported, "the answer is encrypted");
    if (application.header) {
      if (!id_.empty() && id_ != application.header->id)
        return fail(Fault::wrong_answer,
                    "two meters answer at this address: " + id_ + " and " + application.header->id);
      id_ = application.header->id;
    }
    records_.insert(records_.end(), application.records->records.begin(), application.records->records.end());
    if (application.records->more_follow) {
      if (++telegrams_ == most_telegrams)
        return fail(Fault::unsupported, "the answer goes on for more than 16 telegrams");
      request_ ^= fcb;
      return send(request_);
    }
    driver::Samples samples;
    for (const std::size_t point : points_)
      samples.push_back(sample_of(point, meter_.profile->points[point], records_, meter_.points[point], id_));
    return driver::Done{std::move(samples)};
  }

  driver::Step send(std::uint8_t control) const {
    Frame request;
    request.kind = FrameKind::short_frame;
    request.control = control;
    request.address = meter_.address;
    auto bytes = build_frame(request);
    if (!bytes) return bytes.error();
    return driver::Send{std::move(*bytes)};
  }

  const MeterMap& meter_;
  std::vector<std::size_t> points_;
  bool reset_ = false;
  std::uint8_t request_ = req_ud2;
  int telegrams_ = 0;
  std::vector<Record> records_;  // of all telegrams so far
  std::string id_;
};

}  // namespace

std::vector<std::string> check_source(const driver::PointSpec& spec) {
  driver::SourceKeys keys = keys_of(spec);
  read_source(keys);
  if (spec.writable) keys.wrong("a meter is only read");
  return keys.errors();
}

Result<std::shared_ptr<const driver::Driver>> MbusDriver::make(const driver::DeviceSpec& device) {
  MeterMap meter{device.profile, {}, 0};
  unsigned address = 0;
  const char* end = device.address.data() + device.address.size();
  const auto [stop, error] = std::from_chars(device.address.data(), end, address);
  if (error != std::errc{} || stop != end || address > last_primary)
    return fail(Fault::bad_input, "address \"" + device.address + "\" is not a primary address 0..250");
  meter.address = static_cast<std::uint8_t>(address);
  for (const driver::PointSpec& spec : device.profile->points) {
    driver::SourceKeys keys = keys_of(spec);
    meter.points.push_back(read_source(keys));
    if (!keys.errors().empty())
      return fail(Fault::bad_input, "point " + spec.name + ": " + keys.errors().front());
  }
  return std::shared_ptr<const driver::Driver>(std::make_shared<MbusDriver>(std::move(meter)));
}

// One answer has everything: all points lie in the same unit.
std::vector<driver::PollItem> MbusDriver::items() const {
  std::vector<driver::PollItem> items;
  for (std::size_t i = 0; i < meter_.points.size(); ++i) items.push_back({i, 0, 0, 1});
  return items;
}

driver::FrameSizes MbusDriver::read_sizes(const driver::Span&) const {
  return {2 * short_frame, 1 + max_frame, 2};
}

std::unique_ptr<driver::Exchange> MbusDriver::read(const driver::Span& span) const {
  return std::make_unique<ReadExchange>(meter_, span.points);
}

Result<std::unique_ptr<driver::Exchange>> MbusDriver::write(std::size_t, const Value&) const {
  return fail(Fault::refused, "a meter is only read");
}

}  // namespace tocsin::mbus
