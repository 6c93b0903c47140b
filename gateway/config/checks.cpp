// Checks that need to know how devices speak: what a profile's points mean, and whether the bus is fast
// enough.

#include "drivers/io/registry.h"
#include "gateway/bus/bounds.h"
#include "gateway/config/loader.h"

namespace tocsin::gateway {

void check_sources(Loading& loading, const driver::Profile& profile) {
  const auto* protocol = io::find_protocol(profile.protocol);
  if (protocol == nullptr) return;  // the reader of the profile has told
  for (const auto& point : profile.points)
    for (const auto& wrong : protocol->check_source(point))
      loading.problems.add(
          {"profiles/" + profile.name + ".toml", 1, "point " + point.name, wrong, "", false});
}

void check_deadlines(Loading& loading, const config::Table& root) {
  for (const auto& [name, table] : root.tables("bus")) {
    for (const auto& spec : loading.config.buses) {
      if (spec.name != name || spec.devices.empty()) continue;
      const auto analysis = bus::worst_cases(spec, {});
      if (!analysis) {
        loading.problems.add(
            {root.file(), table.line(), table.path(), to_string(analysis.error()), "", false});
        continue;
      }
      const auto risks = bus::deadlines_at_risk(spec, *analysis);
      if (risks.empty()) continue;
      // A warning, not a refusal: the bound assumes a fault, a command and a dead device at the same moment.
      loading.problems.add(
          {root.file(), table.line(), table.path(),
           risks.front() + " in the worst case" +
               (risks.size() > 1 ? ", and " + std::to_string(risks.size() - 1) + " more points" : "") +
               "; `tocsin plan` shows the times. Poll other points less often or use another bus",
           "", true});
    }
  }
}

}  // namespace tocsin::gateway
