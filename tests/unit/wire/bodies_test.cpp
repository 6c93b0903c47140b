#include <doctest/doctest.h>

#include "sync/wire/codec.h"
#include "sync/wire/message.h"

using namespace tocsin;
using namespace tocsin::wire;

namespace {

UtcTime at(std::int64_t ms) {
  return UtcTime{std::chrono::milliseconds{ms}};
}
const Stamp stamp{MonoTime{Duration{123'456'789}}, at(1'763'000'000'123), 0xB007, ClockQuality::synchronised};

alarm::Transition gas_alarm() {
  alarm::Transition t;
  t.key = {"gas-k1", "gas", "gas"};
  t.alarm_id = "wangjing-b12-00000000000000ab-7";
  t.cls = AlarmClass::gas;
  t.stage = Stage::a2;
  t.change = alarm::Change::stage_rose;
  t.bits = {true, true, false, true, false};
  t.count = 3;
  t.zone = "kitchen";
  t.value = 51.5;
  t.unit = "%LEL";
  t.threshold = 50.0;
  t.cause = {"gas-k1/gas", "gas-k2/gas"};
  t.t_source = at(1'763'000'000'000);
  t.t_detected = stamp;
  t.inferred = true;
  t.reason = "\xE9\x98\x80\xE9\x97\xA8";
  return t;
}

}  // namespace

TEST_CASE("an alarm id names gateway, epoch and record") {
  CHECK(alarm_id("wangjing-b12", 0x5f3a9c0e77d1b284, 42) == "wangjing-b12-5f3a9c0e77d1b284-42");
  CHECK(alarm_id("gw1", 0xAB, 1) == "gw1-00000000000000ab-1");
}

TEST_CASE("a transition comes back whole") {
  const alarm::Transition sent = gas_alarm();
  const auto body = decode_alarm_body(encode_change(sent, "B1"));
  REQUIRE(body.has_value());
  REQUIRE(body->change);
  CHECK_FALSE(body->effect);
  CHECK(body->floor == "B1");
  const alarm::Transition& got = *body->change;
  CHECK(got.key == sent.key);
  CHECK(got.alarm_id == sent.alarm_id);
  CHECK(got.cls == sent.cls);
  CHECK(got.stage == sent.stage);
  CHECK(got.change == sent.change);
  CHECK(got.bits == sent.bits);
  CHECK(got.count == sent.count);
  CHECK(got.zone == sent.zone);
  CHECK(got.value == sent.value);
  CHECK(got.unit == sent.unit);
  CHECK(got.threshold == sent.threshold);
  CHECK(got.cause == sent.cause);
  CHECK(got.t_source == sent.t_source);
  CHECK(got.t_detected == sent.t_detected);
  CHECK(got.inferred == sent.inferred);
  CHECK(got.reason == sent.reason);
}

TEST_CASE("each kind of value comes back as its kind, and none as none") {
  for (const Value& value :
       {Value{}, Value{false}, Value{true}, Value{std::int64_t{-3}}, Value{0.0}, Value{std::string{"on"}}}) {
    alarm::Transition sent = gas_alarm();
    sent.value = value;
    const auto body = decode_alarm_body(encode_change(sent, ""));
    REQUIRE(body.has_value());
    CHECK(body->change->value == value);
  }
}

TEST_CASE("every change, class and stage has its word on the wire") {
  for (int change = 0; change <= static_cast<int>(alarm::Change::marked); ++change)
    for (int cls = 0; cls <= static_cast<int>(AlarmClass::disabled); ++cls) {
      alarm::Transition sent = gas_alarm();
      sent.change = static_cast<alarm::Change>(change);
      sent.cls = static_cast<AlarmClass>(cls);
      sent.stage = static_cast<Stage>(cls % 5);
      const auto body = decode_alarm_body(encode_change(sent, ""));
      REQUIRE(body.has_value());
      CHECK(body->change->change == sent.change);
      CHECK(body->change->cls == sent.cls);
      CHECK(body->change->stage == sent.stage);
    }
}

TEST_CASE("one odd byte from a device does not make an alarm undecodable") {
  alarm::Transition sent = gas_alarm();
  sent.value = std::string(
      "ZONE\xFF"
      "12");
  sent.reason = "\xC0";
  sent.cause = {"a\x80/b"};
  const auto body = decode_alarm_body(encode_change(sent, "\xFE"));
  REQUIRE(body.has_value());
  CHECK(body->change->value == Value{std::string("ZONE?12")});
}

TEST_CASE("an alarm body without key or with unknown words is an error") {
  alarm::Transition sent = gas_alarm();
  sent.key.device.clear();
  CHECK_FALSE(decode_alarm_body(encode_change(sent, "")).has_value());
  AlarmBody body;
  REQUIRE(parse(encode_change(gas_alarm(), ""), body));
  body.mutable_change()->set_alarm_class("flood");
  CHECK_FALSE(decode_alarm_body(to_bytes(body)).has_value());
  CHECK_FALSE(decode_alarm_body({}).has_value());
  const Bytes noise{0xFF, 0xFF, 0xFF, 0xFF};
  CHECK_FALSE(decode_alarm_body(noise).has_value());
}

TEST_CASE("an effect's outcome comes back") {
  const EffectReport sent{"gw1-00000000000000ab-1", "stair-door-3f", "open", "confirmed", stamp};
  const auto body = decode_alarm_body(encode_effect(sent));
  REQUIRE(body.has_value());
  REQUIRE(body->effect);
  CHECK_FALSE(body->change);
  CHECK(*body->effect == sent);
}

TEST_CASE("events of every kind come back") {
  const std::vector<EventReport> reports{
      DeviceReport{"smoke-3f-01", "lost", "no answer"}, EvictionReport{Lane::data, 10, 20, 11, "quota"},
      AnswerReport{Bytes(16, 0xA5), "indeterminate", "restarted", "", 0},
      AnswerReport{{}, "refused", "the key may not", "out-of-scope", 9}, DesiredReport{17}};
  for (const EventReport& report : reports) {
    const auto body = decode_event_body(encode_event(report, stamp));
    REQUIRE(body.has_value());
    CHECK(body->report == report);
    CHECK(body->at == stamp);
  }
}

TEST_CASE("an event of a later version is told apart from noise") {
  const auto later = decode_event_body(to_bytes(EventBody{}));
  REQUIRE_FALSE(later.has_value());
  CHECK(later.error().fault == Fault::unsupported);
  CHECK_FALSE(decode_event_body(encode_event(EvictionReport{Lane::data, 5, 4, 0, ""}, stamp)).has_value());
}
