#pragma once
// How long a conversation occupies the line: from baud rate, frame lengths, turnaround and timeouts. The plan
// decides with these figures and the analysis promises them, so they are upper bounds of ordinary behaviour.

#include "drivers/driver/driver.h"

namespace tocsin::driver {

struct LineCost {
  Duration per_byte{};  // one character; 0 on TCP
  Duration silence{};   // before and after each frame (3.5 characters on RTU)
  Duration overhead{};  // our own scheduling, per conversation
  Duration recovery{};  // on top of the wait for a late answer, see Transport::recover
  Duration answer{};    // slowest ordinary answer of a device whose profile does not say
  bool serial =
      true;  // sits out a late answer and needs the device's turnaround; a connection is replaced at once

  Duration answer_of(const Limits& limits) const { return limits.answer.value_or(answer); }
  // The device answers within answer_of(limits).
  Duration answered(const FrameSizes& sizes, const Limits& limits) const;
  // No answer, or a useless one at the last moment, and the line made clean again.
  Duration failed(const FrameSizes& sizes, const Limits& limits) const;
};

// What is usual: a device on a serial line answers within 20 ms, one on the network within 10 ms.
LineCost serial_line(int baud, char parity, int stop_bits);
LineCost tcp_line();

// What a serial line discards after an error.
inline Duration quiet_time(Duration longest_answer) {
  return longest_answer > 300ms ? longest_answer : Duration{300ms};
}

}  // namespace tocsin::driver
