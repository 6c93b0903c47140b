#include <algorithm>

#include "core/linkage/lint.h"
#include "gateway/config/loader.h"

namespace tocsin::gateway {
namespace {

using config::Table;
using linkage::CauseKind;
using linkage::Effect;

// A word of this effect as a coil level.
bool read_level(const Table& table, std::string_view key, const Effect& effect, bool fallback) {
  if (!table.has(key)) return fallback;
  const std::string word = table.text(key);
  if (word == effect.word_on) return true;
  if (word != effect.word_off)
    table.problem(key, "\"" + effect.word_off + "\" or \"" + effect.word_on + "\", the words of this effect");
  return false;
}

Effect read_effect(const Loading& loading, const std::string& name, const Table& table) {
  table.only({"zone", "output", "feedback", "words", "safe", "normal", "active", "escape", "valve",
              "ex_rated", "label"});
  Effect effect;
  effect.name = name;
  effect.zone = table.name("zone");
  if (!effect.zone.empty() && loading.config.zones.count(effect.zone) == 0)
    table.problem("zone", "a zone that has a table [zone." + effect.zone + "]");
  if (const auto output = read_point(loading, table, "output", true)) effect.output = *output;
  if (table.has("feedback")) effect.feedback = read_point(loading, table, "feedback", false);
  if (const auto words = table.table("words")) {
    words->only({"off", "on"});
    effect.word_off = words->text("off");
    effect.word_on = words->text("on");
    if (effect.word_off == effect.word_on) words->problem("on", "another word than off");
  }
  effect.safe = read_level(table, "safe", effect, false);     // default: coil off
  effect.normal = read_level(table, "normal", effect, true);  // default: coil on
  effect.active = read_level(table, "active", effect, effect.safe);
  effect.escape = table.boolean_or("escape", false);
  effect.valve = table.boolean_or("valve", false);
  effect.ex_rated = table.boolean_or("ex_rated", false);
  return effect;
}

std::optional<linkage::Cause> read_cause(const Loading& loading, const Table& row) {
  const Table when = row.required_table("when");
  when.only({"confirmed", "gas", "toxic", "sos", "loss", "zone"});
  linkage::Cause cause;
  int kinds = 0;
  if (when.has("confirmed"))
    cause.kind = CauseKind::confirmed_fire, when.choice("confirmed", {"fire"}), ++kinds;
  if (when.has("gas")) cause.kind = CauseKind::gas_a2, when.choice("gas", {"a2"}), ++kinds;
  if (when.has("toxic")) cause.kind = CauseKind::toxic_a2, when.choice("toxic", {"a2"}), ++kinds;
  if (when.has("sos")) cause.kind = CauseKind::sos, when.boolean_or("sos", true), ++kinds;
  if (when.has("loss")) cause.kind = CauseKind::loss, ++kinds;
  if (kinds != 1) {
    row.problem("when",
                "exactly one cause: { confirmed = \"fire\", zone = … }, { gas = \"a2\", zone }, { toxic = "
                "\"a2\", zone }, "
                "{ sos = true, zone } or { loss = \"device\" }");
    return std::nullopt;
  }
  if (cause.kind == CauseKind::loss) {
    cause.device = when.name("loss");
    if (loading.config.devices.count(cause.device) == 0) when.problem("loss", "a configured device");
  } else {
    cause.zone = when.name("zone");
    if (!cause.zone.empty() && loading.config.zones.count(cause.zone) == 0)
      when.problem("zone", "a configured zone");
  }
  return cause;
}

linkage::Row read_row(const Loading& loading, const Table& table) {
  table.only({"when", "then", "mode", "delay", "pulse", "stagger"});
  linkage::Row row;
  if (const auto cause = read_cause(loading, table)) row.when = *cause;
  row.then = table.texts_or("then", {});
  if (row.then.empty()) table.problem("then", "at least one effect");
  for (const auto& name : row.then) {
    const auto& effects = loading.config.matrix.effects;
    if (std::none_of(effects.begin(), effects.end(), [&](const Effect& e) { return e.name == name; }))
      table.problem("then", "effects that have a table [effect.NAME]; there is no '" + name + "'");
  }
  const std::string mode = table.choice_or("mode", "latch", {"while", "latch", "pulse"});
  row.mode = mode == "while"   ? linkage::Mode::while_active
             : mode == "pulse" ? linkage::Mode::pulse
                               : linkage::Mode::latch;
  row.delay = table.duration_or("delay", 0s, 0s, 180s);
  if (row.mode == linkage::Mode::pulse)
    row.pulse = table.duration_or("pulse", 1s, 100ms, 60s);
  else if (table.has("pulse"))
    table.problem("pulse", "no pulse width unless mode = \"pulse\"");
  row.stagger = table.duration_or("stagger", 0s, 0s, 30s);
  return row;
}

linkage::Surroundings surroundings_of(const Config& config) {
  linkage::Surroundings found;
  for (const auto& [name, zone] : config.zones) found.zones.insert(name);
  for (const auto& bound : config.rules)
    if (is_life_safety(bound.rule.cls)) {
      if (bound.zone.empty())
        found.detectors_without_zone.insert(bound.point.device);
      else
        found.zones_with_detectors.insert(bound.zone);
    }
  for (const auto& [name, device] : config.devices) {
    found.devices.insert(name);
    if (device.spec.profile->watchdog_s) continue;
    for (const auto& point : device.spec.profile->points)
      if (point.writable) found.outputs_without_watchdog.insert(name + "/" + point.name);
  }
  return found;
}

// A finding names an effect or a row; its line is that of the table.
void report(Loading& loading, const Table& root, const linkage::Finding& finding) {
  int line = root.line();
  for (const auto& [name, table] : root.tables("effect"))
    if (finding.where == "effect " + name) line = table.line();
  const auto rows = root.list("linkage");
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (finding.where == "linkage row " + std::to_string(i + 1)) line = rows[i].line();
  loading.problems.add({root.file(), line, finding.where, finding.message, "", !finding.refused});
}

}  // namespace

void load_effects(Loading& loading, const Table& root) {
  for (const auto& [name, table] : root.tables("effect"))
    loading.config.matrix.effects.push_back(read_effect(loading, name, table));
  for (const auto& table : root.list("linkage"))
    loading.config.matrix.rows.push_back(read_row(loading, table));
  if (!loading.problems.ok()) return;  // the lints speak of a readable matrix
  for (const auto& finding : linkage::lint(loading.config.matrix, surroundings_of(loading.config)))
    report(loading, root, finding);
}

void load_annunciators(Loading& loading, const Table& root) {
  for (const auto& [name, table] : root.tables("annunciator")) {
    table.only({"output", "on", "zone"});
    Annunciator annunciator;
    annunciator.name = name;
    if (const auto output = read_point(loading, table, "output", true)) annunciator.output = *output;
    for (const auto& effect : loading.config.matrix.effects)
      if (effect.output == annunciator.output)
        table.problem("output", "an output of its own: effect " + effect.name + " drives this one");
    annunciator.zone = table.text_or("zone", "");
    for (const auto& word : table.texts_or("on", {})) {
      if (word == "prealarm")
        annunciator.on.insert(Signal::prealarm);
      else if (word == "confirmed")
        annunciator.on.insert(Signal::confirmed);
      else if (word == "fault")
        annunciator.on.insert(Signal::fault);
      else if (word == "unacked")
        annunciator.on.insert(Signal::unacked);
      else
        table.problem("on", "prealarm, confirmed, fault or unacked; not '" + word + "'");
    }
    if (annunciator.on.empty()) table.problem("on", "a list of prealarm, confirmed, fault, unacked");
    loading.config.annunciators.push_back(std::move(annunciator));
  }
}

}  // namespace tocsin::gateway
