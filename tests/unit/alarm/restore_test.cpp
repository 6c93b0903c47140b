// Rows that survive a restart, and rows that are damaged.

#include <map>
#include <random>

#include "core/alarm/machine.h"
#include "core/bytes/checksum.h"
#include "support.h"

using namespace tocsin;
using namespace tocsin::alarm;

namespace {

const PointId point{"sensor-1", "value"};
const Rule smoke{"smoke", AlarmClass::fire, {{Stage::prealarm, AnyBit{}}}, {}, {}, true};
const Rule heat{"heat", AlarmClass::environment, {{Stage::none, Above{60, 0}}}, 60s, {}};
const Rule no_data{"no-data", AlarmClass::fault, {{Stage::none, NoData{60s}}}};
const Rule dose{"dose", AlarmClass::toxic, {{Stage::a2, CoDose{}}}, {}, {}, true};

Machine with(std::vector<Rule> rules) {
  std::vector<BoundRule> bound;
  for (Rule& rule : rules) bound.push_back({point, "3F", "u", std::move(rule)});
  return Machine(std::move(bound));
}

Stamp synchronised(Duration mono, std::uint64_t boot, std::chrono::milliseconds utc) {
  Stamp stamp = at(mono, boot);
  stamp.utc = UtcTime{utc};
  stamp.clock = ClockQuality::synchronised;
  return stamp;
}

Reading reading(Value value, const Stamp& stamp) {
  Reading made = good(point, std::move(value), {});
  made.t_gateway = stamp;
  return made;
}

// All rows that `from` wants saved, into `to`.
void carry(Machine& from, Machine& to, const Stamp& now) {
  for (const std::string& key : from.dirty()) {
    const Bytes row = from.state_of(key);
    if (!row.empty()) REQUIRE(to.restore(key, row, now).has_value());
  }
}

}  // namespace

TEST_CASE("an open record comes back whole") {
  Machine before = with({smoke});
  Reading first = good(point, true, 10s);
  first.t_source = UtcTime{std::chrono::milliseconds{99}};
  before.on_reading(first, true);
  before.bind({"sensor-1", "value", "smoke"}, "gw-1");
  Machine after = with({smoke});
  carry(before, after, at(20s));
  REQUIRE(after.open().size() == 1);
  const Record was = before.open()[0], is = after.open()[0];
  CHECK(is.key == was.key);
  CHECK(is.alarm_id == "gw-1");
  CHECK(is.stage == was.stage);
  CHECK(is.bits == was.bits);
  CHECK(is.value == was.value);
  CHECK(is.t_source == was.t_source);
  CHECK(is.raised_at == was.raised_at);
  CHECK(is.inferred);
  CHECK(is.zone == "3F");
  CHECK(is.unit == "u");
  CHECK(describe(after.on_reading(good(point, true, 21s))) == "");
  CHECK(describe(after.on_reading(good(point, false, 22s))) == "returned sensor-1/value/smoke prealarm L x1");
}

TEST_CASE("dirty lists a key once, and a row with nothing in it is to be deleted") {
  Machine machine = with({{"plain", AlarmClass::door, {{Stage::none, AnyBit{}}}}});
  CHECK(machine.dirty().empty());
  machine.on_reading(good(point, true, 1s));
  CHECK(machine.dirty() == std::vector<std::string>{"sensor-1/value/plain"});
  machine.bind({"sensor-1", "value", "plain"}, "gw-1");
  CHECK(machine.dirty() == std::vector<std::string>{"sensor-1/value/plain"});
  CHECK(machine.dirty().empty());
  CHECK_FALSE(machine.state_of("sensor-1/value/plain").empty());
  machine.on_reading(good(point, false, 2s));
  machine.on_tick(at(5min));
  CHECK(machine.dirty() == std::vector<std::string>{"sensor-1/value/plain"});
  CHECK(machine.state_of("sensor-1/value/plain").empty());
  CHECK(machine.state_of("no/such/key").empty());
}

TEST_CASE("a quiet building saves nothing") {
  Machine machine = with({smoke, heat, no_data});
  for (Duration time = 1s; time < 10min; time += 1s) machine.on_reading(good(point, false, time));
  CHECK(machine.dirty().empty());
}

TEST_CASE("the begin of a delay is saved, a folded repeat of chatter is not") {
  Machine delayed = with({heat});
  delayed.on_reading(good(point, 70.0, 1s));
  CHECK(delayed.dirty().size() == 1);
  Machine chattering = with({{"plain", AlarmClass::door, {{Stage::none, AnyBit{}}}}});
  for (int i = 0; i < 6; ++i) chattering.on_reading(good(point, i % 2 == 0, i * Duration{1s}));
  CHECK(chattering.dirty().size() == 1);
  for (int i = 6; i < 20; ++i) chattering.on_reading(good(point, i % 2 == 0, i * Duration{1s}));
  CHECK(chattering.dirty().empty());
}

TEST_CASE("the window of an exposure is saved every 5 minutes") {
  Machine machine = with({{"twa", AlarmClass::toxic, {{Stage::a1, Twa{20}}}}});
  std::size_t saves = 0;
  for (Duration time{}; time <= 1h; time += 10s) {
    machine.on_reading(good(point, 3.0, time));
    saves += machine.dirty().size();
  }
  CHECK(saves == 12);
}

TEST_CASE("an on-delay goes on over a restart") {
  struct Case {
    std::string_view name;
    Stamp saved, restarted;
    Duration left;  // of 60 s, of which 20 s had passed when the row was written
  };
  using std::chrono::milliseconds;
  const Case cases[] = {
      {"same boot: monotonic time went on", at(120s), at(135s), 25s},
      {"other boot, clocks unknown: the elapsed part is kept", at(120s, 1), at(3s, 2), 40s},
      {"other boot, clocks good: plus the difference", synchronised(120s, 1, milliseconds{1'000'000}),
       synchronised(3s, 2, milliseconds{1'010'000}), 30s},
      {"other boot, clock not good when saved: no difference", at(120s, 1),
       synchronised(3s, 2, milliseconds{1'010'000}), 40s},
      {"other boot, clock went back: plus nothing", synchronised(120s, 1, milliseconds{1'000'000}),
       synchronised(3s, 2, milliseconds{900'000}), 40s},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Stamp began = c.saved;
    began.mono -= 20s;
    Machine before = with({heat});
    before.on_reading(reading(70.0, began));
    before.on_tick(c.saved);
    Machine after = with({heat});
    REQUIRE(after.restore("sensor-1/value/heat", before.state_of("sensor-1/value/heat"), c.restarted)
                .has_value());
    Stamp end = c.restarted;
    end.mono += c.left - Duration{1};
    CHECK(after.on_tick(end).empty());
    end.mono += Duration{1};
    CHECK(describe(after.on_tick(end)) == "raised sensor-1/value/heat A x1");
  }
}

TEST_CASE("time without a listener is no silence of the device") {
  Machine before = with({no_data});
  before.on_reading(good(point, true, 10s));
  before.on_tick(at(30s));
  Machine after = with({no_data});
  REQUIRE(after.restore("sensor-1/value/no-data", before.state_of("sensor-1/value/no-data"), at(10min))
              .has_value());
  CHECK(after.on_tick(at(10min + 39s)).empty());
  CHECK(describe(after.on_tick(at(10min + 40s))) == "raised sensor-1/value/no-data A x1");
}

TEST_CASE("a dose survives restarts by the rows that were saved on the way") {
  std::map<std::string, Bytes> store;
  std::string said;
  Duration time{};
  while (said.empty() && time < 2h) {  // a new process every 4 minutes, all in one boot
    Machine machine = with({dose});
    for (const auto& [key, row] : store) REQUIRE(machine.restore(key, row, at(time)).has_value());
    for (int i = 0; i < 24 && said.empty(); ++i, time += 10s) {
      said = describe(machine.on_reading(good(point, 100.0, time)));
      for (const std::string& key : machine.dirty()) store[key] = machine.state_of(key);
    }
  }
  CHECK(said == "raised sensor-1/value/dose a2 AL x1");
  CHECK(time < 40min);
}

TEST_CASE("disablement and walk-test survive, with their end") {
  Machine before = with({smoke});
  before.on_reading(good(point, true, 1s));
  before.disable("sensor-1", MonoTime{1h}, at(2s), "eve", "paint").value();
  before.set_test("3F", MonoTime{30min}, at(3s), "eve").value();
  Machine after = with({smoke});
  carry(before, after, at(10s));
  CHECK(after.on_tick(at(11s)).empty());
  CHECK(after.open().size() == 3);
  CHECK(describe(after.on_tick(at(30min))) ==
        "closed zone/3F/zone/walk-test T x1, marked sensor-1/value/smoke prealarm ALD x1");
  CHECK(describe(after.on_tick(at(1h))) ==
        "closed sensor-1/device/disabled - x1, marked sensor-1/value/smoke prealarm AL x1");
}

TEST_CASE("a mark whose disablement was lost is taken off") {
  Machine before = with({smoke});
  before.disable("sensor-1", MonoTime{1h}, at(1s), "eve", "paint").value();
  before.on_reading(good(point, true, 2s));
  Machine after = with({smoke});
  const std::string key = "sensor-1/value/smoke";
  REQUIRE(after.restore(key, before.state_of(key), at(3s)).has_value());
  REQUIRE(after.next_due().has_value());
  CHECK(describe(after.on_tick(at(4s))) == "marked sensor-1/value/smoke prealarm AL x1");
}

TEST_CASE(
    "the record of a rule that is configured no longer ends at the next tick; a latch waits for its reset") {
  Machine before = with({smoke, {"plain", AlarmClass::door, {{Stage::none, AnyBit{}}}}});
  before.on_reading(good(point, true, 1s));
  Machine after({});
  carry(before, after, at(2s));
  CHECK(after.open().size() == 2);
  const auto said = after.on_tick(at(2s));
  CHECK(describe(said) == "closed sensor-1/value/plain - x1, returned sensor-1/value/smoke prealarm L x1");
  CHECK(said[0].reason == "no longer configured");
  CHECK(after.reset({"sensor-1", "value", "smoke"}, at(3s), "eve").has_value());
}

TEST_CASE("the row of a rule that is gone is deleted") {
  Machine before = with({no_data});
  before.on_reading(good(point, true, 1s));
  Machine after({});
  const std::string key = "sensor-1/value/no-data";
  REQUIRE(after.restore(key, before.state_of(key), at(2s)).has_value());
  after.on_tick(at(3s));
  CHECK(after.dirty() == std::vector<std::string>{key});
  CHECK(after.state_of(key).empty());
}

TEST_CASE("a rule whose conditions changed keeps its record; the next reading decides") {
  const auto gas = [](std::vector<Level> levels) {
    return with({{"gas", AlarmClass::gas, std::move(levels)}});
  };
  Machine before = gas({{Stage::a1, Above{10, 0}}});
  before.on_reading(good(point, 15.0, 1s));
  const std::string key = "sensor-1/value/gas";
  for (const auto& levels : std::vector<std::vector<Level>>{
           {{Stage::a1, RateOfRise{1, 60s}}}, {{Stage::a1, Above{30, 0}}, {Stage::a2, Above{40, 0}}}}) {
    Machine after = gas(levels);
    REQUIRE(after.restore(key, before.state_of(key), at(2s)).has_value());
    CHECK(after.open().size() == 1);
    CHECK(describe(after.on_reading(good(point, 15.0, 3s))) == "closed sensor-1/value/gas a1 - x1");
  }
}

TEST_CASE("damaged rows are errors") {
  Machine before = with({smoke});
  before.on_reading(good(point, true, 1s));
  const std::string key = "sensor-1/value/smoke";
  const Bytes row = before.state_of(key);
  Machine after = with({smoke});
  for (std::size_t i = 0; i < row.size(); ++i) {
    Bytes flipped = row;
    flipped[i] ^= 1;
    CHECK(after.restore(key, flipped, at(2s)).error().fault == Fault::storage);
    CHECK(after.restore(key, ByteView(row).first(i), at(2s)).error().fault == Fault::storage);
  }
  CHECK(after.restore("nonsense", row, at(2s)).error().fault == Fault::bad_input);
  CHECK(after.open().empty());
}

TEST_CASE("a row of a newer program says so") {
  Machine before = with({smoke});
  before.on_reading(good(point, true, 1s));
  const std::string key = "sensor-1/value/smoke";
  Bytes row = before.state_of(key);
  row[0] = 200;
  row.resize(row.size() - 4);
  bytes::Writer(row).u32_le(bytes::crc32c(row));
  CHECK(with({smoke}).restore(key, row, at(2s)).error().fault == Fault::newer_version);
}

TEST_CASE("garbage behind a right checksum never does harm") {
  std::mt19937 random(20261122);
  Machine before = with({smoke,
                         heat,
                         no_data,
                         dose,
                         {"stuck", AlarmClass::fault, {{Stage::none, Stuck{1h}}}},
                         {"twa", AlarmClass::toxic, {{Stage::a1, Twa{20}}}},
                         {"rate", AlarmClass::fire, {{Stage::prealarm, RateOfRise{8, 60s}}}}});
  for (int i = 0; i < 100; ++i) before.on_reading(good(point, 60.0 + i, i * Duration{10s}));
  int accepted = 0;
  for (int round = 0; round < 600; ++round) {
    Machine after = with({smoke,
                          heat,
                          no_data,
                          dose,
                          {"stuck", AlarmClass::fault, {{Stage::none, Stuck{1h}}}},
                          {"twa", AlarmClass::toxic, {{Stage::a1, Twa{20}}}},
                          {"rate", AlarmClass::fire, {{Stage::prealarm, RateOfRise{8, 60s}}}}});
    for (const std::string rule : {"smoke", "heat", "no-data", "dose", "stuck", "twa", "rate"}) {
      const std::string key = "sensor-1/value/" + rule;
      Bytes row = before.state_of(key);
      row.resize(row.size() - 4);
      for (unsigned damage = random() % 4; damage > 0; --damage)
        row[random() % row.size()] = static_cast<std::uint8_t>(random());
      if (random() % 8 == 0) row.resize(1 + random() % row.size());
      bytes::Writer(row).u32_le(bytes::crc32c(row));
      accepted += after.restore(key, row, at(20min)).has_value();
    }
    after.on_tick(at(21min));
    after.on_reading(good(point, 50.0, 22min));
    after.on_tick(at(60min));
    for (const Record& record : after.open()) (void)after.reset(record.key, at(61min), "eve");
  }
  CHECK(accepted > 1000);
}
