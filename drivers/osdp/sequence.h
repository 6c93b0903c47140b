#pragma once
// OSDP sequence numbers (CTRL bits 0-1): 0 starts a session, then 1, 2, 3, 1, ... A number seen again is a
// retransmission: the device repeats its last reply and does not execute the command again.

#include <cstdint>
#include <optional>

namespace tocsin::osdp {

constexpr std::uint8_t next_sequence(std::uint8_t sequence) {
  return sequence >= 3 ? std::uint8_t{1} : static_cast<std::uint8_t>(sequence + 1);
}

enum class Arrival : std::uint8_t {
  fresh,         // execute it
  repeat,        // send the last reply again
  restart,       // a new session: forget the old one and its secure channel, then execute
  out_of_order,  // answer NAK 4
};

// What a device does with a command; `last` is the number of the last one executed, nothing after power-up.
constexpr Arrival classify(std::optional<std::uint8_t> last, std::uint8_t received) {
  if (received == 0) return Arrival::restart;
  if (!last) return Arrival::out_of_order;
  if (received == *last) return Arrival::repeat;
  return received == next_sequence(*last) ? Arrival::fresh : Arrival::out_of_order;
}

}  // namespace tocsin::osdp
