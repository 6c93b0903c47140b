#pragma once
// A small building for tests: two smoke detectors, a gas detector, a relay module with a stair door, a gas
// valve and a lobby lamp.

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "gateway/config/config.h"

namespace tocsin::test {

inline std::string source_dir() {
  const char* dir = std::getenv("TOCSIN_SOURCE");
  return dir != nullptr ? dir : ".";
}

inline const std::string sample_toml = R"(
gateway = { id = "wangjing-b12", board = "generic-x86" }
site = { adcode = "110105", community = "wangjing-west", building = "b12", lat = 39.99, lon = 116.47 }
cloud = { brokers = ["mqtt://127.0.0.1:1883"] }
[bus.riser-a]
type = "modbus-tcp"
port = "127.0.0.1:1502"
[zone.3F]
kind = "fire-compartment"
floor = "3"
[device.smoke-1]
profile = "smoke/uniguard-ug3"
bus = "riser-a"
address = 1
zone = "3F"
[device.smoke-2]
profile = "smoke/uniguard-ug3"
bus = "riser-a"
address = 2
zone = "3F"
[device.gas-1]
profile = "gas/pt495"
bus = "riser-a"
address = 3
zone = "3F"
[device.relay-1]
profile = "io/waveshare-io-8ch"
bus = "riser-a"
address = 9
[effect.stair-door]
zone = "3F"
output = "relay-1/ch1"
feedback = "relay-1/in1"
words = { off = "open", on = "locked" }
escape = true
[effect.gas-valve]
zone = "3F"
output = "relay-1/ch2"
feedback = "relay-1/in2"
words = { off = "closed", on = "open" }
valve = true
[annunciator.lobby]
output = "relay-1/ch8"
on = ["prealarm", "confirmed", "fault"]
[[linkage]]
when = { confirmed = "fire", zone = "3F" }
then = ["stair-door", "gas-valve"]
mode = "latch"
[[linkage]]
when = { gas = "a2", zone = "3F" }
then = ["gas-valve"]
mode = "latch"
)";

inline gateway::Files sample_files(std::string toml = sample_toml) {
  auto read = [](const std::string& path) -> std::optional<std::string> {
    std::ifstream stream(source_dir() + path);
    if (!stream) return std::nullopt;
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  };
  return {"gateway.toml", std::move(toml),
          [read](const std::string& name) { return read("/drivers/profiles/" + name + ".toml"); },
          [read](const std::string& name) { return read("/boards/" + name + ".toml"); }};
}

inline std::string text_of(const config::Problems& problems) {
  std::string text;
  for (const auto& problem : problems.list()) text += to_string(problem) + "\n";
  return text;
}

}  // namespace tocsin::test
