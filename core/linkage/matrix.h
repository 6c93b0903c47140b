#pragma once
// The cause-and-effect matrix: rows are causes, columns are effects (design section 8). Pure data and one
// pure function.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/value/point.h"

namespace tocsin::linkage {

struct Effect {
  std::string name;
  std::string zone;
  PointId output;
  std::optional<PointId> feedback;
  std::string word_off = "off", word_on = "on";  // what coil 0 and coil 1 mean to a person
  bool safe = false;                             // coil levels
  bool normal = true;
  bool active = false;
  bool escape = false;  // a door people leave through: nothing may lock it while a fire is latched
  bool valve = false;   // gas valve: nothing opens it remotely
  bool ex_rated = false;
};

enum class CauseKind : std::uint8_t { confirmed_fire, gas_a2, toxic_a2, sos, loss };

struct Cause {
  CauseKind kind = CauseKind::confirmed_fire;
  std::string zone;    // for all but loss
  std::string device;  // for loss

  friend auto operator<=>(const Cause&, const Cause&) = default;
};
std::string to_string(const Cause& cause);  // "confirmed fire in 3F"

enum class Mode : std::uint8_t { while_active, latch, pulse };

struct Row {
  Cause when;
  std::vector<std::string> then;  // effect names
  Mode mode = Mode::latch;
  Duration delay{};
  Duration pulse{};    // width, for pulse
  Duration stagger{};  // between the effects of this row, in order (GB 50116 4.1.5)
};

struct Matrix {
  std::vector<Effect> effects;
  std::vector<Row> rows;
};

// One cause as it stands. Persisted: latches, delays and pulses survive a restart.
struct CauseState {
  bool active = false;
  bool latched = false;  // was active and not reset since
  MonoTime since{};      // when it became active (kept while latched)

  friend bool operator==(const CauseState&, const CauseState&) = default;
};

// Why an output is where it is; the first that applies wins.
enum class Owner : std::uint8_t { escape, manual, matrix, command, desired, normal };

// (row index, effect name). A command's pulse has a number instead of a row: from first_command_pulse on.
using Cell = std::pair<std::size_t, std::string>;
inline constexpr std::size_t first_command_pulse = std::size_t{1} << 32;

struct Override {
  bool level = false;
  Owner owner = Owner::manual;     // manual, command or desired
  std::optional<Cell> pulse = {};  // of a command: one pulse of `width` to the active level, no level
  Duration width{};
};

struct Desired {
  std::string effect;
  bool level = false;
  Owner owner = Owner::normal;
  std::optional<Cause> cause;
  std::optional<Cell> pulse;  // level is a pulse of `width`: mark it done, then drive it
  Duration width{};
  std::optional<MonoTime> changes_at;  // evaluate again then (end of a delay)
  bool lock_blocked = false;      // a fire is latched somewhere: an escape door that is released stays so
  bool energise_blocked = false;  // gas A2 around an unrated coil: leave it at 0 when it is at 0

  friend bool operator==(const Desired&, const Desired&) = default;
};

// One entry per effect, in the matrix's order. A pulse is wanted until it is in `pulses_done`, however late
// that is: better late than never, and never twice.
std::vector<Desired> evaluate(const Matrix& matrix, const std::map<Cause, CauseState>& causes,
                              const std::set<Cell>& pulses_done,
                              const std::map<std::string, Override>& overrides, MonoTime now);

// Hash of the matrix as loaded (hex), printed with every effect.
std::string hash_of(const Matrix& matrix);

}  // namespace tocsin::linkage
