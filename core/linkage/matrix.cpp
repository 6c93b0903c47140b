#include "core/linkage/matrix.h"

#include <algorithm>
#include <string_view>

namespace tocsin::linkage {
namespace {

using Causes = std::map<Cause, CauseState>;

bool stands(const CauseState& state) {
  return state.active || state.latched;
}

// The cause itself when it is active or latched: what it is answered with lives as long as `causes`.
const Cause* standing(const Causes& causes, const Cause& cause) {
  const auto found = causes.find(cause);
  return found != causes.end() && stands(found->second) ? &found->first : nullptr;
}

// What the rows say of one effect.
struct Drive {
  const Cause* level = nullptr;  // of the first row that holds the effect at its active level
  const Cause* pulsed = nullptr;
  const Cause* fire = nullptr;  // of the first row with a standing fire, its delay over or not
  const Cause* gas = nullptr;   // likewise
  std::optional<Cell> pulse;
  Duration width{};
  std::optional<MonoTime> changes_at;
};

void add(Drive& drive, const Row& row, const Cell& cell, const Cause& cause, const CauseState& state,
         MonoTime start, const std::set<Cell>& pulses_done, MonoTime now) {
  if (cause.kind == CauseKind::confirmed_fire && drive.fire == nullptr) drive.fire = &cause;
  if (cause.kind == CauseKind::gas_a2 && drive.gas == nullptr) drive.gas = &cause;
  if (row.mode == Mode::while_active && !state.active) return;
  if (start > now) {
    drive.changes_at = drive.changes_at ? std::min(*drive.changes_at, start) : start;
    return;
  }
  if (row.mode != Mode::pulse) {
    if (drive.level == nullptr) drive.level = &cause;
  } else if (!drive.pulse && !pulses_done.contains(cell)) {
    drive.pulse = cell;
    drive.width = row.pulse;
    drive.pulsed = &cause;
  }
}

// In the order of matrix.effects.
std::vector<Drive> drives_of(const Matrix& matrix, const Causes& causes, const std::set<Cell>& pulses_done,
                             MonoTime now) {
  std::map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < matrix.effects.size(); ++i) index.emplace(matrix.effects[i].name, i);

  std::vector<Drive> drives(matrix.effects.size());
  for (std::size_t r = 0; r < matrix.rows.size(); ++r) {
    const Row& row = matrix.rows[r];
    const auto cause = causes.find(row.when);
    if (cause == causes.end() || !stands(cause->second)) continue;
    MonoTime start = cause->second.since + row.delay;
    for (const std::string& name : row.then) {
      const auto effect = index.find(name);
      if (effect != index.end())
        add(drives[effect->second], row, Cell{r, name}, cause->first, cause->second, start, pulses_done, now);
      start += row.stagger;
    }
  }
  return drives;
}

// The dangers around one effect.
struct Danger {
  const Cause* fire = nullptr;  // of its zone or of a row that drives it
  bool fire_anywhere = false;
  bool gas = false;           // A2 in its zone
  bool gas_at_valve = false;  // A2 in its zone or of a row that drives it
};

// What nobody may ask for, whoever asks.
bool allowed(const Effect& effect, const Danger& danger, bool level, Owner owner) {
  const bool leaves_safe = level != effect.safe;
  if (effect.escape && leaves_safe && danger.fire_anywhere) return false;
  if (effect.valve && leaves_safe && (owner != Owner::manual || danger.gas_at_valve)) return false;
  const bool energises = level && !effect.normal;
  return !(energises && danger.gas && !effect.ex_rated);
}

Desired decide(const Effect& effect, const Drive& drive, const Danger& danger, const Override* override) {
  Desired desired;
  desired.effect = effect.name;
  desired.level = effect.normal;
  desired.changes_at = drive.changes_at;
  if (effect.escape && danger.fire != nullptr) {
    desired.level = effect.safe;
    desired.owner = Owner::escape;
    desired.cause = *danger.fire;
    return desired;
  }
  const auto take = [&](bool level, Owner owner) {
    if (!allowed(effect, danger, level, owner)) return false;
    desired.level = level;
    desired.owner = owner;
    return true;
  };
  const bool by_hand = override != nullptr && override->owner == Owner::manual;
  const bool remote =
      override != nullptr && (override->owner == Owner::command || override->owner == Owner::desired);
  if (by_hand && take(override->level, Owner::manual)) {
    // a person on site decided
  } else if (drive.level != nullptr && take(effect.active, Owner::matrix)) {
    desired.cause = *drive.level;
  } else if (drive.pulse && take(effect.active, Owner::matrix)) {
    desired.cause = *drive.pulsed;
    desired.pulse = drive.pulse;
    desired.width = drive.width;
  } else if (remote && take(override->pulse ? effect.active : override->level, override->owner)) {
    desired.pulse = override->pulse;
    desired.width = override->width;
  }
  // The end of a pulse moves the output back: it is blocked like any other move.
  const bool moves_back = desired.pulse.has_value();
  desired.lock_blocked =
      effect.escape && danger.fire_anywhere && (desired.level != effect.safe || moves_back);
  desired.energise_blocked = (desired.level || moves_back) && danger.gas && !effect.ex_rated;
  return desired;
}

}  // namespace

std::string to_string(const Cause& cause) {
  switch (cause.kind) {
    case CauseKind::confirmed_fire: return "confirmed fire in " + cause.zone;
    case CauseKind::gas_a2: return "gas A2 in " + cause.zone;
    case CauseKind::toxic_a2: return "toxic A2 in " + cause.zone;
    case CauseKind::sos: return "SOS in " + cause.zone;
    case CauseKind::loss: return "loss of " + cause.device;
  }
  return "unknown cause";
}

std::vector<Desired> evaluate(const Matrix& matrix, const Causes& causes, const std::set<Cell>& pulses_done,
                              const std::map<std::string, Override>& overrides, MonoTime now) {
  const std::vector<Drive> drives = drives_of(matrix, causes, pulses_done, now);
  const bool fire_anywhere = std::any_of(causes.begin(), causes.end(), [](const auto& entry) {
    return entry.first.kind == CauseKind::confirmed_fire && stands(entry.second);
  });

  std::vector<Desired> result;
  result.reserve(matrix.effects.size());
  for (std::size_t i = 0; i < matrix.effects.size(); ++i) {
    const Effect& effect = matrix.effects[i];
    Danger danger{.fire = drives[i].fire, .fire_anywhere = fire_anywhere};
    if (danger.fire == nullptr)
      danger.fire = standing(causes, {.kind = CauseKind::confirmed_fire, .zone = effect.zone, .device = {}});
    danger.gas = standing(causes, {.kind = CauseKind::gas_a2, .zone = effect.zone, .device = {}}) != nullptr;
    danger.gas_at_valve = danger.gas || drives[i].gas != nullptr;
    const auto override = overrides.find(effect.name);
    result.push_back(
        decide(effect, drives[i], danger, override == overrides.end() ? nullptr : &override->second));
  }
  return result;
}

}  // namespace tocsin::linkage
