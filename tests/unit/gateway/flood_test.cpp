// Floods (design section 4, facts/lifesafety.md requirement 24): 1,000 detectors of one building in alarm
// together. Nothing is dropped, life safety is marked urgent, and a step costs what its zone costs, not what
// the building costs.
#include <ctime>
#include <functional>
#include <set>

#include <doctest/doctest.h>

#include "gateway/flow/building.h"
#include "tests/support/sample_config.h"

using namespace tocsin;

namespace {

constexpr int buses = 20, zones = 50, doors_per_relay = 7;
constexpr int detectors = 1000;

std::string two_digits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}
std::string detector(int i) {
  return "smoke-" + std::to_string(i);
}

// Of processor time: the machine may be busy with other things.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t begun = std::clock();
  work();
  return static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
}

std::string flood_toml() {
  std::string toml = R"(
gateway = { id = "wangjing-b12", board = "generic-x86" }
site = { adcode = "110105", community = "wangjing-west", building = "b12", lat = 39.99, lon = 116.47 }
cloud = { brokers = ["mqtt://127.0.0.1:1883"] }
)";
  for (int b = 0; b < buses; ++b)
    toml += "[bus.b" + two_digits(b) +
            "]\ntype = \"modbus-tcp\"\nport = \"127.0.0.1:" + std::to_string(2000 + b) + "\"\n";
  for (int z = 0; z < zones; ++z) toml += "[zone.Z" + two_digits(z) + "]\nkind = \"fire-compartment\"\n";
  for (int z = 0; z < zones; ++z)
    toml += "[device." + detector(z) + "]\nprofile = \"smoke/uniguard-ug3\"\nbus = \"b" +
            two_digits(z % buses) + "\"\naddress = " + std::to_string(z + 1) + "\nzone = \"Z" +
            two_digits(z) + "\"\n";
  for (int r = 0; r <= zones / doors_per_relay; ++r)
    toml += "[device.relay-" + std::to_string(r) + "]\nprofile = \"io/waveshare-io-8ch\"\nbus = \"b" +
            two_digits(r) + "\"\naddress = 99\n";
  toml += "[annunciator.lobby]\noutput = \"relay-0/ch8\"\non = [\"confirmed\"]\n";
  for (int z = 0; z < zones; ++z) {
    const std::string zone = "Z" + two_digits(z);
    const std::string relay = "relay-" + std::to_string(z / doors_per_relay);
    const std::string channel = std::to_string(z % doors_per_relay + 1);
    toml += "[effect.door-" + zone + "]\nzone = \"" + zone + "\"\noutput = \"" + relay + "/ch" + channel +
            "\"\nfeedback = \"" + relay + "/in" + channel +
            "\"\nwords = { off = \"open\", on = \"locked\" }\nescape = true\n";
    toml += "[[linkage]]\nwhen = { confirmed = \"fire\", zone = \"" + zone + "\" }\nthen = [\"door-" + zone +
            "\"]\nmode = \"latch\"\n";
  }
  return toml;
}

const gateway::Config& flood_config() {
  static const gateway::Config config = [] {
    config::Problems problems;
    auto loaded = gateway::load_config(test::sample_files(flood_toml()), problems);
    REQUIRE_MESSAGE(loaded.has_value(), test::text_of(problems));
    // Reading 1,000 devices from TOML takes longer than the flood: the others are copies.
    for (int i = zones; i < detectors; ++i) {
      gateway::Device device = loaded->devices.at(detector(i % zones));
      device.spec.name = device.housing = detector(i);
      loaded->devices.emplace(detector(i), device);
    }
    const auto rules = loaded->rules;
    for (int i = zones; i < detectors; ++i)
      for (alarm::BoundRule rule : rules) {
        if (rule.point.device != detector(i % zones)) continue;
        rule.point.device = detector(i);
        loaded->rules.push_back(std::move(rule));
      }
    return *loaded;
  }();
  return config;
}

// The building, and a tally of what it wrote down.
struct Flood {
  const gateway::Config& config = flood_config();
  Stamp now{MonoTime(1h), UtcTime(std::chrono::hours(500'000)), 7, ClockQuality::synchronised};
  flow::Building building{config, {{"wangjing-b12", 0xabcd, 0, 0}, {}, {}, {}, true}, now};
  std::uint64_t last_seq = 0;
  std::size_t transitions = 0;
  std::set<std::string> dangers;  // "device rule" of life-safety alarms that were raised
  std::size_t urgent = 0;

  void take(const flow::Step& step) {
    for (const auto& [lane, record] : step.change.records) {
      if (lane != wire::Lane::alarm) continue;
      REQUIRE(record.seq == ++last_seq);
      const auto body = wire::decode_alarm_body(record.body);
      REQUIRE(body.has_value());
      if (!body->change) continue;
      ++transitions;
      if (body->change->change == alarm::Change::raised && is_life_safety(body->change->cls))
        dangers.insert(body->change->key.device + " " + body->change->key.rule);
    }
    urgent += step.urgent.size();
  }
  void pass(Duration time) {
    now.mono += time;
    now.utc += std::chrono::duration_cast<std::chrono::milliseconds>(time);
  }
  // One poll of one detector, a step of its own as buses report it.
  void poll(int i, bool smoke, bool service, bool mounted) {
    std::vector<Reading> batch;
    for (const auto& [point, level] : {std::pair{"mounted", mounted}, std::pair{"service", service},
                                       std::pair{"smoke", smoke}, std::pair{"relay", smoke}}) {
      Reading reading;
      reading.id = {detector(i), point};
      reading.value = level;
      reading.t_gateway = now;
      batch.push_back(reading);
    }
    take(building.on_readings(batch, now));
    if (const auto due = building.next_due(); due && *due <= now.mono) take(building.on_tick(now));
  }
  void poll_all(Duration within, bool smoke, bool service, bool mounted) {
    for (int i = 0; i < detectors; ++i) {
      pass(within / detectors);
      poll(i, smoke, service, mounted);
    }
  }
};

}  // namespace

TEST_CASE("10,000 alarms in 60 s from 1,000 devices: every fire is told, once, and urgently") {
  Flood flood;
  flood.take(flood.building.start(flood.now));
  flood.poll_all(1s, false, false, true);
  REQUIRE(flood.transitions == 0);

  // Per device in 60 s: smoke, removal and service twice raised and ended, and each end and start told.
  const double took = seconds_of([&] {
    flood.poll_all(1s, true, true, false);
    for (int turn = 0; turn < 2; ++turn) {
      flood.poll_all(12s, true, true, false);
      flood.poll_all(3s, false, false, true);
      flood.poll_all(12s, true, true, false);
      flood.poll_all(2s, false, false, true);
    }
  });
  CHECK(flood.transitions >= 10'000);
  CHECK(flood.dangers.size() == detectors + zones);  // each detector's smoke, each zone's confirmed fire
  CHECK(flood.urgent == flood.dangers.size());
  CHECK(flood.building.open_count() <
        4u * detectors + 2u * zones);  // one record per key, however often it came
  CHECK(took < 30);                    // half the time it stands for, even with sanitizers on a slow machine
  MESSAGE(flood.transitions << " transitions in " << took << " s of computing");
}

TEST_CASE("5,000 alarms in 1 s are worked off in about that time") {
  Flood flood;
  flood.take(flood.building.start(flood.now));
  flood.poll_all(1s, false, false, true);
  flood.poll_all(1s, false, true, false);  // service and removal wait for their 10 s
  flood.pass(9500ms);
  const double took = seconds_of([&] {
    flood.poll_all(1s, true, true, false);    // 1,000 smokes, services and removals, 50 fires
    flood.poll_all(1ms, false, false, true);  // 1,000 services and removals end, 1,000 smokes return
  });
  CHECK(flood.transitions >= 5'000);
  CHECK(flood.dangers.size() == detectors + zones);
  CHECK(flood.urgent == flood.dangers.size());
  CHECK(took < 10);  // ten times what an optimised build needs, for sanitizers
  MESSAGE(flood.transitions << " transitions in " << took << " s of computing");
}
