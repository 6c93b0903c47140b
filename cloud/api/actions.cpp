#include "cloud/api/actions.h"

#include <array>
#include <cstdio>

#include "cloud/alarms/document.h"
#include "cloud/api/audit.h"
#include "cloud/ingest/apply.h"

namespace tocsin::cloud {
namespace {

// The city hears nothing of how the community divides its work.
Tell tell_of(const Act& act) {
  return act.name == "assign" || act.name == "comment" ? Tell::insiders : Tell::concerned;
}

std::string detail_of(const Act& act) {
  if (act.time.count() == 0) return act.text;
  return std::to_string(act.time.count()) + " min: " + act.text;
}

}  // namespace

StoreAnswer perform(Store& store, const Alarm& before, const Act& act, const Grant& grant, UtcTime now) {
  auto after = apply_act(before, act, grant.who, now);
  if (!after) return {error_answer(409, after.error().detail)};
  append_to_audit(store, {0, now, grant.who, act.name, before.id, detail_of(act), {}});
  Applied applied;
  // What leaves the shelf with its cause present is announced anew (ISA-18.2).
  const bool calls = act.name == "unshelve" && (before.bits.active || before.bits.latched);
  if (!(*after == before)) publish_change(store, std::move(*after), now, applied, calls, tell_of(act));
  const auto saved = store.alarm(before.id);
  return {{200, "application/json", to_document(*saved, Audience::operators), {}},
          std::move(applied.told),
          applied.news};
}

std::string epoch_text(std::uint64_t epoch) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(epoch));
  return text.data();
}

}  // namespace tocsin::cloud
