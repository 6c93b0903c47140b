// DL/T 645-2007 and -1997: 68 A0..A5 68 C L DATA CS 16, every data byte plus 33H.

#include <algorithm>
#include <map>

#include "simulators/devices/meter_answers.h"

namespace tocsin::sim {
namespace {

constexpr std::uint8_t answer_bit = 0x80, error_bit = 0x40, more_bit = 0x20;
constexpr std::uint8_t no_such_data = 0x02;
constexpr int volts = 230;
constexpr double local_hours = 8;

Bytes framed(const Meter& meter, std::uint8_t control, const Bytes& data, Twist twist) {
  Bytes frame{0x68};
  Bytes address = reversed_digits(meter.address, 6);
  if (twist == Twist::wrong_address) address[0] = static_cast<std::uint8_t>(address[0] ^ 0x01);
  frame.insert(frame.end(), address.begin(), address.end());
  frame.insert(frame.end(), {0x68, control, static_cast<std::uint8_t>(data.size())});
  for (const std::uint8_t byte : data) frame.push_back(static_cast<std::uint8_t>(byte + 0x33));
  frame.push_back(checksum(frame));
  frame.push_back(0x16);
  return frame;
}

void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}

// Watts of a load that counts `rate` kWh in an hour.
std::int64_t watts(const Meter& meter) {
  return static_cast<std::int64_t>(meter.rate * 1000);
}

// mm hh DD MM YY of the last midnight.
Bytes freeze_time(const Meter& meter) {
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(meter.frozen_at + std::chrono::hours(int(local_hours))));
  Bytes out{0, 0};
  append(out, bcd(unsigned(day.day()), 1));
  append(out, bcd(unsigned(day.month()), 1));
  append(out, bcd(int(day.year()) % 100, 1));
  return out;
}

// Total, then four tariffs that share it.
Bytes tariffs(std::int64_t total) {
  Bytes out = bcd(total, 4);
  for (int i = 1; i <= 4; ++i) append(out, bcd(i == 1 ? total - 3 * (total / 4) : total / 4, 4));
  return out;
}

// What follows the identifier; empty: no such item.
Bytes item_2007(const Meter& meter, std::uint32_t id, Twist twist) {
  const std::int64_t total = shown(meter, twist);
  const Bytes absent2(2, 0xFF), absent3(3, 0xFF);
  const Bytes amps = bcd(watts(meter) * 1000 / volts, 3), power = bcd(watts(meter) * 10, 3);
  const auto frozen = static_cast<std::int64_t>(meter.frozen * 100 + 1e-6);
  const std::map<std::uint32_t, Bytes> items{{0x00000000, bcd(total, 4)},
                                             {0x00010000, bcd(total, 4)},
                                             {0x0001FF00, tariffs(total)},
                                             {0x00020000, bcd(0, 4)},
                                             {0x02010100, bcd(volts * 10, 2)},
                                             {0x02010200, absent2},
                                             {0x02010300, absent2},
                                             {0x02020100, amps},
                                             {0x02020200, absent3},
                                             {0x02020300, absent3},
                                             {0x02030000, power},
                                             {0x02060000, bcd(1000, 2)},
                                             {0x02800002, bcd(5000, 2)},
                                             {0x04000401, reversed_digits(meter.address, 6)},
                                             {0x04000402, reversed_digits(meter.serial, 6)},
                                             {0x05060001, freeze_time(meter)},
                                             {0x05060101, tariffs(frozen)}};
  const auto found = items.find(id);
  return found == items.end() ? Bytes{} : found->second;
}

Bytes item_1997(const Meter& meter, std::uint32_t id, Twist twist) {
  const std::int64_t total = shown(meter, twist);
  const std::map<std::uint32_t, Bytes> items{{0x9010, bcd(total, 4)},
                                             {0x901F, tariffs(total)},
                                             {0x9020, bcd(0, 4)},
                                             {0xB611, bcd(volts, 2)},
                                             {0xB612, Bytes(2, 0xFF)},
                                             {0xB613, Bytes(2, 0xFF)},
                                             {0xB621, bcd(watts(meter) * 100 / volts, 2)},
                                             {0xB622, Bytes(2, 0xFF)},
                                             {0xB623, Bytes(2, 0xFF)},
                                             {0xB630, bcd(watts(meter) * 10, 3)},
                                             {0xC032, reversed_digits(meter.serial, 6)}};
  const auto found = items.find(id);
  return found == items.end() ? Bytes{} : found->second;
}

}  // namespace

Bytes answer_dlt645(Meter& meter, ByteView request, Twist twist) {
  const bool v2007 = meter.kind == MeterKind::dlt645_2007;
  const std::uint8_t function = request[8];
  const std::uint8_t read = v2007 ? 0x11 : 0x01, follow = v2007 ? 0x12 : 0x02;
  const std::size_t width = v2007 ? 4 : 2;
  Bytes data;
  for (const std::uint8_t byte : request.subspan(10, request[9]))
    data.push_back(static_cast<std::uint8_t>(byte - 0x33));
  if (function == 0x13 && v2007) return framed(meter, 0x93, reversed_digits(meter.address, 6), twist);
  if (function == 0x11 && !v2007) return {};  // an edition it never heard of
  const auto control = static_cast<std::uint8_t>(function | answer_bit);
  if ((function != read && function != follow) || data.size() < width || twist == Twist::exception)
    return framed(meter, control | error_bit, {no_such_data}, twist);

  std::uint32_t id = 0;
  for (std::size_t i = width; i > 0; --i) id = id << 8 | data[i - 1];
  const Bytes value = v2007 ? item_2007(meter, id, twist) : item_1997(meter, id, twist);
  if (value.empty()) return framed(meter, control | error_bit, {no_such_data}, twist);

  // Frame 0 is the answer to `read`, frame n the n-th of `follow`. 1997 has no number: it sends the rest at
  // once.
  const std::size_t part = meter.split == 0 ? value.size() : meter.split;
  const std::size_t frame = function == read ? 0 : v2007 && data.size() > width ? data[width] : 1;
  const std::size_t from = std::min(frame * part, value.size());
  const std::size_t to = !v2007 && frame == 1 ? value.size() : std::min(from + part, value.size());
  Bytes out(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(width));
  out.insert(out.end(), value.begin() + static_cast<std::ptrdiff_t>(from),
             value.begin() + static_cast<std::ptrdiff_t>(to));
  if (function == follow && v2007) out.push_back(static_cast<std::uint8_t>(frame));
  return framed(meter, to < value.size() ? control | more_bit : control, out, twist);
}

}  // namespace tocsin::sim
