#pragma once
// What goes wrong on a line, by chance from a seed: an answer becomes bytes with pauses between them. Pure.

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::sim {

enum class LineFault : std::uint8_t {
  none,
  late,           // the answer comes after the given time
  truncate,       // its end is missing
  drip,           // the given time between its bytes
  noise,          // random bytes before and in place of some of it
  corrupt,        // one bit is wrong
  wrong_address,  // another meter's address, checksum right
  echo,           // the request comes back before it, as of an RS-485 adapter that hears itself
  babble,         // random bytes for the given time after it
  exception,      // a refusal
  silent,         // nothing
  zero,           // a whole and valid answer whose total is 0
  jump,           // a whole and valid answer whose total is far off
  unplug,         // the cable is out for the given time
};
inline constexpr std::size_t fault_kinds = 14;
std::string_view name_of(LineFault fault);

struct FaultRate {
  double chance = 0;  // of each answer
  Duration time{};    // of late, drip, babble, unplug
};

class LineFaults {
 public:
  explicit LineFaults(std::uint64_t seed) : random_(seed) {}

  // "NAME=CHANCE" or "NAME=CHANCE@TIME": "late=0.1@800ms". Error: bad_input.
  Status set(const std::string& text);
  // For one answer; at most one fault at a time. Counts it.
  LineFault draw();
  const FaultRate& rate(LineFault fault) const { return rates_[static_cast<std::size_t>(fault)]; }
  std::uint64_t count(LineFault fault) const { return counts_[static_cast<std::size_t>(fault)]; }

  struct Part {
    Duration before{};  // pause before these bytes
    Bytes bytes;
  };
  // How the bytes leave, each part as long as the line takes for it. Twisted answers come in twisted already.
  std::vector<Part> play(LineFault fault, ByteView request, const Bytes& answer, Duration byte_time);

 private:
  std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : random_() % end; }

  std::mt19937_64 random_;
  std::array<FaultRate, fault_kinds> rates_{};
  std::array<std::uint64_t, fault_kinds> counts_{};
};

}  // namespace tocsin::sim
