#include "tests/noise/noisy_line.h"

#include <algorithm>

#include "core/bytes/checksum.h"
#include "drivers/modbus/rtu_frame.h"

namespace tocsin::noise {

namespace {

void add_checksum(Bytes& frame) {
  const std::uint16_t crc = bytes::crc16_modbus(frame);
  frame.push_back(static_cast<std::uint8_t>(crc));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
}

constexpr std::size_t most_in_flight = 2048;  // a master that is not listening misses the rest

}  // namespace

Bytes NoisyLine::random_bytes(int count) {
  Bytes made;
  for (int i = 0; i < count; ++i) made.push_back(static_cast<std::uint8_t>(pick(0, 255)));
  return made;
}

Bytes NoisyLine::answer(ByteView request) const {
  const std::uint8_t unit = request[0], function = request[1];
  const int first = request[2] << 8 | request[3], count = request[4] << 8 | request[5];
  Bytes frame{unit, function};
  if (function == 2) {
    frame.insert(frame.end(), {1, static_cast<std::uint8_t>(truth_.bits.at(unit) >> first)});
  } else {
    frame.push_back(static_cast<std::uint8_t>(2 * count));
    for (int i = first; i < first + count; ++i) {
      const std::uint16_t word = i == 0 ? truth_.registers.at(unit) : std::uint16_t{0};
      frame.insert(frame.end(), {static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)});
    }
  }
  add_checksum(frame);
  return frame;
}

void NoisyLine::damage(Bytes& frame) {
  ++damaged_;
  const int size = static_cast<int>(frame.size());
  switch (pick(0, 6)) {
    case 0:  // bits turned over
      for (int flips = pick(1, 8); flips > 0; --flips)
        frame[static_cast<std::size_t>(pick(0, size - 1))] ^= static_cast<std::uint8_t>(1 << pick(0, 7));
      break;
    case 1: {  // bytes before, inside or behind
      const Bytes extra = random_bytes(pick(1, 6));
      frame.insert(frame.begin() + pick(0, size), extra.begin(), extra.end());
      break;
    }
    case 2: frame.resize(static_cast<std::size_t>(pick(1, size - 1))); break;
    case 3: frame.clear(); break;
    case 4: {  // comes with the next answer, in front of it
      late_ = std::move(frame);
      frame.clear();
      break;
    }
    default: {  // the right shape, made-up data and checksum
      const Bytes data = random_bytes(size - 3);
      std::ranges::copy(data, frame.begin() + 3);
    }
  }
}

Status NoisyLine::send(ByteView request) {
  Bytes frame = answer(request);
  const Bytes before = std::exchange(late_, {});
  if (std::uniform_real_distribution<double>(0, 1)(random_) < share_) damage(frame);
  input_.insert(input_.end(), before.begin(), before.end());
  input_.insert(input_.end(), frame.begin(), frame.end());
  if (input_.size() > most_in_flight) input_.resize(most_in_flight);
  return {};
}

Result<Bytes> NoisyLine::receive(Duration) {
  if (input_.empty()) return fail(Fault::timeout, "no answer");
  const auto size = std::min<std::size_t>(input_.size(), static_cast<std::size_t>(pick(1, 32)));
  Bytes part(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(size));
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(size));
  return part;
}

// A late answer comes after the quiet time as often as within it: the worse case.
Status NoisyLine::recover(Duration) {
  input_.clear();
  if (pick(0, 1) == 0) late_.clear();
  return {};
}

bytes::Found RtuAnswers::find(ByteView input) const {
  return modbus::find_rtu_frame(input, modbus::Direction::response);
}

}  // namespace tocsin::noise
