#include "drivers/driver/line_cost.h"

#include <algorithm>

namespace tocsin::driver {

namespace {

constexpr Duration our_overhead = 2ms;       // wake-up and copying; 0.15 ms is usual
constexpr Duration drain_extension = 100ms;  // the last bytes of a late answer
constexpr Duration usual_serial_answer = 20ms;
constexpr Duration usual_tcp_answer = 10ms;
constexpr int fast_baud = 19200;  // above: fixed silence (Modbus serial line guide 2.5.1.1)

}  // namespace

Duration LineCost::answered(const FrameSizes& sizes, const Limits& limits) const {
  const auto bytes = static_cast<std::int64_t>(sizes.request + sizes.answer);

  const Duration pause = serial ? std::max(limits.turnaround, silence) : Duration{};
  return bytes * per_byte + sizes.turns * (answer_of(limits) + silence + pause) + overhead;
}

Duration LineCost::failed(const FrameSizes& sizes, const Limits& limits) const {
  const auto request = static_cast<std::int64_t>(sizes.request) * per_byte;

  const Duration pause = serial ? std::max(limits.turnaround, silence) : Duration{};
  // A device that answers also accepts a new connection in the time of an answer. When none is accepted the
  // whole line is lost, and that is told at once.
  const Duration late = serial ? quiet_time(answer_of(limits)) : answer_of(limits);
  // The earlier turns of the conversation may have gone well.
  const Duration before = sizes.turns < 2 ? Duration{}
                                          : (sizes.turns - 1) * (answer_of(limits) + silence + pause) +
                                                static_cast<std::int64_t>(sizes.answer) * per_byte;
  return request + before + silence + limits.response_timeout + late + recovery + pause + overhead;
}

LineCost serial_line(int baud, char parity, int stop_bits) {
  const int bits = 1 + 8 + (parity == 'N' ? 0 : 1) + stop_bits;
  LineCost line;
  line.per_byte = Duration{1s} * bits / std::max(baud, 1);
  line.silence = baud > fast_baud ? Duration{1750us} : line.per_byte * 7 / 2;
  line.overhead = our_overhead;
  line.recovery = drain_extension;
  line.answer = usual_serial_answer;
  return line;
}

LineCost tcp_line() {
  LineCost line;
  line.overhead = our_overhead;
  line.answer = usual_tcp_answer;
  line.serial = false;
  return line;
}

}  // namespace tocsin::driver
