#pragma once
// A building whose relay follows every write, a signing key, and a way to hand over orders: what a crash
// keeps is what was committed.

#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sodium.h>

#include "gateway/flow/building.h"
#include "tests/support/sample_config.h"

namespace tocsin::command::test {

inline const std::string gateway_id = "wangjing-b12";
inline constexpr std::uint64_t term = 100, session = 0x5E55;

struct Signer {
  std::string name;
  PublicKey public_key{};
  std::array<std::uint8_t, 64> secret{};

  explicit Signer(std::string key_name) : name(std::move(key_name)) {
    REQUIRE(sodium_init() >= 0);
    crypto_sign_keypair(public_key.data(), secret.data());
  }
  Bytes sign(const Bytes& payload) const {
    Bytes signature(crypto_sign_BYTES);
    crypto_sign_detached(signature.data(), nullptr, payload.data(), payload.size(), secret.data());
    return wire::encode_signed({payload, name, signature});
  }
};

inline gateway::Config sample_with(const std::map<std::string, Key>& keys, std::string more = {}) {
  config::Problems problems;
  auto config = gateway::load_config(tocsin::test::sample_files(tocsin::test::sample_toml + more), problems);
  REQUIRE_MESSAGE(config.has_value(), tocsin::test::text_of(problems));
  config->keys = keys;
  return *config;
}

inline constexpr const char* more_effects = R"(
[effect.fan]
zone = "3F"
output = "relay-1/ch3"
feedback = "relay-1/in3"
words = { off = "stopped", on = "running" }
normal = "stopped"
active = "running"
)";

struct Rig {
  Signer owner{"desk"}, stranger{"desk"};
  gateway::Config config;
  Stamp now{MonoTime(1h), UtcTime(std::chrono::hours(500'000)), 7, ClockQuality::synchronised};
  Circumstances at{now, term, session, MonoTime(1h)};
  std::unique_ptr<flow::Building> building;
  std::map<std::string, bool> coils{{"ch1", true}, {"ch2", true}, {"ch3", false}, {"ch8", false}};
  std::vector<std::pair<std::string, bool>> moves;  // of coils, in order
  std::map<std::pair<std::string, std::string>, Bytes> stored;
  std::vector<wire::AnswerReport> answers;
  std::vector<std::uint64_t> desired_told;
  std::uint64_t events = 0, alarms = 0, counter = 0, ids = 0;
  bool commits = true;  // false: the disk hangs, nothing is stored
  std::vector<Bytes> waiting;
  bool renewed = false;

  explicit Rig(std::set<Permission> may = {Permission::doors, Permission::valves_close, Permission::effects,
                                           Permission::reset, Permission::ack, Permission::desired})
      : config(sample_with({}, more_effects)) {
    config.keys["desk"] = {"desk", owner.public_key, std::move(may), {}, {}};
    boot(true);
    run(3s);
  }

  void boot(bool clean) {
    flow::Restored restored{{gateway_id, 0xabcd, alarms, events}, {}, {}, {}, clean};
    for (const auto& [key, body] : stored) {
      if (key.first == "alarm") restored.alarms.emplace_back(key.second, body);
      if (key.first == "linkage") restored.linkage.emplace_back(key.second, body);
      if (key.first == "ack") restored.acknowledged.push_back(key.second);
      if (key.first == "command") restored.commands.emplace_back(key.second, body);
      if (key.first == "command-key") restored.command_marks.emplace_back(key.second, body);
      if (key.first == "desired") restored.desired.emplace_back(key.second, body);
    }
    waiting.clear();
    commits = true;
    building = std::make_unique<flow::Building>(config, restored, now);
    take(building->start(now));
  }
  void crash() { boot(false); }

  void take(const flow::Step& step) {
    renewed = renewed || step.renew_session;
    for (const auto& write : step.writes) {
      auto& coil = coils[write.output.point];
      if (coil != write.level) moves.emplace_back(write.output.point, write.level);
      coil = write.level;
      take(building->on_write_done(write, {}, now));
    }
    if (commits) store(step);
    for (const auto& id : step.accepted) {
      if (commits)
        take(building->on_command_stored(id, now));
      else
        waiting.push_back(id);
    }
  }

  void store(const flow::Step& step) {
    for (const auto& put : step.change.state) {
      if (put.body.empty())
        stored.erase({put.kind, put.key});
      else
        stored[{put.kind, put.key}] = put.body;
    }
    for (const auto& [lane, record] : step.change.records) {
      if (lane == wire::Lane::alarm) ++alarms;
      if (lane != wire::Lane::event) continue;
      ++events;
      const auto body = wire::decode_event_body(record.body);
      REQUIRE(body.has_value());
      if (const auto* answer = std::get_if<wire::AnswerReport>(&body->report)) answers.push_back(*answer);
      if (const auto* version = std::get_if<wire::DesiredReport>(&body->report))
        desired_told.push_back(version->version);
    }
  }

  Reading reading(const std::string& device, const std::string& point, Value value) const {
    Reading found;
    found.id = {device, point};
    found.value = std::move(value);
    found.t_gateway = now;
    return found;
  }

  void run(Duration time, bool fire = false, double gas = 0) {
    for (Duration done{}; done < time; done += 500ms) {
      now.mono += 500ms;
      now.utc += 500ms;
      at.now = now;
      take(building->on_tick(now));
      std::vector<Reading> batch;
      for (const auto* device : {"smoke-1", "smoke-2"})
        for (const auto& [point, value] : {std::pair{"mounted", true}, std::pair{"service", false},
                                           std::pair{"smoke", fire}, std::pair{"relay", false}})
          batch.push_back(reading(device, point, value));
      batch.push_back(reading("gas-1", "gas", gas));
      batch.push_back(reading("gas-1", "status", std::int64_t{0}));
      for (const auto& [input, coil] :
           {std::pair{"in1", "ch1"}, std::pair{"in2", "ch2"}, std::pair{"in3", "ch3"}})
        batch.push_back(reading("relay-1", input, coils[coil]));
      take(building->on_readings(batch, now));
    }
  }

  // A fresh order of the owner; its members may be changed before it is given.
  wire::CommandOrder order(const std::string& point, const std::string& operation,
                           std::map<std::string, std::string> arguments = {}) {
    Bytes id(16);
    bytes::Writer(id).u64_le(0);
    id.resize(16);
    const std::uint64_t number = ++ids;
    for (std::size_t i = 0; i < 8; ++i) id[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return {id,   gateway_id,  point,     operation, std::move(arguments), now.utc, now.utc + 60s,
            term, "duty@west", ++counter, session};
  }
  wire::CommandOrder open_door() { return order("effect/stair-door", "pulse", {{"seconds", "5"}}); }

  void give(const Bytes& signed_bytes) { take(building->on_command(signed_bytes, at)); }
  void give(const wire::CommandOrder& order) { give(owner.sign(wire::encode_command(order))); }

  // The word of the last refusal, "" when the last answer was none.
  std::string refusal() const { return answers.empty() ? "" : answers.back().refusal; }
  std::string outcome(const wire::CommandOrder& order) const {
    std::string found;
    for (const auto& answer : answers)
      if (answer.command_id == order.id) found += (found.empty() ? "" : " ") + answer.outcome;
    return found;
  }
};

}  // namespace tocsin::command::test
