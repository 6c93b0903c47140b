#include "gateway/flow/dry_run.h"

#include <algorithm>

namespace tocsin::flow {
namespace {

using linkage::CauseKind;
using linkage::Row;

constexpr Duration until_quiet = 15s;  // a start has read everything
constexpr Duration until_acted = 22s;  // an effect has its outcome by 20 s (design section 8)

struct Raised {
  PointId point;
  Value value;
};

AlarmClass class_of(CauseKind kind) {
  switch (kind) {
    case CauseKind::gas_a2: return AlarmClass::gas;
    case CauseKind::toxic_a2: return AlarmClass::toxic;
    case CauseKind::sos: return AlarmClass::sos;
    default: return AlarmClass::fire;
  }
}

bool reaches(const alarm::Level& level, CauseKind kind) {
  return kind == CauseKind::confirmed_fire || kind == CauseKind::sos || level.stage >= Stage::a2;
}

// The fewest points whose alarms are the cause: two housings for a fire, one detector for the rest.
std::vector<Raised> raisers(const gateway::Config& config, const linkage::Cause& cause) {
  const std::size_t wanted = cause.kind == CauseKind::confirmed_fire ? 2 : 1;
  std::vector<Raised> found;
  std::set<std::string> housings;
  for (const auto& bound : config.rules) {
    if (found.size() == wanted) break;
    if (bound.zone != cause.zone || bound.rule.cls != class_of(cause.kind)) continue;
    const auto& device = config.devices.at(bound.point.device);
    if (housings.count(device.housing) != 0) continue;
    for (const auto& level : bound.rule.levels) {
      const auto value = trigger_of(level.condition, *device.spec.profile->find(bound.point.point));
      if (!value || !reaches(level, cause.kind)) continue;
      housings.insert(device.housing);
      found.push_back({bound.point, *value});
      break;
    }
  }
  if (found.size() < wanted) found.clear();
  return found;
}

class Trial {
 public:
  Trial(const gateway::Config& config, const Row& row, DryRun& report)
      : config_(config), row_(row), report_(report), site_(config) {}

  void run() {
    site_.run_for(until_quiet);
    if (row_.when.kind == CauseKind::loss)
      try_loss();
    else
      try_danger();
  }

 private:
  void wrong(std::string what) { report_.failures.push_back(std::move(what)); }

  void try_loss() {
    report_.raised_by = {row_.when.device};
    site_.lose(row_.when.device);
    wait_and_check();
    site_.bring_back(row_.when.device);
    site_.run_for(until_quiet);
    for (const auto& record : site_.building().open())
      if (record.bits.latched) reset(site_.building().reset_alarm(record.alarm_id, "dry run", site_.now()));
    check_at_rest();
  }

  void try_danger() {
    const auto raised = raisers(config_, row_.when);
    if (raised.empty())
      return wrong("no detectors of this site can raise it: " + linkage::to_string(row_.when));
    for (const auto& [point, value] : raised) {
      report_.raised_by.push_back(to_string(point));
      site_.set(point, value);
    }
    wait_and_check();
    for (const auto& [point, value] : raised) site_.follow(point);
    site_.run_for(until_quiet);
    reset(site_.building().reset_zone(row_.when.zone, "dry run", site_.now()));
    check_at_rest();
  }

  void reset(Result<Step> step) {
    if (!step) return wrong("the reset is refused: " + to_string(step.error()));
    site_.take(*step);
  }

  void wait_and_check() {
    site_.run_for(row_.delay + row_.stagger * static_cast<std::int64_t>(row_.then.size()) + until_acted);
    for (const auto& effect : config_.matrix.effects) {
      if (std::find(row_.then.begin(), row_.then.end(), effect.name) == row_.then.end()) continue;
      check_acted(effect);
    }
  }

  // A pulse is over by now: it is counted. A gas A2 leaves an output that is not rated alone, and so does the
  // dry run.
  void check_acted(const linkage::Effect& effect) {
    const bool blocked = row_.when.kind == CauseKind::gas_a2 && effect.zone == row_.when.zone &&
                         effect.active && !effect.ex_rated;
    const bool moves = effect.active != effect.normal;
    const bool acted = row_.mode == linkage::Mode::pulse ? site_.activations(effect.name) == 1
                                                         : site_.output(effect.output) == effect.active;
    if (blocked && acted && moves) wrong(effect.name + " is energised in gas");
    if (!blocked && !acted)
      wrong(effect.name + " does not come to " + (effect.active ? effect.word_on : effect.word_off));
  }

  void check_at_rest() {
    site_.run_for(until_acted);
    for (const auto& effect : config_.matrix.effects)
      if (site_.output(effect.output) != effect.normal)
        wrong(effect.name + " does not return to " + (effect.normal ? effect.word_on : effect.word_off) +
              " after the reset");
  }

  const gateway::Config& config_;
  const Row& row_;
  DryRun& report_;
  VirtualSite site_;
};

}  // namespace

std::vector<DryRun> dry_run(const gateway::Config& config) {
  std::vector<DryRun> reports;
  for (const auto& row : config.matrix.rows) {
    reports.push_back({row.when, {}, {}});
    Trial(config, row, reports.back()).run();
  }
  return reports;
}

void Coverage::add(const VirtualSite& site) {
  const auto& matrix = site.config().matrix;
  for (std::size_t i = 0; i < matrix.rows.size(); ++i)
    if (site.causes_seen().count(matrix.rows[i].when) != 0) rows.insert(i + 1);
  for (const auto& effect : matrix.effects)
    if (site.activations(effect.name) > 0) effects.insert(effect.name);
  zones.insert(site.zones_alarmed().begin(), site.zones_alarmed().end());
}

}  // namespace tocsin::flow
