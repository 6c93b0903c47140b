#pragma once
// Every waiting time of the uplink: reconnect, hello, resend.

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/value/time.h"

namespace tocsin::session {

// Decides nothing that must be secret: jitter only (splitmix64).
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed) : state_(seed) {}

  Duration between(Duration low, Duration high) {
    const auto span = static_cast<std::uint64_t>((high - low).count()) + 1;
    return low + Duration{static_cast<Duration::rep>(next() % span)};
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

// 0..1 s after a loss; grows only on failed connects, by decorrelated jitter up to 60 s.
class ReconnectDelay {
 public:
  explicit ReconnectDelay(std::uint64_t seed) : jitter_(seed) {}

  void connected() { last_ = 1s; }
  Duration after_loss() { return jitter_.between(0s, 1s); }
  Duration after_failure() {
    last_ = std::min<Duration>(60s, jitter_.between(1s, 3 * last_));
    return last_;
  }

 private:
  Jitter jitter_;
  Duration last_ = 1s;
};

// Steps through a table and stays at its last value.
template <std::size_t N>
class Steps {
 public:
  explicit constexpr Steps(std::array<Duration, N> table) : table_(table) {}

  void restart() { at_ = 0; }
  void advance() { at_ = std::min(at_ + 1, N - 1); }
  Duration current() const { return table_[at_]; }

 private:
  std::array<Duration, N> table_;
  std::size_t at_ = 0;
};

inline constexpr std::array<Duration, 6> hello_pauses{1s, 2s, 5s, 10s, 20s, 30s};
inline constexpr std::array<Duration, 5> resend_pauses{5s, 10s, 20s, 40s, 60s};
inline constexpr Duration broker_silence = 15s;  // a publish outstanding and nothing heard: the link is cut
inline constexpr Duration connect_limit = 60s;   // neither connected nor down: the port is stuck
inline constexpr Duration alive_period = 20s;
inline constexpr Duration gateway_silence = 60s;  // the silence alarm
inline constexpr Duration ask_pause = 1s;   // between two unasked hellos, and between two requests to resend
inline constexpr Duration read_retry = 1s;  // after the store could not read
inline constexpr Duration stalled_after =
    1s;  // an unacknowledged alarm this old makes the next one go as up/now

}  // namespace tocsin::session
