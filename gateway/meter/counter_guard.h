#pragma once
// Is a meter's total believable after the one before? Registers roll over, meters are reset and replaced, and
// now and then an answer with a right checksum says 0 or nonsense. What does not follow plausibly from the
// last total is held back until a second read agrees with it; nothing is ever corrected. Pure; one state per
// counter.

#include <optional>
#include <string_view>

#include "core/value/time.h"
#include "drivers/driver/profile.h"

namespace tocsin::meter {

struct CounterSpec {
  double modulus = 1e6;            // the register shows totals below this, in the counter's unit
  double resolution = 0.01;        // what its last digit counts
  std::optional<double> max_rate;  // unit per hour
};
CounterSpec spec_of(const driver::PointSpec& point);

struct Total {
  double value = 0;
  Stamp at;

  friend bool operator==(const Total&, const Total&) = default;
};

struct CounterState {
  std::optional<Total> last;     // believed
  std::optional<Total> suspect;  // read once, waits for a second read

  friend bool operator==(const CounterState&, const CounterState&) = default;
};

// How the newest believed total follows from the last.
enum class Change : std::uint8_t {
  none,      // it counted on
  first,     // there was none before
  rollover,  // behind the register's last digit
  reset,     // backwards
  jump,      // more than max_rate allows
};
std::string_view name_of(Change change);

struct Judgement {
  bool believed = false;
  Change change = Change::none;
  bool dropped = false;  // a suspect of before was not confirmed: it was a single wrong read
};

Judgement judge(const CounterSpec& spec, CounterState& state, double value, const Stamp& at);

// Between two stamps: monotonic within a boot, else by the wall clock when both knew the time; nothing
// otherwise.
std::optional<Duration> elapsed(const Stamp& from, const Stamp& to);

}  // namespace tocsin::meter
