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

namespace {

constexpr const char* what_to_do =
    "; poll the devices of this bus less often, move some to another bus, or raise baud. `tocsin plan` shows "
    "every time";

std::string sentence(const std::vector<driver::Detection>& late, const std::string& when) {
  const driver::Detection& worst = late.front();
  std::string text = worst.point + " can take " + to_string(worst.worst) + " to be detected" + when +
                     ", its deadline is " + to_string(worst.deadline);
  if (late.size() > 1) text += "; so can " + std::to_string(late.size() - 1) + " more points";
  return text + what_to_do;
}

}  // namespace

void check_deadlines(Loading& loading, const config::Table& root) {
  for (const auto& [name, table] : root.tables("bus")) {
    for (const auto& spec : loading.config.buses) {
      if (spec.name != name || spec.devices.empty()) continue;
      const auto report = [&, &where = table](const std::string& found, bool warning) {
        loading.problems.add({root.file(), where.line(), where.path(), found, "", warning});
      };
      const auto bounds = bus::worst_cases(spec);
      if (!bounds) {
        report(to_string(bounds.error()), false);
        continue;
      }
      const auto refused = bus::late_detections(bounds->one);
      const auto at_risk = bus::late_detections(bounds->all);
      if (!refused.empty())
        report(sentence(refused, ""), false);
      else if (!at_risk.empty())
        report(sentence(at_risk, " when a fault and a dead device come together"), true);
    }
  }
}

}  // namespace tocsin::gateway
