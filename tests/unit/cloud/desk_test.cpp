// The desk: calls along the duty list, the shelf, manual confirmation, automatic forwarding, silence; with
// virtual time.
#include "cloud/desk/desk.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "cloud/api/audit.h"
#include "cloud/desk/act.h"
#include "cloud/desk/clock_alarm.h"
#include "cloud/desk/hop_clock.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;
using namespace std::chrono_literals;
using samples::done;
namespace json = boost::json;

namespace {

alarm::Transition of(AlarmClass cls, Stage stage, const std::string& device) {
  auto t = samples::confirmed_fire();
  t.key = {device, "point", "rule"};
  t.cls = cls;
  t.stage = stage;
  return t;
}
alarm::Transition pre_alarm() {
  return of(AlarmClass::fire, Stage::prealarm, "smoke-1");
}
alarm::Transition sos() {
  auto t = of(AlarmClass::sos, Stage::none, "sos-1");
  t.bits.latched = false;
  return t;
}
alarm::Transition device_fault() {
  auto t = of(AlarmClass::fault, Stage::none, "smoke-2");
  t.bits.latched = false;
  return t;
}

const std::string id = samples::fire_id;

// A store with its desk: a guard, a deputy and a manager on duty; time passes only by wait().
struct Office {
  std::unique_ptr<Store> store = samples::store();
  DeskSettings settings;
  std::set<std::string> silent;
  UtcTime now = samples::noon;
  HopClock clock;
  std::vector<FeedEntry> told;

  Office() {
    settings.duty["wangjing-west"].contacts = {{"guard", "g"}, {"deputy", "d"}, {"manager", "m"}};
    settings.places["wangjing-b12"] = samples::place();
  }
  std::chrono::milliseconds delay{0};  // from the sensor to here
  void arrive(std::uint64_t seq, alarm::Transition t) {
    t.t_source = t.t_detected.utc = now - delay;
    REQUIRE(done(*store, [&] {
      take(apply_records(*store, samples::place(), samples::batch({samples::record(seq, t)}), now));
    }));
    work();
  }
  void take(const Applied& applied) { told.insert(told.end(), applied.told.begin(), applied.told.end()); }
  void work() {
    for (bool more = true; more;) {
      DeskOutcome out;
      REQUIRE(done(*store, [&] { out = run_desk(*store, settings, silent, now); }));
      take(out.applied);
      for (const Alarm& alarm : out.clocked) clock.add(alarm);
      more = out.more;
    }
  }
  void wait(std::chrono::milliseconds time) {
    now += time;
    work();
  }
  bool act(const std::string& name, const std::string& body = {}, const std::string& alarm_id = id) {
    const auto parsed = parse_act(name, body);
    if (!parsed) return false;
    bool good = false;
    REQUIRE(done(*store, [&] {
      const auto after = apply_act(*store->alarm(alarm_id), *parsed, "operator:1", now);
      good = after.has_value();
      Applied applied;
      if (good) publish_change(*store, *after, now, applied);
      take(applied);
    }));
    work();
    return good;
  }
  Alarm alarm(const std::string& alarm_id = id) {
    std::optional<Alarm> found;
    REQUIRE(done(*store, [&] { found = store->alarm(alarm_id); }));
    REQUIRE(found);
    return *found;
  }
  std::string open_id(const alarm::Key& key) {
    std::optional<Alarm> found;
    REQUIRE(done(*store, [&] { found = store->open_alarm("wangjing-b12", key); }));
    return found ? found->id : "";
  }
  // "g d m": who was called, in this order, since the last question.
  std::string called() {
    std::string names;
    REQUIRE(done(*store, [&] {
      std::map<std::uint64_t, std::string> by_number;
      for (const std::string target : {"g", "d", "m", "feed"})
        for (const Notice& notice : store->notices_due(target, now, 100)) {
          by_number[notice.number] = target;
          store->remove_notice(notice.number);
        }
      for (const auto& [number, target] : by_number) names += (names.empty() ? "" : " ") + target;
    }));
    return names;
  }
  std::string audited() {
    std::string actions;
    REQUIRE(done(*store, [&] {
      for (const AuditEntry& entry : store->audit(0, 100)) actions += entry.action + " ";
      CHECK_FALSE(verify_audit(*store).broken_at);
    }));
    return actions;
  }
};

}  // namespace

TEST_CASE("nobody answers: the next one after 30 and 60 s, all after 180 s, and then the city") {
  Office office;
  office.arrive(42, pre_alarm());
  CHECK(office.called() == "g");
  office.wait(29'999ms);
  CHECK(office.called().empty());
  office.wait(1ms);
  CHECK(office.called() == "d");
  office.wait(30s);
  CHECK(office.called() == "m");
  office.wait(119s);
  CHECK(office.called().empty());
  CHECK(office.told.empty());
  office.wait(1s);
  CHECK(office.called() == "g d m");
  REQUIRE(office.told.size() == 1);
  CHECK(json::parse(office.told[0].body).at("stage") == "prealarm");  // forwarded, not confirmed
  office.wait(1h);
  CHECK(office.called().empty());
  CHECK(office.told.size() == 1);
  CHECK(office.audited() == "call call call call call call forward ");
}

TEST_CASE("an answer ends the calls, and a repeat of the alarm begins them anew") {
  Office office;
  office.arrive(42, pre_alarm());
  CHECK(office.called() == "g");
  CHECK(office.act("ack"));
  office.wait(10min);
  CHECK(office.called().empty());
  CHECK(office.told.empty());
  office.arrive(
      43, samples::next(pre_alarm(), id, alarm::Change::reactivated, {true, true, false, false, false}));
  CHECK(office.called() == "g");
  office.wait(30s);
  CHECK(office.called() == "d");
}

TEST_CASE("an SOS calls at once, escalates, and its cancel stays in the books") {
  Office office;
  office.arrive(42, sos());
  CHECK(office.called() == "g");
  auto cancel = samples::next(sos(), id, alarm::Change::closed, {});
  cancel.reason = "cancelled at the button";
  office.wait(20s);
  office.arrive(43, cancel);
  CHECK(office.alarm().closed);
  office.wait(10min);
  CHECK(office.called().empty());
  CHECK(done(*office.store, [&] {
    CHECK(office.store->news(0, 100).size() == 2);  // raised and cancelled, for the streams
    CHECK(office.store->highest_seq("wangjing-b12", samples::epoch, wire::Lane::alarm) == 43);
  }));
}

TEST_CASE("an SOS that nobody answers goes to the city after 180 s, once") {
  Office office;
  office.arrive(42, sos());
  office.wait(179s);
  CHECK(office.told.empty());
  office.wait(1s);
  CHECK(office.told.size() == 1);
  office.wait(5min);
  CHECK(office.told.size() == 1);
}

TEST_CASE("a detector of a zone whose fire is confirmed is not forwarded: the city knows") {
  Office office;
  office.arrive(42, samples::confirmed_fire());
  office.arrive(43, pre_alarm());
  REQUIRE(office.told.size() == 1);
  office.wait(10min);
  CHECK(office.told.size() == 1);
}

TEST_CASE("a short list begins again, and a community without one still forwards") {
  Office office;
  office.settings.duty["wangjing-west"].contacts.resize(1);
  office.arrive(42, sos());
  for (const auto pause : {30s, 30s, 120s}) {
    CHECK(office.called() == "g");
    office.wait(pause);
  }
  CHECK(office.called() == "g");
  Office empty;
  empty.settings.duty.clear();
  empty.arrive(42, sos());
  empty.wait(3min);
  CHECK(empty.told.size() == 1);
}

TEST_CASE("after a pause of the program the step that is due is taken, not each one that was missed") {
  Office office;
  office.arrive(42, pre_alarm());
  office.called();
  office.wait(100s);  // 30 and 60 s have passed
  CHECK(office.called() == "m");
  office.wait(80s);
  CHECK(office.called() == "g d m");
}

TEST_CASE("a person confirms a pre-alarm: a confirmed fire for the city, with who and when, without a name") {
  Office office;
  office.arrive(42, pre_alarm());
  CHECK(office.act("confirm"));
  CHECK_FALSE(office.act("confirm"));
  REQUIRE(office.told.size() == 1);
  const auto document = json::parse(office.told[0].body);
  CHECK(document.at("stage") == "confirmed");
  CHECK(document.at("severity") == 1000);
  CHECK(document.at("confirmed").at("by") == "operator");
  CHECK(office.alarm().confirmed->who == "operator:1");
  // The edge still calls it a pre-alarm: it stays confirmed.
  office.arrive(43,
                samples::next(pre_alarm(), id, alarm::Change::returned, {false, true, false, false, false}));
  CHECK(told_stage(office.alarm()) == Stage::confirmed);
  office.called();
  office.wait(10min);
  CHECK(office.called().empty());
}

TEST_CASE("life safety is never shelved; others come back by themselves and call again") {
  Office office;
  office.arrive(42, pre_alarm());
  const std::string body = R"({"text":"known","minutes":30})";
  CHECK_FALSE(office.act("shelve", body));
  office.arrive(43, device_fault());
  const std::string fault = "wangjing-b12-5f3a9c0e77d1b284-43";
  office.called();
  CHECK_FALSE(office.act("shelve", R"({"minutes":30})", fault));              // without a reason
  CHECK_FALSE(office.act("shelve", R"({"text":"x","minutes":481})", fault));  // longer than 8 h
  CHECK_FALSE(office.act("shelve", R"({"text":"x","minutes":0})", fault));
  CHECK_FALSE(office.act("shelve", R"({"text":"x","minutes":1.5})", fault));
  CHECK(office.act("shelve", body, fault));
  CHECK(state_of(office.alarm(fault)) == "shelved");
  CHECK(office.act("ack"));  // the fire: only the fault remains
  office.wait(30min - 1ms);
  CHECK(office.called().empty());
  office.wait(1ms);
  CHECK(state_of(office.alarm(fault)) == "unacknowledged");
  CHECK(office.called() == "g");
  CHECK_FALSE(office.act("unshelve", "", fault));
}

TEST_CASE("a silent gateway is one alarm: its faults call nobody until it is back, its fires do") {
  Office office;
  office.silent.insert("wangjing-b12");
  office.arrive(42, device_fault());
  CHECK(office.called().empty());
  office.arrive(43, pre_alarm());
  CHECK(office.called() == "g");
  office.act("ack", "", "wangjing-b12-5f3a9c0e77d1b284-43");
  office.wait(10min);
  CHECK(office.called().empty());
  office.silent.clear();
  office.wait(30s);
  CHECK(office.called() == "g");
  Applied silence;
  REQUIRE(done(*office.store,
               [&] { silence = apply_silence(*office.store, samples::place(), true, office.now); }));
  office.silent.insert("wangjing-b12");
  office.work();
  CHECK(office.called() == "g");  // the silence itself
}

TEST_CASE("what is under test or of low severity calls nobody") {
  Office office;
  auto test = pre_alarm();
  test.bits.test = true;
  office.arrive(42, test);
  office.arrive(43, of(AlarmClass::environment, Stage::none, "th-1"));
  office.wait(10min);
  CHECK(office.called().empty());
  CHECK(office.told.empty());
}

TEST_CASE("a feed gets every change of its communities, once, also over a restart of the desk") {
  Office office;
  office.settings.feeds["wangjing-west"] = {"feed"};
  office.settings.duty.clear();
  office.arrive(42, pre_alarm());
  CHECK(office.called() == "feed");
  office.work();
  CHECK(office.called().empty());
  office.act("assign", R"({"text":"night shift"})");
  CHECK(office.called() == "feed");
  office.settings.feeds.clear();
  office.settings.feeds["elsewhere"] = {"feed"};
  office.act("ack");
  CHECK(office.called().empty());
}

TEST_CASE("an alarm that took more than 10 s to the city is itself an alarm, counted while it is open") {
  Office office;
  office.settings.duty.clear();
  office.delay = 9s;
  office.arrive(42, samples::confirmed_fire());
  CHECK(office.open_id(late_key("wangjing-b12")).empty());
  office.delay = 12s;
  office.arrive(43, pre_alarm());
  const std::string late = office.open_id(late_key("wangjing-b12"));
  REQUIRE_FALSE(late.empty());
  CHECK(office.alarm(late).cls == AlarmClass::supervisory);
  office.arrive(44, sos());
  CHECK(office.alarm(late).count == 2);
  office.arrive(45, device_fault());
  CHECK(office.alarm(late).count == 2);  // not life safety
  CHECK(office.act("ack", "", late));
  CHECK(office.open_id(late_key("wangjing-b12")).empty());
  CHECK(office.clock.breaches() == 2);
  for (const HopFigures& hop : office.clock.figures())
    if (hop.hop == "total") CHECK(hop.max_ms == 12'000);
}

TEST_CASE("the clock gives nearest ranks, and forgets what is long ago") {
  HopClock clock;
  Alarm alarm;
  alarm.cls = AlarmClass::fire;
  for (int ms = 1; ms <= 100; ++ms) {
    alarm.times.detected = samples::noon;
    alarm.times.stored = samples::noon + std::chrono::milliseconds(ms);
    alarm.times.sent = alarm.times.cloud = alarm.times.stored;
    clock.add(alarm);
  }
  const auto gateway = clock.figures()[1];
  CHECK(gateway.count == 100);
  CHECK(gateway.p50_ms == 50);
  CHECK(gateway.p99_ms == 99);
  CHECK(gateway.max_ms == 100);
  alarm.times.stored = samples::noon;
  for (std::size_t i = 0; i < HopClock::window; ++i) clock.add(alarm);
  CHECK(clock.figures()[1].max_ms == 0);
  CHECK(clock.figures()[0].count == 0);  // the device has no clock
}
