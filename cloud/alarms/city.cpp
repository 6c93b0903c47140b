#include "cloud/alarms/city.h"

#include <algorithm>
#include <array>

namespace tocsin::cloud {
namespace {

enum class When : std::uint8_t {
  always,
  life_safety_point,  // only life-safety devices must name a zone; a silent gateway takes all of its devices
                      // along
};

struct Row {
  AlarmClass cls;
  Stage stage;  // none: any
  When when;
};

constexpr std::array city_rows{
    Row{AlarmClass::fire, Stage::confirmed, When::always},
    Row{AlarmClass::gas, Stage::a2, When::always},
    Row{AlarmClass::toxic, Stage::a2, When::always},
    Row{AlarmClass::sos, Stage::confirmed, When::always},  // confirmed by a person; else may_be_forwarded()
    Row{AlarmClass::fault, Stage::none, When::life_safety_point},
    Row{AlarmClass::disabled, Stage::none, When::life_safety_point},
};

bool of_life_safety_point(const Alarm& alarm) {
  return !alarm.zone.empty() || alarm.key == silence_key(alarm.gateway);
}

bool fits(const Row& row, const Alarm& alarm) {
  if (row.cls != alarm.cls) return false;
  if (row.stage != Stage::none && row.stage != told_stage(alarm)) return false;
  return row.when == When::always || of_life_safety_point(alarm);
}

}  // namespace

bool concerns_city(const Alarm& alarm) {
  if (alarm.bits.test) return false;
  if (alarm.bits.disabled && alarm.cls != AlarmClass::disabled) return false;
  return std::any_of(city_rows.begin(), city_rows.end(), [&](const Row& row) { return fits(row, alarm); });
}

bool may_be_forwarded(const Alarm& alarm) {
  const bool waits_for_a_person =
      alarm.cls == AlarmClass::sos || (alarm.cls == AlarmClass::fire && alarm.stage == Stage::prealarm);
  return waits_for_a_person && !alarm.feed && !alarm.acked && !alarm.closed && !alarm.bits.test &&
         !alarm.bits.disabled;
}

std::string city_topic(const Alarm& alarm) {
  return "city/" + alarm.site.adcode + "/" + alarm.site.community + "/" + alarm.site.building + "/alarm/" +
         std::string(name_of(alarm.cls)) + "/" + alarm.id;
}

alarm::Key silence_key(const std::string& gateway) {
  return {gateway, "link", "silence"};
}

}  // namespace tocsin::cloud
