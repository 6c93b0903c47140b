// CJ/T 188-2004: 68 T A0..A6 C L DATA CS 16, in both orders of the identifier.

#include "simulators/devices/meter_answers.h"

namespace tocsin::sim {
namespace {

constexpr std::uint8_t cubic_metre = 0x2C, kilowatt_hour = 0x05, kilowatt = 0x17, cubic_metre_per_hour = 0x35;
constexpr std::uint8_t valve_open = 0x55, valve_close = 0x99;

std::uint8_t type_of(MeterKind kind) {
  return kind == MeterKind::water ? 0x10 : kind == MeterKind::gas ? 0x30 : 0x20;
}

Bytes framed(const Meter& meter, std::uint8_t control, const Bytes& data, Twist twist) {
  Bytes frame{0x68, type_of(meter.kind)};
  Bytes address = reversed_digits(meter.address, 7);
  if (twist == Twist::wrong_address) address[0] = static_cast<std::uint8_t>(address[0] ^ 0x01);
  frame.insert(frame.end(), address.begin(), address.end());
  frame.insert(frame.end(), {control, static_cast<std::uint8_t>(data.size())});
  frame.insert(frame.end(), data.begin(), data.end());
  frame.push_back(checksum(frame));
  frame.push_back(0x16);
  return frame;
}

void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}
void append(Bytes& out, std::int64_t number, std::size_t width, std::uint8_t unit) {
  append(out, bcd(number, width));
  out.push_back(unit);
}

// The clock stands at 2026-11-22 00:00:00: ss mm hh DD MM YY CC.
const Bytes meter_clock{0x00, 0x00, 0x00, 0x22, 0x11, 0x26, 0x20};

void append_heat(Bytes& out, const Meter& meter, std::int64_t total) {
  const bool brief = meter.kind == MeterKind::heat_short;
  const std::size_t narrow = brief ? 3 : 4, temperature = brief ? 2 : 3, hours = brief ? 4 : 3;
  append(out, static_cast<std::int64_t>(meter.frozen * 100), 4, kilowatt_hour);
  append(out, total, 4, kilowatt_hour);
  append(out, static_cast<std::int64_t>(meter.rate * 100), narrow, kilowatt);
  append(out, 6500, narrow, cubic_metre_per_hour);  // 0.65 m3/h, four decimals
  append(out, total / 23, 4, cubic_metre);          // the volume of that heat at 20 K
  append(out, bcd(6125, temperature));              // 61.25 degrees
  append(out, bcd(4125, temperature));
  append(out, bcd(2300, hours));
  append(out, meter_clock);
}

}  // namespace

Bytes answer_cjt188(Meter& meter, ByteView request, Twist twist) {
  const std::uint8_t function = request[9] & 0x3F;
  const ByteView data = request.subspan(11, request[10]);
  const auto control = static_cast<std::uint8_t>(function | 0x80);
  if (data.size() < 3) return {};
  const bool low_first = data[0] == 0x1F || data[0] == 0x17;  // 901F and A017
  if (meter.order != DiOrder::as_asked && low_first != (meter.order == DiOrder::low_first)) return {};
  const unsigned id = low_first ? data[1] << 8 | data[0] : data[0] << 8 | data[1];
  const std::uint8_t status = meter.valve_closed ? 0x01 : 0x00;
  Bytes out(data.begin(), data.begin() + 3);
  if (twist == Twist::exception) return framed(meter, control | 0x40, {data[2], 0x20, 0x00}, twist);
  if (function == 0x04 && id == 0xA017 && data.size() == 4) {
    if (data[3] == valve_close || data[3] == valve_open) meter.valve_closed = data[3] == valve_close;
    append(out, {static_cast<std::uint8_t>(meter.valve_closed ? 1 : 0), 0x00});
    return framed(meter, control, out, twist);
  }
  if (function != 0x01 || id != 0x901F) return framed(meter, control | 0x40, {data[2], 0x20, 0x00}, twist);
  const std::int64_t total = shown(meter, twist);
  if (meter.kind == MeterKind::water || meter.kind == MeterKind::gas) {
    append(out, total, 4, cubic_metre);
    append(out, static_cast<std::int64_t>(meter.frozen * 100), 4, cubic_metre);
    append(out, meter_clock);
  } else {
    append_heat(out, meter, total);
  }
  append(out, {status, 0x00});
  return framed(meter, control, out, twist);
}

}  // namespace tocsin::sim
