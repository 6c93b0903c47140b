#include "core/linkage/lint.h"

#include <algorithm>

namespace tocsin::linkage {
namespace {

constexpr Duration longest_delay = 180s;  // facts: investigation delay of GB and EN practice
constexpr Duration valve_deadline = 1s;   // gas A2 to a closed valve
constexpr auto refused = true;
constexpr auto warning = false;

struct Place {
  std::size_t number;  // of the row, from 1 as people count
  const Row& row;
};

class Lint {
 public:
  Lint(const Matrix& matrix, const Surroundings& surroundings) : matrix_(matrix), around_(surroundings) {}

  std::vector<Finding> run() {
    check_surroundings();
    for (const Effect& effect : matrix_.effects) check_effect(effect);
    check_names_and_outputs();
    for (std::size_t i = 0; i < matrix_.rows.size(); ++i) check_row({i + 1, matrix_.rows[i]});
    check_rows_against_each_other();
    return std::move(findings_);
  }

 private:
  void report(bool refuse, std::string where, std::string message) {
    findings_.push_back({refuse, std::move(where), std::move(message)});
  }
  void of_effect(bool refuse, const Effect& effect, std::string message) {
    report(refuse, "effect " + effect.name, std::move(message));
  }
  void of_row(bool refuse, const Place& place, std::string message) {
    report(refuse, "linkage row " + std::to_string(place.number), std::move(message));
  }

  const Effect* find(const std::string& name) const {
    for (const Effect& effect : matrix_.effects)
      if (effect.name == name) return &effect;
    return nullptr;
  }
  template <class Predicate>
  bool any_row(Predicate predicate) const {
    return std::any_of(matrix_.rows.begin(), matrix_.rows.end(), predicate);
  }
  static bool drives(const Row& row, const std::string& effect) {
    return std::find(row.then.begin(), row.then.end(), effect) != row.then.end();
  }

  void check_surroundings();
  void check_effect(const Effect& effect);
  void check_safe_state(const Effect& effect);
  void check_escape(const Effect& effect);
  void check_valve(const Effect& effect);
  void check_names_and_outputs();
  void check_row(const Place& place);
  void check_cause(const Place& place);
  void check_times(const Place& place);
  void check_driven(const Place& place, const Effect& effect, Duration start);
  void check_rows_against_each_other();

  const Matrix& matrix_;
  const Surroundings& around_;
  std::vector<Finding> findings_;
};

void Lint::check_surroundings() {
  for (const std::string& device : around_.detectors_without_zone)
    report(refused, "device " + device,
           "is a detector without a zone: add zone = \"…\" so that its alarm can act");
  const bool linkage_used = !matrix_.effects.empty() || !matrix_.rows.empty();
  for (const std::string& zone : around_.zones_with_detectors) {
    if (any_row([&](const Row& row) { return row.when.zone == zone && !row.then.empty(); })) continue;
    // A gateway that only reports has no effects at all; that is a choice, not a forgotten zone.
    report(linkage_used ? refused : warning, "zone " + zone,
           "has detectors but no effect: add a [[linkage]] row with zone = \"" + zone + "\"");
  }
}

void Lint::check_effect(const Effect& effect) {
  if (!around_.zones.contains(effect.zone))
    of_effect(refused, effect,
              "names the unknown zone \"" + effect.zone + "\": add [zone." + effect.zone + "] or correct it");
  check_safe_state(effect);
  if (effect.escape) check_escape(effect);
  if (effect.valve) check_valve(effect);
  if (!effect.feedback)
    of_effect(
        warning, effect,
        "has no feedback point: its outcome will always be unknown; wire a contact and name it in feedback");
  if (around_.outputs_without_watchdog.contains(to_string(effect.output)))
    of_effect(warning, effect,
              "is on " + to_string(effect.output) +
                  ", a module without a communication watchdog: its relay "
                  "stays where it is when the gateway dies; wire it so that this is safe or use a module "
                  "that has one");
  if (!any_row([&](const Row& row) { return drives(row, effect.name); }) && !effect.escape)
    of_effect(warning, effect, "is driven by no row: add it to the then = […] of a [[linkage]] row");
  else if (effect.active == effect.normal)
    of_effect(warning, effect,
              "is at the same level when active and when normal: no row moves it; set normal or active");
}

// Every fail-safe output reaches its safe state with the gateway switched off (design section 1): coil 0.
void Lint::check_safe_state(const Effect& effect) {
  if (!effect.safe) return;
  if (effect.escape || effect.valve)
    of_effect(refused, effect,
              "needs its coil energised to be safe (\"" + effect.word_on +
                  "\"), so a dead gateway leaves it "
                  "unsafe: wire it de-energise-to-" +
                  (effect.escape ? "release" : "close") + " and set safe to the word of off");
  else
    of_effect(warning, effect,
              "is safe only while its coil is energised: rewire it so that the word of off is safe");
}

void Lint::check_escape(const Effect& effect) {
  const bool released = any_row(
      [&](const Row& row) { return row.when.kind == CauseKind::confirmed_fire && drives(row, effect.name); });
  if (!released)
    of_effect(
        refused, effect,
        "is an escape door without a release row: add [[linkage]] when = { confirmed = \"fire\", zone = \"" +
            effect.zone + "\" }, then = [\"" + effect.name + "\"] (GB 50116 4.10.3)");
  if (effect.active != effect.safe)
    of_effect(refused, effect, "is an escape door that a row would lock: set active to the safe word");
}

void Lint::check_valve(const Effect& effect) {
  if (effect.active != effect.safe)
    of_effect(
        refused, effect,
        "is a valve that a row would open: set active to the safe word; a valve is opened on site only");
  for (std::size_t i = 0; i < matrix_.rows.size(); ++i) {
    const Row& row = matrix_.rows[i];
    if (drives(row, effect.name) && row.mode != Mode::latch)
      of_row(
          refused, {i + 1, row},
          "would open the valve \"" + effect.name + "\" by itself when the cause goes: set mode = \"latch\"");
  }
}

void Lint::check_names_and_outputs() {
  for (std::size_t i = 0; i < matrix_.effects.size(); ++i) {
    const Effect& effect = matrix_.effects[i];
    for (std::size_t j = 0; j < i; ++j) {
      const Effect& other = matrix_.effects[j];
      if (effect.name == other.name) of_effect(refused, effect, "is declared twice: rename one");
      if (effect.output == other.output)
        of_effect(refused, effect,
                  "uses " + to_string(effect.output) + ", which effect " + other.name +
                      " drives already: one output has one effect");
    }
  }
}

void Lint::check_row(const Place& place) {
  check_cause(place);
  check_times(place);
  if (place.row.then.empty())
    of_row(refused, place, "drives nothing: name at least one effect in then = […]");
  Duration start = place.row.delay;
  for (std::size_t i = 0; i < place.row.then.size(); ++i, start += place.row.stagger) {
    const std::string& name = place.row.then[i];
    if (std::count(place.row.then.begin(), place.row.then.end(), name) > 1)
      of_row(refused, place, "names effect \"" + name + "\" more than once: name it once");
    if (const Effect* effect = find(name))
      check_driven(place, *effect, start);
    else
      of_row(refused, place,
             "drives the unknown effect \"" + name + "\": add [effect." + name + "] or correct it");
  }
}

void Lint::check_cause(const Place& place) {
  const Cause& when = place.row.when;
  if (when.kind == CauseKind::loss) {
    if (!around_.devices.contains(when.device))
      of_row(refused, place,
             "waits for the loss of the unknown device \"" + when.device + "\": correct the name");
  } else if (!around_.zones.contains(when.zone)) {
    of_row(refused, place,
           "names the unknown zone \"" + when.zone + "\": add [zone." + when.zone + "] or correct it");
  } else if (!around_.zones_with_detectors.contains(when.zone)) {
    of_row(
        warning, place,
        "waits for " + to_string(when) + ", a zone without detectors: only a panel or a person can raise it");
  }
}

void Lint::check_times(const Place& place) {
  const Row& row = place.row;
  if (row.delay < Duration::zero() || row.delay > longest_delay)
    of_row(refused, place,
           "has a delay of " + tocsin::to_string(row.delay) + ": at most " +
               tocsin::to_string(longest_delay) + " is allowed");
  if (row.stagger < Duration::zero())
    of_row(refused, place, "has a negative stagger: give a duration such as 500ms");
  if (row.when.kind == CauseKind::sos && row.delay > Duration::zero())
    of_row(refused, place, "delays a person's call for help: remove the delay");
  if (row.mode == Mode::pulse && row.pulse <= Duration::zero())
    of_row(refused, place, "has mode = \"pulse\" without a width: add pulse = \"1s\"");
  if (row.mode != Mode::pulse && row.pulse != Duration::zero())
    of_row(warning, place, "has a pulse width that its mode does not use: set mode = \"pulse\" or remove it");
}

void Lint::check_driven(const Place& place, const Effect& effect, Duration start) {
  const Cause& when = place.row.when;
  if (when.kind == CauseKind::loss &&
      (effect.output.device == when.device || (effect.feedback && effect.feedback->device == when.device)))
    of_row(refused, place,
           "is a cycle: effect \"" + effect.name + "\" acts through " + when.device +
               ", whose loss is its cause; use an output and feedback of another device");
  if (when.kind == CauseKind::gas_a2 && when.zone == effect.zone && effect.active && !effect.normal &&
      !effect.ex_rated)
    of_row(warning, place,
           "energises \"" + effect.name +
               "\" in the gas itself, where it is not rated: it would be blocked; "
               "fit a rated device and set ex_rated = true, or remove it");
  if (effect.escape && start > Duration::zero())
    of_row(warning, place,
           "delays escape door \"" + effect.name + "\": a confirmed fire releases it at once all the same");
  if (effect.valve && when.kind == CauseKind::gas_a2 && start > valve_deadline)
    of_row(warning, place,
           "closes the valve \"" + effect.name + "\" only after " + tocsin::to_string(start) +
               ": put it first and without delay");
}

void Lint::check_rows_against_each_other() {
  for (std::size_t i = 0; i < matrix_.rows.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Row& row = matrix_.rows[i];
      const Row& earlier = matrix_.rows[j];
      if (row.when != earlier.when) continue;
      for (const std::string& name : row.then) {
        if (!drives(earlier, name)) continue;
        const bool contradicts = row.mode != earlier.mode;
        of_row(contradicts ? refused : warning, {i + 1, row},
               std::string(contradicts ? "contradicts" : "repeats") + " row " + std::to_string(j + 1) + ": " +
                   to_string(row.when) + " already drives \"" + name + "\"" +
                   (contradicts ? " in another mode" : "") + "; keep one of them");
      }
    }
  }
}

}  // namespace

std::vector<Finding> lint(const Matrix& matrix, const Surroundings& surroundings) {
  return Lint(matrix, surroundings).run();
}

}  // namespace tocsin::linkage
