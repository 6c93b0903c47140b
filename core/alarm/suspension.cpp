// Disablements and walk-tests: records of their own that end by themselves, and the marks they put on other
// records.

#include <algorithm>

#include "core/alarm/machine_impl.h"

namespace tocsin::alarm {
namespace {

constexpr Duration longest_disablement = 8h;
constexpr Duration longest_test = 60min;

Key key_of(Origin origin, const std::string& name) {
  if (origin == Origin::walk_test) return {"zone/" + name, "zone", "walk-test"};
  return {name, "device", "disabled"};
}

Status check_end(MonoTime until, MonoTime now, Duration longest) {
  if (until <= now) return fail(Fault::refused, "the end is not in the future");
  if (until - now > longest) return fail(Fault::refused, "longer than " + to_string(longest));
  return {};
}

bool is_new_alarm(const Transition& said) {
  return said.change == Change::raised || said.change == Change::stage_rose ||
         said.change == Change::reactivated;
}

}  // namespace

Entry* Machine::Impl::suspended(Origin origin, const std::string& name) {
  const auto& active = origin == Origin::disablement ? disabled : tested;
  const auto place = active.find(name);
  return place == active.end() ? nullptr : place->second;
}

std::vector<Transition> Machine::Impl::suspend(Origin origin, const std::string& name, MonoTime until,
                                               const Stamp& now, const std::string& reason) {
  std::vector<Transition> out;
  if (Entry* earlier = suspended(origin, name)) end(*earlier, now, "renewed", out);
  const Key key = key_of(origin, name);
  Entry& entry = entries[key];
  entry.origin = origin;
  entry.subject = {};
  entry.subject.key = key;
  entry.subject.cls = AlarmClass::disabled;
  entry.subject.zone = origin == Origin::disablement ? zone_of_device.at(name) : name;
  entry.subject.off_delay = Lifecycle::chatter_window;  // never folded: each is a person's act
  entry.declared = {};
  entry.declared.active = true;
  entry.declared.reason = reason;
  entry.until = until;
  (origin == Origin::disablement ? disabled : tested)[name] = &entry;
  step(entry, now, out);
  refresh_marks(now, reason, out);
  return out;
}

std::vector<Transition> Machine::Impl::resume(Origin origin, const std::string& name, const Stamp& now,
                                              const std::string& reason) {
  std::vector<Transition> out;
  if (Entry* entry = suspended(origin, name)) {
    end(*entry, now, reason, out);
    refresh_marks(now, reason, out);
  }
  return out;
}

void Machine::Impl::end(Entry& suspension, const Stamp& now, const std::string& reason,
                        std::vector<Transition>& out) {
  const auto is_this = [&](const auto& item) { return item.second == &suspension; };
  std::erase_if(disabled, is_this);
  std::erase_if(tested, is_this);
  suspension.until.reset();
  suspension.declared = {};
  suspension.declared.reason = reason;
  step(suspension, now, out);
}

// Design section 8: a walk-test ends at once on a confirmed fire (a zone in test confirms none by its own
// detectors) or on an alarm in a zone that is not under test.
void Machine::Impl::end_tests_for(const Transition& alarm, const Stamp& now, std::vector<Transition>& out) {
  if (tested.empty() || !is_urgent(alarm) || !is_new_alarm(alarm) || alarm.bits.disabled) return;
  if (alarm.bits.test && alarm.stage != Stage::confirmed) return;
  const std::string reason = "alarm " + to_text(alarm.key);
  while (!tested.empty()) end(*tested.begin()->second, now, reason, out);
  refresh_marks(now, reason, out);
}

Bits Machine::Impl::marks_of(const Entry& entry) const {
  Bits marks;
  marks.test = entry.origin == Origin::walk_test;
  if (entry.is_suspension()) return marks;
  marks.disabled = disabled.contains(entry.subject.key.device);
  marks.test = tested.contains(entry.subject.zone);
  return marks;
}

void Machine::Impl::refresh_marks(const Stamp& now, const std::string& reason, std::vector<Transition>& out) {
  for (auto& [key, entry] : entries) {
    if (!entry.life.record()) continue;
    auto marked = entry.life.mark(marks_of(entry), now, reason);
    if (!marked) continue;
    touch(entry);
    // A record that opened in this very step has no name yet: its `raised` says the new marks itself.
    const auto raised = std::find_if(out.begin(), out.end(), [&](const Transition& said) {
      return said.key == marked->key && said.change == Change::raised;
    });
    if (raised == out.end()) {
      out.push_back(std::move(*marked));
    } else {
      raised->bits = marked->bits;
    }
  }
}

Result<std::vector<Transition>> Machine::disable(const std::string& device, MonoTime until, const Stamp& now,
                                                 const std::string& who, const std::string& reason) {
  const Stamp at = impl_->enter(now);
  if (!impl_->zone_of_device.contains(device))
    return fail(Fault::not_found, "no rule for a device '" + device + "'");
  const auto end = check_end(until, at.mono, longest_disablement);
  if (!end) return end.error();
  return impl_->suspend(Origin::disablement, device, until, at, who + ": " + reason);
}

std::vector<Transition> Machine::enable(const std::string& device, const Stamp& now, const std::string& who) {
  return impl_->resume(Origin::disablement, device, impl_->enter(now), who);
}

Result<std::vector<Transition>> Machine::set_test(const std::string& zone, std::optional<MonoTime> until,
                                                  const Stamp& now, const std::string& who) {
  const Stamp at = impl_->enter(now);
  if (!impl_->zones.contains(zone)) return fail(Fault::not_found, "no device in a zone '" + zone + "'");
  if (!until) return impl_->resume(Origin::walk_test, zone, at, who);
  const auto end = check_end(*until, at.mono, longest_test);
  if (!end) return end.error();
  return impl_->suspend(Origin::walk_test, zone, *until, at, who);
}

}  // namespace tocsin::alarm
