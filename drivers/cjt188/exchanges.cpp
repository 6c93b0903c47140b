#include "drivers/cjt188/exchanges.h"

#include <algorithm>

#include "core/bytes/hex.h"
#include "drivers/cjt188/payload.h"
#include "drivers/driver/device_time.h"
#include "drivers/driver/scaled.h"

namespace tocsin::cjt188 {

namespace {

constexpr std::uint8_t read_data = 0x01, write_data = 0x04;
constexpr std::uint8_t open_code = 0x55, close_code = 0x99;
constexpr std::uint8_t serial_number = 0;
constexpr std::uint8_t wildcard = 0xAA;

driver::Step send(const MeterMap& meter, std::uint8_t control, Bytes data) {
  const auto frame = build_frame({meter.type, meter.address, control, std::move(data)});
  if (!frame) return frame.error();
  Bytes bytes(preamble + frame->size(), 0xFE);
  std::ranges::copy(*frame, bytes.begin() + preamble);
  return driver::Send{std::move(bytes)};
}

// An order that the profile names, the one that was found, or the next to be tried.
Order choose_order(const MeterMap& meter, const MeterPoint& what) {
  if (!what.either_order) return what.identifier.order;
  return meter.order->next() == driver::Dialect::first ? Order::high_first : Order::low_first;
}

void remember_order(const MeterMap& meter, const MeterPoint& what, Order order) {
  if (what.either_order)
    meter.order->answered(order == Order::high_first ? driver::Dialect::first : driver::Dialect::second);
}

// ST0 bits 0..1: 00 open, 01 closed, 11 fault (clause 7.3, table 9).
driver::Sample valve_sample(std::size_t index, const std::string& status) {
  const auto bytes = bytes::from_hex(status);
  if (!bytes || bytes->empty()) return driver::bad_sample(index, Fault::wrong_answer);
  const int state = bytes->front() & 0x03;
  if (state > 1) return driver::bad_sample(index, Fault::invalid_marker);
  return {index, state == 1, tocsin::Quality::good, std::nullopt};
}

driver::Sample sample_of(std::size_t index, const driver::PointSpec& spec, const std::vector<Value>& values,
                         const std::string& field) {
  const bool valve = field == valve_field;
  const auto found = std::ranges::find(values, valve ? "status" : std::string_view(field), &Value::name);
  if (found == values.end()) return driver::bad_sample(index, Fault::wrong_answer);
  if (found->quality == Quality::not_bcd) return driver::bad_sample(index, Fault::wrong_answer);
  if (found->quality != Quality::good || found->filled_with_nines)
    return driver::bad_sample(index, Fault::invalid_marker);
  if (valve) return valve_sample(index, found->text);
  // A meter set to GJ must not be read as kWh; a profile that converts has a scale.
  if (found->kind == Kind::with_unit && !spec.unit.empty() && spec.scale == 1 && found->unit != spec.unit)
    return driver::bad_sample(index, Fault::unsupported);
  if (!found->number) return {index, found->text, tocsin::Quality::good, std::nullopt};
  return driver::scaled_sample(index, spec, found->number->to_double());
}

// Of a daily or monthly freeze: when it was.
std::optional<UtcTime> freeze_time(const std::vector<Value>& values) {
  const auto found = std::ranges::find(values, std::string_view("freeze_time"), &Value::name);
  if (found == values.end() || found->quality != Quality::good) return std::nullopt;
  return driver::device_time(found->text);
}

}  // namespace

driver::Step ReadExchange::start() {
  order_ = choose_order(meter_, what_);
  return send(meter_, read_data, read_request({what_.identifier.value, order_}, serial_number));
}

driver::Step ReadExchange::on_frame(ByteView whole) {
  const auto frame = parse_frame(whole);
  if (!frame) return frame.error();
  if (!frame->from_meter() || frame->address != meter_.address)
    return driver::Receive{};  // echo, or another meter
  if (frame->abnormal())
    return fail(Fault::exception, "the meter refuses", frame->data.empty() ? 0 : frame->data.back());
  const auto answered = identifier(*frame);
  if (frame->function() != read_data || !answered || answered->value != what_.identifier.value)
    return fail(Fault::wrong_answer, "answers another identifier: " + bytes::to_hex(whole));
  remember_order(meter_, what_, order_);
  const auto values = read_values(*frame);
  driver::Samples samples;
  for (const std::size_t point : points_) {
    samples.push_back(sample_of(point, meter_.profile->points[point], values, meter_.points[point].field));
    if (samples.back().quality == tocsin::Quality::good) samples.back().t_source = freeze_time(values);
  }
  return driver::Done{std::move(samples)};
}

driver::Step ValveExchange::start() {
  const MeterPoint& what = meter_.points[point_];
  order_ = choose_order(meter_, what);
  Bytes data = read_request({write_valve, order_}, serial_number);
  data.push_back(close_ ? close_code : open_code);
  return send(meter_, write_data, std::move(data));
}

driver::Step ValveExchange::on_frame(ByteView whole) {
  if (moved_) return read_.on_frame(whole);
  const auto frame = parse_frame(whole);
  if (!frame) return frame.error();
  if (!frame->from_meter() || frame->address != meter_.address) return driver::Receive{};
  if (frame->abnormal())
    return fail(Fault::exception, "the meter refuses", frame->data.empty() ? 0 : frame->data.back());
  const auto answered = identifier(*frame);
  if (frame->function() != write_data || !answered || answered->value != write_valve)
    return fail(Fault::wrong_answer, "answers another identifier: " + bytes::to_hex(whole));
  remember_order(meter_, meter_.points[point_], order_);
  moved_ = true;
  return read_.start();
}

Status may_move(const MeterMap& meter, bool close) {
  if (meter.valve == driver::ValveControl::none)
    return fail(Fault::refused,
                "valve control is not allowed for this meter: set valve_control in its [device] table");
  if (std::ranges::find(meter.address, wildcard) != meter.address.end())
    return fail(Fault::refused, "a valve is never moved by a wildcard address");
  if (close) return {};
  const Frame frame{meter.type, meter.address, write_data, {}};
  const auto family = frame.family();
  if (!family || family == Family::gas)
    return fail(
        Fault::refused,
        "a gas valve is never opened from here, and a meter of unknown type may be one: open it on the spot");
  if (meter.valve != driver::ValveControl::open_and_close)
    return fail(Fault::refused, "valve_control of this meter allows closing only");
  return {};
}

}  // namespace tocsin::cjt188
