// What records do to alarms, which of them the city hears, and how an alarm reads as a document.
#include <doctest/doctest.h>

#include "cloud/alarms/city.h"
#include "cloud/alarms/document.h"
#include "cloud/alarms/fold.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;

namespace {

Arrival arrival(std::uint64_t seq) {
  const Place place = samples::place();
  return {place.gateway,
          place.site,
          samples::epoch,
          seq,
          samples::noon + std::chrono::milliseconds{6},
          samples::noon + std::chrono::milliseconds{7},
          samples::noon + std::chrono::milliseconds{9}};
}

wire::DecodedAlarmBody body(const alarm::Transition& t) {
  return {t, "3", {}};
}

Alarm fire() {
  return *fold({}, body(samples::confirmed_fire()), arrival(42)).alarm;
}

Alarm with(AlarmClass cls, Stage stage, const std::string& zone = "3F") {
  Alarm alarm = fire();
  alarm.cls = cls;
  alarm.stage = stage;
  alarm.zone = zone;
  return alarm;
}

}  // namespace

TEST_CASE("a raised record names its alarm and takes over what the edge says") {
  const Alarm alarm = fire();
  CHECK(alarm.id == samples::fire_id);
  CHECK(alarm.floor == "3");
  CHECK(alarm.cause.size() == 2);
  CHECK(alarm.times.source == samples::noon);
  CHECK(alarm.times.cloud == samples::noon + std::chrono::milliseconds{9});
  CHECK(state_of(alarm) == "unacknowledged");
}

TEST_CASE("a record that up/now has overtaken changes nothing") {
  const Alarm known = fire();
  const auto older = samples::next(samples::confirmed_fire(), known.id, alarm::Change::returned, {});
  CHECK(fold(known, body(older), arrival(41)).effect == Effectiveness::nothing);
}

TEST_CASE("the record behind up/now fills in its times and triggers nothing") {
  Alarm known = fire();
  known.times.stored = {};
  const Folded folded = fold(known, body(samples::confirmed_fire()), arrival(42));
  CHECK(folded.effect == Effectiveness::filled);
  CHECK(folded.alarm->times.stored == samples::noon + std::chrono::milliseconds{6});
}

TEST_CASE("a record of another database is newer whatever its number") {
  Arrival other = arrival(3);
  other.epoch = 7;
  const auto t = samples::next(samples::confirmed_fire(), samples::fire_id, alarm::Change::closed, {});
  CHECK(fold(fire(), body(t), other).effect == Effectiveness::changed);
}

TEST_CASE("labels follow the bits") {
  Alarm alarm = fire();
  alarm.acked = true;
  CHECK(state_of(alarm) == "acknowledged");
  alarm.bits.active = false;
  CHECK(state_of(alarm) == "latched");
  alarm.bits.latched = false;
  alarm.acked = false;
  CHECK(state_of(alarm) == "returned-unacknowledged");
  alarm.shelved_until = samples::noon;
  CHECK(state_of(alarm) == "shelved");
  alarm.bits.disabled = true;
  CHECK(state_of(alarm) == "disabled");
  alarm.bits.out_of_service = true;
  CHECK(state_of(alarm) == "out-of-service");
  alarm.closed = true;
  CHECK(state_of(alarm) == "closed");
}

TEST_CASE("a re-alarm wants a person again, a return does not") {
  Alarm known = fire();
  known.acked = true;
  const auto back =
      samples::next(samples::confirmed_fire(), known.id, alarm::Change::returned, {false, true});
  const Alarm latched = *fold(known, body(back), arrival(43)).alarm;
  CHECK(latched.acked);
  CHECK(state_of(latched) == "latched");
  const auto again =
      samples::next(samples::confirmed_fire(), known.id, alarm::Change::reactivated, {true, true});
  CHECK(state_of(*fold(latched, body(again), arrival(44)).alarm) == "unacknowledged");
}

TEST_CASE("returned without latch and acknowledged is normal: closed") {
  Alarm known = fire();
  known.acked = true;
  const auto back = samples::next(samples::confirmed_fire(), known.id, alarm::Change::returned, {});
  CHECK(fold(known, body(back), arrival(43)).alarm->closed);
}

TEST_CASE("an effect is listed once, with its latest outcome") {
  const wire::EffectReport ordered{samples::fire_id, "stair-door-3f", "open", "", {}};
  const wire::EffectReport done{samples::fire_id, "stair-door-3f", "open", "confirmed", {}};
  const Alarm first = *fold(fire(), {{}, "", ordered}, arrival(43)).alarm;
  const Folded second = fold(first, {{}, "", done}, arrival(44));
  REQUIRE(second.alarm->effects.size() == 1);
  CHECK(second.alarm->effects[0].outcome == "confirmed");
  CHECK(second.effect == Effectiveness::changed);
  CHECK(fold({}, {{}, "", done}, arrival(44)).effect == Effectiveness::nothing);
}

TEST_CASE("the city hears what the design lists, and nothing else") {
  CHECK(concerns_city(with(AlarmClass::fire, Stage::confirmed)));
  CHECK_FALSE(concerns_city(with(AlarmClass::fire, Stage::prealarm)));
  CHECK(concerns_city(with(AlarmClass::gas, Stage::a2)));
  CHECK_FALSE(concerns_city(with(AlarmClass::gas, Stage::a1)));
  CHECK(concerns_city(with(AlarmClass::toxic, Stage::a2)));
  CHECK(concerns_city(with(AlarmClass::sos, Stage::confirmed)));
  CHECK_FALSE(concerns_city(with(AlarmClass::sos, Stage::none)));
  CHECK(concerns_city(with(AlarmClass::fault, Stage::none)));
  CHECK_FALSE(concerns_city(with(AlarmClass::fault, Stage::none, "")));  // a meter, a disk
  CHECK_FALSE(concerns_city(with(AlarmClass::intrusion, Stage::none)));
}

TEST_CASE("tests and disabled detectors stay in the house, a disablement does not") {
  Alarm alarm = fire();
  alarm.bits.test = true;
  CHECK_FALSE(concerns_city(alarm));
  alarm.bits = {true, false, true, false, false};
  CHECK_FALSE(concerns_city(alarm));
  alarm.cls = AlarmClass::disabled;
  CHECK(concerns_city(alarm));
}

TEST_CASE("a silent gateway is the city's concern, though it has no zone") {
  Alarm alarm = with(AlarmClass::fault, Stage::none, "");
  alarm.key = silence_key(alarm.gateway);
  CHECK(concerns_city(alarm));
}

TEST_CASE("the city's topic") {
  CHECK(city_topic(fire()) == std::string("city/110105/wangjing-west/b12/alarm/fire/") + samples::fire_id);
}

TEST_CASE("an alarm survives its document") {
  Alarm alarm = fire();
  alarm.value = 25.5;
  alarm.unit = "%LEL";
  alarm.threshold = 20;
  alarm.count = 3;
  alarm.assigned = "Li";
  alarm.shelved_until = samples::noon;
  alarm.feed = FeedMark{1, 1007};
  alarm.effects = {{"stair-door-3f", "open", "", samples::noon}};
  alarm.identity_conflict = true;
  auto back = from_document(to_document(alarm, Audience::operators));
  REQUIRE(back.has_value());
  back->epoch = alarm.epoch;
  back->seq = alarm.seq;
  CHECK(*back == alarm);
}

TEST_CASE("no person's name goes to the city, and numbers read as people write them") {
  Alarm alarm = fire();
  alarm.assigned = "Li";
  const std::string city = to_document(alarm, Audience::city);
  CHECK(city.find("\"Li\"") == std::string::npos);
  CHECK(city.find("\"lat\":39.99,") != std::string::npos);
  CHECK(city.find("\"source\":\"2026-11-22T10:00:00.120+08:00\"") != std::string::npos);
}

TEST_CASE("text that is no alarm document is an error") {
  for (const char* text : {"", "{}", "[]", "{\"alarm_id\":1}", "\xff"})
    CHECK_FALSE(from_document(text).has_value());
}
