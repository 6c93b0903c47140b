#pragma once
// The two masters that are compared: the gateway's bus thread, and a loop of bare libmodbus calls.

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "gateway/bus/bus.h"

namespace tocsin::bench {

struct MasterSetup {
  std::string port;  // host:port, or a terminal
  int baud = 0;      // 0: TCP
  int first_unit = 1;
  int units = 1;
  Duration period{};                  // of the gateway's reads; 1 ms: as fast as it goes
  Duration response_timeout = 500ms;  // of the gateway's devices
};
inline constexpr int registers_per_read = 10;

// The gateway's bus with everything that belongs to it: plan, second reads, health, trace, readings. What it
// tells is counted and dropped on its own thread.
class ProductMaster {
 public:
  explicit ProductMaster(const MasterSetup& setup);
  std::uint64_t readings() const { return readings_; }
  bus::BusHealth health() const { return bus_->health(); }

 private:
  std::atomic<std::uint64_t> readings_ = 0;
  std::unique_ptr<bus::Bus> bus_;
};

// Reads one unit after the other without a pause.
class BareMaster {
 public:
  explicit BareMaster(const MasterSetup& setup);
  ~BareMaster();

 private:
  void run(const MasterSetup& setup);

  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace tocsin::bench
