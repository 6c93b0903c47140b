#include "simulators/devices/meter_answers.h"

#include <algorithm>

namespace tocsin::sim {
namespace {

constexpr std::int64_t register_end = 100'000'000;

bool is_dlt645(const Meter& meter) {
  return meter.kind == MeterKind::dlt645_2007 || meter.kind == MeterKind::dlt645_1997;
}
bool is_mbus(const Meter& meter) {
  return meter.kind == MeterKind::mbus_water || meter.kind == MeterKind::mbus_heat;
}

// The whole frame at the front, or nothing: lengths by the protocols' own length bytes.
std::optional<ByteView> framed(ByteView input, std::size_t size) {
  if (input.size() < size || input[size - 1] != 0x16) return std::nullopt;
  return input.first(size);
}

std::optional<ByteView> dlt645_frame(ByteView input) {
  if (input.size() < 12 || input[0] != 0x68 || input[7] != 0x68) return std::nullopt;
  const auto frame = framed(input, 12u + input[9]);
  if (!frame || checksum(frame->first(frame->size() - 2)) != (*frame)[frame->size() - 2]) return std::nullopt;
  return frame;
}

std::optional<ByteView> cjt188_frame(ByteView input) {
  if (input.size() < 13 || input[0] != 0x68) return std::nullopt;
  const auto frame = framed(input, 13u + input[10]);
  if (!frame || checksum(frame->first(frame->size() - 2)) != (*frame)[frame->size() - 2]) return std::nullopt;
  return frame;
}

std::optional<ByteView> mbus_frame(ByteView input) {
  if (input.size() < 5 || input[0] != 0x10) return std::nullopt;
  const auto frame = framed(input, 5);
  return frame && checksum(frame->subspan(1, 2)) == (*frame)[3] ? frame : std::nullopt;
}

// AA is a wildcard; a wildcard reaches the first meter only, as if it were alone on the line.
bool matches(ByteView address, const std::string& digits) {
  const Bytes own = reversed_digits(digits, address.size());
  for (std::size_t i = 0; i < address.size(); ++i)
    if (address[i] != 0xAA && address[i] != own[i]) return false;
  return true;
}

std::optional<ByteView> request_to(const Meter& meter, ByteView input) {
  std::optional<ByteView> frame;
  if (is_dlt645(meter)) {
    frame = dlt645_frame(input);
    if (frame && matches(frame->subspan(1, 6), meter.address) && (*frame)[8] < 0x80) return frame;
  } else if (is_mbus(meter)) {
    frame = mbus_frame(input);
    if (frame && (*frame)[2] == std::stoi(meter.address)) return frame;
  } else {
    frame = cjt188_frame(input);
    if (frame && matches(frame->subspan(2, 7), meter.address) && (*frame)[9] < 0x80) return frame;
  }
  return std::nullopt;
}

}  // namespace

std::uint8_t checksum(ByteView bytes) {
  unsigned sum = 0;
  for (const std::uint8_t byte : bytes) sum += byte;
  return static_cast<std::uint8_t>(sum);
}

Bytes bcd(std::int64_t number, std::size_t width) {
  Bytes out;
  for (std::size_t i = 0; i < width; ++i, number /= 100)
    out.push_back(static_cast<std::uint8_t>(number / 10 % 10 << 4 | number % 10));
  return out;
}

Bytes reversed_digits(const std::string& digits, std::size_t width) {
  std::string padded = std::string(2 * width - std::min(2 * width, digits.size()), '0') + digits;
  Bytes out;
  for (std::size_t i = 2 * width; i > 0; i -= 2)
    out.push_back(static_cast<std::uint8_t>((padded[i - 2] - '0') << 4 | (padded[i - 1] - '0')));
  return out;
}

std::int64_t shown(const Meter& meter, Twist twist) {
  if (twist == Twist::zero) return 0;
  return (meter.hundredths() + (twist == Twist::jump ? register_end / 10 : 0)) % register_end;
}

Found find_request(std::vector<Meter>& meters, ByteView input) {
  for (std::size_t at = 0; at < input.size(); ++at)
    for (Meter& meter : meters)
      if (const auto frame = request_to(meter, input.subspan(at)))
        return {at + frame->size(), Bytes(frame->begin(), frame->end()), &meter};
  constexpr std::size_t longest_request = 64;
  return {input.size() - std::min(input.size(), longest_request), std::nullopt, nullptr};
}

Bytes answer(Meter& meter, ByteView request, Twist twist) {
  if (is_dlt645(meter)) return answer_dlt645(meter, request, twist);
  return is_mbus(meter) ? answer_mbus(meter, request, twist) : answer_cjt188(meter, request, twist);
}

}  // namespace tocsin::sim
