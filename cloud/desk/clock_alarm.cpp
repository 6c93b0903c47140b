#include "cloud/desk/clock_alarm.h"

#include <algorithm>
#include <cstdio>

namespace tocsin::cloud {
namespace {

// A device's own clock is believed only when it is close to the gateway's.
constexpr std::chrono::minutes believable{10};

std::string seconds_text(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace

std::chrono::milliseconds total_time(const Alarm& alarm) {
  const Times& t = alarm.times;
  const bool believed = t.source && *t.source <= t.detected && t.detected - *t.source < believable;
  const UtcTime begin = believed ? *t.source : t.detected;
  const UtcTime end = alarm.feed ? t.feed : t.cloud;
  return std::max(end - begin, std::chrono::milliseconds{0});
}

alarm::Key late_key(const std::string& gateway) {
  return {gateway, "clock", "late"};
}

void note_breach(Store& store, const std::map<std::string, Place>& places, const Alarm& alarm, UtcTime now,
                 Applied& applied) {
  const auto place = places.find(alarm.gateway);
  if (!is_life_safety(alarm.cls) || total_time(alarm) <= latest_arrival || place == places.end()) return;
  const auto open = store.open_alarm(alarm.gateway, late_key(alarm.gateway));
  alarm::Transition late;
  late.key = late_key(alarm.gateway);
  late.cls = AlarmClass::supervisory;
  late.change = open ? alarm::Change::reactivated : alarm::Change::raised;
  late.count = open ? open->count + 1 : 1;
  if (open) late.alarm_id = open->id;
  late.cause = {alarm.key.device + "/" + alarm.key.point};
  late.value = static_cast<double>(total_time(alarm).count()) / 1000;
  late.unit = "s";
  late.threshold = static_cast<double>(latest_arrival.count()) / 1000;
  late.reason = "from sensor to city in " + seconds_text(total_time(alarm));
  late.t_detected.utc = now;
  late.t_detected.clock = ClockQuality::synchronised;
  append_own_record(store, place->second, late, now, applied);
}

}  // namespace tocsin::cloud
