#include "gateway/flow/building.h"

#include <doctest/doctest.h>

#include "tests/support/sample_config.h"

using namespace tocsin;

namespace {

gateway::Config sample() {
  config::Problems problems;
  auto config = gateway::load_config(test::sample_files(), problems);
  REQUIRE_MESSAGE(config.has_value(), test::text_of(problems));
  return *config;
}

// A building with its relay module: writes are carried out at once and read back through the feedback inputs.
struct Rig {
  gateway::Config config = sample();
  Stamp now{MonoTime(1h), UtcTime(std::chrono::hours(500'000)), 7, ClockQuality::synchronised};
  flow::Building building;
  std::map<std::string, bool> coils{{"ch1", true}, {"ch2", true}, {"ch8", false}};
  std::map<std::pair<std::string, std::string>, Bytes> state;
  std::vector<wire::DecodedAlarmBody> alarms;
  bool relay_answers = true;

  explicit Rig(flow::Restored restored = {{"wangjing-b12", 0xabcd, 0, 0}, {}, {}, {}, true})
      : building(config, restored, now) {
    take(building.start(now));
  }

  void take(const flow::Step& step) {
    for (const auto& put : step.change.state) {
      if (put.body.empty())
        state.erase({put.kind, put.key});
      else
        state[{put.kind, put.key}] = put.body;
    }
    for (const auto& [lane, record] : step.change.records)
      if (lane == wire::Lane::alarm) {
        auto body = wire::decode_alarm_body(record.body);
        if (!body) FAIL(to_string(body.error()));
        alarms.push_back(*body);
      }
    for (const auto& write : step.writes) {
      if (relay_answers) coils[write.output.point] = write.level;
      const Status status = relay_answers ? Status{} : Status{fail(Fault::timeout)};
      take(building.on_write_done(write, status, now));
    }
    for (const auto& cell : step.pulses_started) take(building.on_pulse_stored(cell, now));
  }

  Reading reading(const std::string& device, const std::string& point, Value value) const {
    Reading found;
    found.id = {device, point};
    found.value = std::move(value);
    found.t_gateway = now;
    return found;
  }

  void wait(Duration time) {
    now.mono += time;
    now.utc += std::chrono::duration_cast<std::chrono::milliseconds>(time);
    take(building.on_tick(now));
  }

  // The gas detector alone, beyond its range: the driver gives the range's end, uncertain.
  void over_range_gas() {
    Reading beyond = reading("gas-1", "gas", 110.0);
    beyond.quality = Quality::uncertain;
    take(building.on_readings({beyond}, now));
  }

  void smoke_1(bool present) { take(building.on_readings({reading("smoke-1", "smoke", present)}, now)); }

  // One poll of everything: the detectors as given, the relay's inputs as its coils are.
  void poll(bool smoke_1, bool smoke_2, double gas = 0) {
    std::vector<Reading> batch;
    for (const auto& [device, smoke] : {std::pair{"smoke-1", smoke_1}, std::pair{"smoke-2", smoke_2}})
      for (const auto& [point, value] : {std::pair{"mounted", true}, std::pair{"service", false},
                                         std::pair{"smoke", smoke}, std::pair{"relay", false}})
        batch.push_back(reading(device, point, value));
    batch.push_back(reading("gas-1", "gas", gas));
    batch.push_back(reading("gas-1", "status", std::int64_t{0}));
    for (const auto& [input, coil] : {std::pair{"in1", "ch1"}, std::pair{"in2", "ch2"}})
      batch.push_back(reading("relay-1", input, coils[coil]));
    take(building.on_readings(batch, now));
  }

  void run(Duration time, bool smoke_1, bool smoke_2, double gas = 0) {
    for (Duration done{}; done < time; done += 1s) {
      wait(1s);
      poll(smoke_1, smoke_2, gas);
    }
  }

  const alarm::Record* find(const alarm::Key& key) const {
    static std::vector<alarm::Record> open;
    open = building.open();
    for (const auto& record : open)
      if (record.key == key) return &record;
    return nullptr;
  }

  flow::Restored restored(bool clean) const {
    flow::Restored found{{"wangjing-b12", 0xabcd, alarms.size(), 0}, {}, {}, {}, clean};
    for (const auto& [key, body] : state) {
      if (key.first == "alarm") found.alarms.emplace_back(key.second, body);
      if (key.first == "linkage") found.linkage.emplace_back(key.second, body);
      if (key.first == "ack") found.acknowledged.push_back(key.second);
    }
    return found;
  }
};

}  // namespace

TEST_CASE("a contact that chatters for an hour fills no cloud, and its last state is right") {
  Rig rig;
  rig.poll(false, false);
  rig.wait(1s);
  const std::size_t before = rig.alarms.size();
  for (int i = 0; i < 5 * 3600; ++i) {  // 50 Hz, seen five times a second
    rig.smoke_1((i * 7919) % 13 < 6);
    rig.wait(200ms);
  }
  CHECK(rig.alarms.size() - before < 100);
  rig.smoke_1(true);
  rig.wait(61s);
  const auto* standing = rig.find({"smoke-1", "smoke", "smoke"});
  REQUIRE(standing != nullptr);
  CHECK(standing->bits.active);
}

TEST_CASE("gas beyond the sensor's range raises A2 and closes the valve, uncertain as it is") {
  Rig rig;
  rig.poll(false, false);
  rig.wait(1s);
  rig.over_range_gas();
  const auto record = rig.find({"gas-1", "gas", "gas"});
  REQUIRE(record);
  CHECK(record->stage == Stage::a2);
  CHECK(rig.coils.at("ch2") == false);
}

TEST_CASE("a quiet building reaches normal and tells nothing") {
  Rig rig;
  rig.run(20s, false, false);
  CHECK(rig.alarms.empty());
  CHECK(rig.coils["ch1"]);  // locked
  CHECK(rig.coils["ch2"]);  // gas flows
  CHECK_FALSE(rig.coils["ch8"]);
}

TEST_CASE("one detector is a pre-alarm: the lamp, nothing else moves") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(30s, true, false);
  REQUIRE(rig.alarms.size() == 1);
  CHECK(rig.alarms[0].change->stage == Stage::prealarm);
  CHECK(rig.alarms[0].floor == "3");
  CHECK(rig.coils["ch8"]);
  CHECK(rig.coils["ch1"]);
  CHECK(rig.coils["ch2"]);
}

TEST_CASE("two detectors confirm: the door opens, the valve closes, feedback confirms, all in one step") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(3s, true, false);
  rig.wait(1s);
  rig.poll(true, true);
  CHECK_FALSE(rig.coils["ch1"]);
  CHECK_FALSE(rig.coils["ch2"]);
  rig.run(3s, true, true);
  const auto* fire = rig.find({"zone/3F", "fire", "confirmed"});
  REQUIRE(fire != nullptr);
  CHECK(fire->cause == std::vector<std::string>{"smoke-1/smoke", "smoke-2/smoke"});
  int confirmed = 0;
  for (const auto& body : rig.alarms)
    if (body.effect && body.effect->outcome == "confirmed" && body.effect->alarm_id == fire->alarm_id)
      ++confirmed;
  CHECK(confirmed == 2);
}

TEST_CASE("a reset is refused while smoke is there, and ends everything when it is gone") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(5s, true, true);
  auto refused = rig.building.reset_zone("3F", "guard", rig.now);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fault == Fault::refused);
  rig.run(20s, false, false);
  CHECK_FALSE(rig.coils["ch1"]);  // latched
  auto step = rig.building.reset_zone("3F", "guard", rig.now);
  if (!step) FAIL(to_string(step.error()));
  rig.take(*step);
  rig.run(15s, false, false);
  CHECK(rig.building.open().empty());
  CHECK(rig.coils["ch1"]);
  CHECK(rig.coils["ch2"]);
  CHECK_FALSE(rig.coils["ch8"]);
}

TEST_CASE("after a crash a released door stays released and the alarm is not told twice") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(5s, true, true);
  const auto id = rig.find({"zone/3F", "fire", "confirmed"})->alarm_id;
  Rig again(rig.restored(false));
  again.coils = rig.coils;
  again.run(10s, true, true);
  CHECK_FALSE(again.coils["ch1"]);
  CHECK_FALSE(again.coils["ch2"]);
  REQUIRE(again.find({"zone/3F", "fire", "confirmed"}) != nullptr);
  CHECK(again.find({"zone/3F", "fire", "confirmed"})->alarm_id == id);
  for (const auto& body : again.alarms)
    if (body.change) CHECK(body.change->change != alarm::Change::raised);
}

TEST_CASE("gas at A2 closes the valve by one detector alone and leaves the door") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(3s, false, false, 12);
  CHECK(rig.coils["ch2"]);
  rig.run(3s, false, false, 22);
  CHECK_FALSE(rig.coils["ch2"]);
  CHECK(rig.coils["ch1"]);
}

TEST_CASE("a relay that does not answer ends in a failed effect and a fault within 20 s") {
  Rig rig;
  rig.run(5s, false, false);
  rig.relay_answers = false;
  rig.run(25s, true, true);
  CHECK(rig.find({"effect/stair-door", "feedback", "linkage-failed"}) != nullptr);
}

TEST_CASE("a detector without data is a fault and does not vote") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(3s, true, false);
  for (int i = 0; i < 10; ++i) {
    rig.wait(1s);
    auto bad = rig.reading("smoke-1", "smoke", {});
    bad.quality = Quality::bad;
    bad.fault = Fault::timeout;
    rig.take(rig.building.on_readings({bad}, rig.now));
  }
  CHECK(rig.find({"smoke-1", "smoke", "no-data"}) != nullptr);
  rig.take(rig.building.on_readings({rig.reading("smoke-2", "smoke", true)}, rig.now));
  CHECK(rig.find({"zone/3F", "fire", "confirmed"}) == nullptr);
}

TEST_CASE("a reset of the gas alarm itself opens the valve again, on site") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(3s, false, false, 22);
  CHECK_FALSE(rig.coils["ch2"]);
  rig.run(5s, false, false, 0);
  const auto id = rig.find({"gas-1", "gas", "gas"})->alarm_id;
  auto step = rig.building.reset_alarm(id, "guard", rig.now);
  if (!step) FAIL(to_string(step.error()));
  rig.take(*step);
  rig.run(15s, false, false, 0);
  CHECK(rig.coils["ch2"]);
  CHECK(rig.building.open().empty());
}

TEST_CASE("a damaged memory of the matrix is a fault, and a latched fire keeps its doors open") {
  Rig rig;
  rig.run(5s, false, false);
  rig.run(5s, true, true);
  rig.run(5s, false, false);
  auto restored = rig.restored(false);
  for (auto& [key, body] : restored.linkage)
    if (key == "memory") body.at(body.size() / 2) ^= 0x55;
  Rig again(restored);
  again.coils = rig.coils;
  again.run(10s, false, false);
  CHECK_FALSE(again.coils["ch1"]);
  CHECK(again.find({"gateway", "linkage", "memory-lost"}) != nullptr);
}
