#include "cloud/desk/call.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "cloud/alarms/city.h"

namespace tocsin::cloud {
namespace {

using std::chrono::seconds;

constexpr std::array steps{seconds{0}, seconds{30}, seconds{60}, seconds{180}};
constexpr int last_step = static_cast<int>(steps.size()) - 1;
constexpr int security = 401;  // severity from here on calls people
constexpr seconds inhibited_pause{30};

bool waits_for_the_shelf(const Alarm& alarm) {
  return alarm.shelved_until && !alarm.closed;
}

CallRow row_at(const Alarm& alarm, UtcTime opened, int step) {
  return {alarm.id, opened, step, opened + steps[static_cast<std::size_t>(step)]};
}

// Each step the next one of the list, over again when it is short; the last step all of them.
std::vector<std::size_t> told_at(int step, std::size_t contacts) {
  std::vector<std::size_t> tell;
  if (contacts == 0) return tell;
  if (step < last_step) return {static_cast<std::size_t>(step) % contacts};
  for (std::size_t i = 0; i < contacts; ++i) tell.push_back(i);
  return tell;
}

}  // namespace

bool calls_people(const Alarm& alarm) {
  if (alarm.closed || alarm.acked || alarm.shelved_until) return false;
  if (alarm.bits.test || alarm.bits.out_of_service) return false;
  if (alarm.bits.disabled && alarm.cls != AlarmClass::disabled) return false;
  return severity_of(alarm.cls, told_stage(alarm)) >= security;
}

bool can_be_inhibited(const Alarm& alarm) {
  const bool secondary = alarm.cls == AlarmClass::fault || alarm.cls == AlarmClass::disabled ||
                         alarm.cls == AlarmClass::supervisory;
  return secondary && alarm.key != silence_key(alarm.gateway);
}

CallPlan on_change(const Alarm& alarm, const std::optional<CallRow>& before, bool calls, UtcTime now) {
  CallPlan plan;
  if (waits_for_the_shelf(alarm)) {
    plan.call = CallRow{alarm.id, now, 0, *alarm.shelved_until};
  } else if (calls_people(alarm)) {
    // A mark or an effect changes nothing of a call under way; an alarm that is back begins a new one.
    plan.call = calls ? row_at(alarm, now, 0) : before;
  }
  return plan;
}

CallPlan on_due(const Alarm& alarm, const CallRow& row, const Duty& duty, bool inhibited, UtcTime now) {
  CallPlan plan;
  if (waits_for_the_shelf(alarm)) {
    plan.unshelve = now >= *alarm.shelved_until;
    if (!plan.unshelve) plan.call = CallRow{alarm.id, row.opened, 0, *alarm.shelved_until};
    return plan;
  }
  if (!calls_people(alarm)) return plan;
  if (inhibited && can_be_inhibited(alarm)) {
    plan.call = CallRow{alarm.id, now + inhibited_pause, 0, now + inhibited_pause};
    return plan;
  }
  // After a pause of the program only the step that is due now is taken, not each one that was missed.
  int step = row.step;
  while (step < last_step && row.opened + steps[static_cast<std::size_t>(step) + 1] <= now) ++step;
  plan.tell = told_at(step, duty.contacts.size());
  plan.forward = step == last_step && may_be_forwarded(alarm);
  const bool escalates = is_life_safety(alarm.cls) && step < last_step;
  if (escalates) plan.call = row_at(alarm, row.opened, step + 1);
  return plan;
}

}  // namespace tocsin::cloud
