#include "simulators/building/building.h"

#include <algorithm>
#include <cmath>

namespace tocsin::sim {
namespace {

constexpr int relay_unit = 9;
constexpr Duration relay_watchdog = 10s;
constexpr double alarm_obscuration = 3.0;  // %/m, a usual point detector

void add_smoke_detector(ModbusDevice& device) {
  device.discrete = {{0, true}, {1, false}, {2, false}, {3, false}};
}

void put_float(ModbusDevice& device, std::uint16_t address, float value) {
  std::uint32_t raw = 0;
  static_assert(sizeof raw == sizeof value);
  std::copy_n(reinterpret_cast<const unsigned char*>(&value), sizeof raw,
              reinterpret_cast<unsigned char*>(&raw));
  device.input[address] = static_cast<std::uint16_t>(raw >> 16);
  device.input[static_cast<std::uint16_t>(address + 1)] = static_cast<std::uint16_t>(raw);
}

}  // namespace

Building::Building() {
  detectors_ = {{1, "smoke-3f-01", "3F", 1.0},
                {2, "smoke-3f-02", "3F", 4.0},
                {5, "smoke-2f-01", "2F", 1.0},
                {6, "smoke-2f-02", "2F", 2.0}};
  for (const auto& detector : detectors_) add_smoke_detector(devices_[detector.unit]);
  devices_[3].holding = {{0, 0}, {1, 0x0200}};
  for (std::uint16_t address = 0; address < 16; ++address) devices_[4].holding[address] = 0;
  outputs_ = {{"stair-door-3f", 0, "open", "locked", 200ms},
              {"gas-valve-3f", 1, "closed", "open", 900ms},
              {"stair-door-2f", 2, "open", "locked", 200ms}};
  auto& relay = devices_[relay_unit];
  for (std::uint16_t i = 0; i < 8; ++i) relay.coils[i] = i < 3;
  for (std::uint16_t i = 0; i < 8; ++i) relay.discrete[i] = i < 3;
  auto& meter = devices_[10];
  for (std::uint16_t address = 0; address < 0x160; ++address) meter.input[address] = 0;
  put_float(meter, 0, 230.4F);
  put_float(meter, 6, 1.25F);
  put_float(meter, 0x0C, 288.0F);
  put_float(meter, 0x46, 50.0F);
  put_float(meter, 0x156, 1234.5F);
}

void Building::ignite(const std::string& zone) {
  fires_[zone] = {true, std::max(0.05, fires_[zone].size)};
}
void Building::extinguish(const std::string& zone) {
  fires_[zone].burning = false;
}
void Building::leak_gas(double percent_lel) {
  devices_[3].holding[0] = static_cast<std::uint16_t>(std::lround(percent_lel * 10));
}

void Building::on_request(int unit) {
  if (unit == relay_unit) since_request_ = {};
}

void Building::grow(double seconds) {
  for (auto& [zone, fire] : fires_)  // t-squared growth, and smoke that clears in some seconds
    fire.size = fire.burning ? std::min(1.0, fire.size + seconds * 0.25 * std::sqrt(fire.size + 0.05))
                             : std::max(0.0, fire.size - seconds * 0.5);
  const double burning = fires_["3F"].size;
  co_ppm_ += seconds * (burning * 40 - co_ppm_ * 0.3);
  devices_[4].holding[6] = static_cast<std::uint16_t>(std::lround(std::clamp(co_ppm_, 0.0, 2000.0) * 10));
  for (auto& detector : detectors_) {
    const double target = fires_[detector.zone].size * 20;
    detector.obscuration += (target - detector.obscuration) * std::min(1.0, seconds / detector.distance);
  }
}

void Building::sense(std::vector<Happening>& happened) {
  for (auto& detector : detectors_) {
    const bool alarmed =
        detector.obscuration >= (detector.alarmed ? alarm_obscuration / 2 : alarm_obscuration);
    if (alarmed == detector.alarmed) continue;
    detector.alarmed = alarmed;
    devices_[detector.unit].discrete[2] = alarmed;
    happened.push_back({"detector", detector.name, alarmed ? "alarm" : "quiet"});
  }
}

void Building::move(Duration step, std::vector<Happening>& happened) {
  auto& relay = devices_[relay_unit];
  since_request_ += step;
  const bool fell = since_request_ >= relay_watchdog;
  if (fell && !watchdog_fell_) {
    for (auto& [address, level] : relay.coils) level = false;
    happened.push_back({"watchdog", "relay-1", "outputs in safe state"});
  }
  watchdog_fell_ = fell;
  for (auto& output : outputs_) {
    const bool level = relay.coils[output.coil];
    if (level != output.commanded) {
      output.commanded = level;
      output.moving = output.travel;
      happened.push_back({"output", output.name, level ? output.word_on : output.word_off});
    }
    if (output.shown == output.commanded) continue;
    output.moving -= step;
    if (output.moving > Duration{}) continue;
    output.shown = output.commanded;
    relay.discrete[output.coil] = output.shown;
    happened.push_back({"feedback", output.name, output.shown ? output.word_on : output.word_off});
  }
  if (relay.coils[7] != relay.discrete[7]) {
    relay.discrete[7] = relay.coils[7];
    happened.push_back({"output", "lobby-lamp", relay.coils[7] ? "on" : "off"});
  }
}

std::vector<Happening> Building::advance(Duration step) {
  std::vector<Happening> happened;
  grow(static_cast<double>(step.count()) / 1e9);
  sense(happened);
  move(step, happened);
  return happened;
}

}  // namespace tocsin::sim
