// M-Bus slave: SND_NKE 40 -> E5, REQ_UD2 5B/7B -> 68 L L 68 08 A 72 header records CS 16 (EN 13757-2, -3).

#include <algorithm>

#include "simulators/devices/meter_answers.h"

namespace tocsin::sim {
namespace {

constexpr std::uint8_t more_follow = 0x1F;
constexpr std::uint8_t fcb_bit = 0x20;

Bytes record(std::initializer_list<std::uint8_t> head, const Bytes& value) {
  Bytes out(head);
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

Bytes whole(std::int64_t number, std::size_t width) {
  Bytes out;
  for (std::size_t i = 0; i < width; ++i, number >>= 8) out.push_back(static_cast<std::uint8_t>(number));
  return out;
}

std::vector<Bytes> records_of(const Meter& meter, Twist twist) {
  const std::int64_t total = shown(meter, twist);
  const auto frozen = static_cast<std::int64_t>(meter.frozen * 1000);
  if (meter.kind == MeterKind::mbus_water)
    return {record({0x04, 0x13}, whole(total * 10, 4)),                                // litres
            record({0x44, 0x13}, whole(frozen, 4))};                                   // storage 1
  return {record({0x04, 0x06}, whole(total / 100, 4)),                                 // kWh
          record({0x04, 0x13}, whole(total / 23, 4)),                                  // litres
          record({0x02, 0x2D}, whole(static_cast<std::int64_t>(meter.rate * 10), 2)),  // 100 W
          record({0x02, 0x3B}, whole(650, 2)),                                         // l/h
          record({0x02, 0x5A}, whole(612, 2)),                                         // 0.1 degrees
          record({0x02, 0x5E}, whole(412, 2))};
}

Bytes framed(const Meter& meter, const Bytes& data, Twist twist) {
  const auto length = static_cast<std::uint8_t>(data.size() + 3);
  auto address = static_cast<std::uint8_t>(std::stoi(meter.address));
  if (twist == Twist::wrong_address) address = static_cast<std::uint8_t>(address ^ 0x01);
  Bytes frame{0x68,
              length,
              length,
              0x68,
              0x08,
              address,
              static_cast<std::uint8_t>(twist == Twist::exception ? 0x70 : 0x72)};
  frame.insert(frame.end(), data.begin(), data.end());
  frame.push_back(checksum(ByteView(frame).subspan(4)));
  frame.push_back(0x16);
  return frame;
}

}  // namespace

Bytes answer_mbus(Meter& meter, ByteView request, Twist twist) {
  const std::uint8_t control = request[1];
  if (control == 0x40) {
    meter.next_record = 0;
    meter.fcb = false;
    return {0xE5};
  }
  if (control != 0x5B && control != 0x7B) return {};
  if (twist == Twist::exception) return framed(meter, {0x08}, twist);  // application busy
  const auto records = records_of(meter, twist);
  const std::size_t each = meter.split == 0 ? records.size() : meter.split;
  const bool fcb = (control & fcb_bit) != 0;
  // A request with another FCB acknowledges the last answer: the next one is sent.
  if (fcb != meter.fcb && meter.next_record >= records.size()) meter.next_record = 0;
  if (fcb == meter.fcb && meter.next_record > 0) meter.next_record -= std::min(each, meter.next_record);
  meter.fcb = fcb;
  Bytes data = reversed_digits(
      meter.serial.size() > 8 ? meter.serial.substr(meter.serial.size() - 8) : meter.serial, 4);
  const bool heat = meter.kind == MeterKind::mbus_heat;
  data.insert(data.end(),
              {0x24, 0x40, 0x01, static_cast<std::uint8_t>(heat ? 0x04 : 0x07), 0x2A, 0x00, 0x00, 0x00});
  const std::size_t end = std::min(meter.next_record + each, records.size());
  for (std::size_t i = meter.next_record; i < end; ++i)
    data.insert(data.end(), records[i].begin(), records[i].end());
  if (end < records.size()) data.push_back(more_follow);
  meter.next_record = end;
  return framed(meter, data, twist);
}

}  // namespace tocsin::sim
