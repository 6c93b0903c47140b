#pragma once
// A building that can burn: smoke, carbon monoxide and heat grow with time and reach one detector after the
// other. Pure: time comes with each call. Its devices are Modbus slaves; what moves (doors, valves) follows
// its relay after a while.

#include <map>
#include <string>
#include <vector>

#include "core/value/time.h"
#include "simulators/devices/modbus_device.h"

namespace tocsin::sim {

// Something that changed, for the story's teller: {"zone 3F", "smoke-3f-01 alarms", …}.
struct Happening {
  std::string what;   // detector, output, feedback, watchdog
  std::string name;   // smoke-3f-01, stair-door-3f
  std::string state;  // alarm, quiet, open, locked, closed, on, off
};

// Units on the line: 1..2 smoke 3F, 3 gas 3F, 4 CO 3F, 5..6 smoke 2F, 9 the relay module (ch1 stair door 3F,
// ch2 gas valve, ch3 stair door 2F, ch8 lobby lamp; in1..in3 the feedback of ch1..ch3), 10 an electricity
// meter.
class Building {
 public:
  Building();

  std::map<int, ModbusDevice>& devices() { return devices_; }
  void ignite(const std::string& zone);  // 3F or 2F
  void extinguish(const std::string& zone);
  void leak_gas(double percent_lel);  // reading of the gas detector on 3F
  void on_request(int unit);          // feeds the relay module's communication watchdog
  std::vector<Happening> advance(Duration step);

 private:
  struct Fire {
    bool burning = false;
    double size = 0;  // 0..1
  };
  struct Detector {
    int unit;
    std::string name, zone;
    double distance;         // seconds of full growth before its smoke chamber shows it
    double obscuration = 0;  // %/m
    bool alarmed = false;
  };
  struct Output {
    std::string name;
    std::uint16_t coil;
    std::string word_off, word_on;
    Duration travel;
    bool shown = true;  // position
    Duration moving{};
    bool commanded = true;
  };

  void grow(double seconds);
  void sense(std::vector<Happening>& happened);
  void move(Duration step, std::vector<Happening>& happened);

  std::map<int, ModbusDevice> devices_;
  std::map<std::string, Fire> fires_;
  std::vector<Detector> detectors_;
  std::vector<Output> outputs_;
  double co_ppm_ = 0;
  Duration since_request_{};
  bool watchdog_fell_ = false;
};

}  // namespace tocsin::sim
