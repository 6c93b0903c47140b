// Random streams of readings, ticks and acts. A failure names its seed.

#include <map>
#include <random>

#include "core/alarm/machine.h"
#include "support.h"

using namespace tocsin;
using namespace tocsin::alarm;

namespace {

std::vector<BoundRule> rules() {
  const PointId smoke{"smoke-1", "smoke"}, gas{"gas-1", "lel"}, co{"co-1", "co"}, heat{"heat-1", "t"};
  return {
      {smoke, "A", "", {"smoke", AlarmClass::fire, {{Stage::prealarm, AnyBit{}}}, {}, {}, true}},
      {smoke, "A", "", {"no-data", AlarmClass::fault, {{Stage::none, NoData{20s}}}}},
      {gas,
       "A",
       "%",
       {"gas",
        AlarmClass::gas,
        {{Stage::a1, Above{10, 1}}, {Stage::a2, Above{20, 2}}},
        {},
        {},
        true,
        Stage::a2}},
      {gas, "A", "%", {"stuck", AlarmClass::fault, {{Stage::none, Stuck{40s}}}, 5s, 5s}},
      {co, "B", "ppm", {"twa", AlarmClass::toxic, {{Stage::a1, Twa{0.5}}}, {}, {}, true}},
      {co, "B", "ppm", {"stel", AlarmClass::toxic, {{Stage::a1, Stel{15}}}, {}, {}, true}},
      {co, "B", "ppm", {"dose", AlarmClass::toxic, {{Stage::a2, CoDose{}}}}},
      {heat, "B", "C", {"hot", AlarmClass::environment, {{Stage::none, Above{15, 2}}}, 10s, 30s}},
      {heat, "B", "C", {"rate", AlarmClass::environment, {{Stage::none, RateOfRise{8, 60s}}}, {}, 5s}},
  };
}

const std::vector<Key> other_keys{
    {"smoke-1", "device", "disabled"}, {"gas-1", "device", "disabled"},
    {"zone/A", "zone", "walk-test"},   {"zone/B", "zone", "walk-test"},
    {"zone/A", "fire", "confirmed"},   {"effect/door", "output", "linkage-failed"}};

std::vector<Key> all_keys() {
  std::vector<Key> keys = other_keys;
  for (const BoundRule& rule : rules()) keys.push_back({rule.point.device, rule.point.point, rule.rule.name});
  return keys;
}

std::string text_of(const Key& key) {
  return key.device + "/" + key.point + "/" + key.rule;
}

// One random event, applied to any machine: same seed, same stream.
struct Event {
  explicit Event(std::mt19937& random) {
    kind = random() % 20;
    step = Duration{1s} * static_cast<int>(random() % (random() % 10 == 0 ? 120 : 8));
    which = random();
    number = static_cast<double>(random() % 400) / 10;
    flag = random() % 3 == 0;
  }
  std::vector<Transition> apply(Machine& machine, const Stamp& now) const {
    static const std::vector<PointId> points{
        {"smoke-1", "smoke"}, {"gas-1", "lel"}, {"co-1", "co"}, {"heat-1", "t"}};
    static const std::vector<Key> keys = all_keys();
    switch (kind) {
      case 0: return machine.disable(flag ? "smoke-1" : "gas-1", now.mono + 5min, now, "eve", "why").value();
      case 1: return machine.enable(flag ? "smoke-1" : "gas-1", now, "eve");
      case 2: return machine.set_test(flag ? "A" : "B", now.mono + 3min, now, "eve").value();
      case 3: return machine.set_test(flag ? "A" : "B", std::nullopt, now, "eve").value();
      case 4: {
        auto closed = machine.reset(keys[which % keys.size()], now, "eve");
        return closed ? *closed : std::vector<Transition>{};
      }
      case 5:
        return machine.on_declared(
            {other_keys[4], AlarmClass::fire, Stage::confirmed, flag, true, "A", {"x/y"}, "two"}, now);
      case 6:
        return machine.on_declared(
            {other_keys[5], AlarmClass::fault, Stage::none, flag, false, "", {}, "stuck"}, now);
      case 7:
      case 8: return machine.on_tick(now);
      default: break;
    }
    const PointId& point = points[which % points.size()];
    Reading reading = good(point, point.point == "smoke" ? Value(flag) : Value(number), {});
    reading.t_gateway = now;
    if (kind == 9) reading.quality = Quality::bad, reading.fault = Fault::crc;
    return machine.on_reading(reading, kind == 10);
  }
  bool is_tick() const { return kind == 7 || kind == 8; }

  unsigned kind, which;
  Duration step;
  double number;
  bool flag;
};

// Cheaper than CHECK, which formats its operands even when all is well: there are millions of these.
void expect(bool holds, const char* rule, const Key& key) {
  if (!holds) FAIL_CHECK(rule << ": " << text_of(key));
}

// Names each new alarm and checks what one record may do.
class Ledger {
 public:
  void take(Machine& machine, const std::vector<Transition>& said) {
    for (const Transition& one : said) {
      const auto known = open_.find(one.key);
      if (one.change == Change::raised) {
        expect(known == open_.end(), "one record per key", one.key);
        expect(one.alarm_id.empty(), "a new record has no name yet", one.key);
        expect(one.bits.active, "a new record is active", one.key);
        machine.bind(one.key, "gw-" + std::to_string(++last_));
        open_[one.key] = one;
        open_[one.key].alarm_id = "gw-" + std::to_string(last_);
        continue;
      }
      expect(known != open_.end(), "nothing happens to a record that was never raised", one.key);
      if (known == open_.end()) continue;
      expect(one.alarm_id == known->second.alarm_id, "a record keeps its name", one.key);
      expect(one.stage >= known->second.stage, "a stage never falls", one.key);
      expect(one.count >= known->second.count, "a count never falls", one.key);
      if (one.change == Change::closed) {
        expect(!known->second.bits.latched || one.reason == "reset by eve", "a latch ends by a person",
               one.key);
        open_.erase(known);
        continue;
      }
      expect(one.bits.latched >= known->second.bits.latched, "a latch is not lost", one.key);
      known->second = one;
    }
    CHECK(machine.open().size() == open_.size());
    expect(machine.open_count() == open_.size(), "open records are counted", {});
    std::map<std::string, std::size_t> in_zone, of_device;
    for (const auto& [key, one] : open_) {
      ++in_zone[one.zone];
      ++of_device[key.device];
      expect(machine.find_id(one.alarm_id) == machine.find(key), "a record is found by its name", key);
    }
    for (const std::string zone : {"", "A", "B"})
      expect(machine.open_in_zone(zone).size() == in_zone[zone], "a zone has its records", {zone, "", ""});
    for (const Key& key : all_keys())
      expect(machine.open_of_device(key.device).size() == of_device[key.device], "a device has its records",
             key);
    for (const auto& [key, one] : open_) {
      const Record* record = machine.find(key);
      expect(record != nullptr, "an open record is found", key);
      if (record == nullptr) continue;
      expect(record->alarm_id == one.alarm_id, "the record has the name that was told", key);
      expect(record->bits == one.bits, "the record has the bits that were told", key);
      expect(record->stage == one.stage, "the record has the stage that was told", key);
    }
  }
  std::size_t raised() const { return last_; }

 private:
  std::map<Key, Transition> open_;
  std::size_t last_ = 0;
};

std::string full(const std::vector<Transition>& said) {
  std::string text;
  for (const Transition& one : said) {
    text += describe(one) + " " + one.alarm_id + " " + to_string(one.value) + one.unit + " " + one.zone +
            " " + one.reason + (one.inferred ? " inferred" : "") +
            (one.threshold ? " over " + std::to_string(*one.threshold) : "") + "\n";
    for (const std::string& cause : one.cause) text += cause + " ";
  }
  return text;
}

}  // namespace

TEST_CASE("random streams keep the rules of records, and a restart changes nothing") {
  std::size_t raised = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Machine steady(rules()), reborn(rules());
    Ledger steady_ledger, reborn_ledger;
    Stamp now = at(100s);
    for (int step = 0; step < 400; ++step) {
      const Event event(random);
      if (random() % 25 == 0) {
        Machine next(rules());
        for (const Key& key : all_keys()) {
          const Bytes row = reborn.state_of(text_of(key));
          if (!row.empty()) REQUIRE(next.restore(text_of(key), row, now).has_value());
        }
        reborn = std::move(next);
      }
      now.mono += event.step;
      const auto said = event.apply(steady, now);
      const auto again = event.apply(reborn, now);
      if (full(said) != full(again)) FAIL(full(said) << "but restarted:\n" << full(again));
      steady_ledger.take(steady, said);
      reborn_ledger.take(reborn, again);
      if (event.is_tick() && steady.next_due()) REQUIRE(*steady.next_due() > now.mono);  // no timer spins
    }
    raised += steady_ledger.raised();
  }
  CHECK(raised > 1000);  // the streams do reach the machine
}

TEST_CASE("a crash at any step loses no record: the saved rows are enough") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed * 7919);
    Machine machine(rules());
    Ledger ledger;
    std::map<std::string, Bytes> disk;
    Stamp now = at(100s);
    for (int step = 0; step < 400; ++step) {
      const Event event(random);
      now.mono += event.step;
      ledger.take(machine, event.apply(machine, now));
      for (const std::string& key : machine.dirty()) {
        disk[key] = machine.state_of(key);
        if (disk[key].empty()) disk.erase(key);
      }
      if (random() % 25 != 0) continue;
      machine = Machine(rules());
      now.mono += 5s;
      for (const auto& [key, row] : disk) REQUIRE(machine.restore(key, row, now).has_value());
      ledger.take(machine, {});  // every open record is there, with name, stage and bits
    }
  }
}
