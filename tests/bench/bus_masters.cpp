#include "tests/bench/bus_masters.h"

#include <stdexcept>

#include <modbus/modbus.h>

#include "gateway/app/clock.h"

namespace tocsin::bench {
namespace {

std::shared_ptr<const driver::Profile> meter(const MasterSetup& setup) {
  auto profile = std::make_shared<driver::Profile>();
  profile->name = "bench/ten-registers";
  profile->protocol = "modbus";
  profile->limits.response_timeout = setup.response_timeout;
  for (std::int64_t address = 0; address < registers_per_read; ++address) {
    driver::PointSpec point;
    point.name = "value-" + std::to_string(address);
    point.source = {{"table", std::string("holding")}, {"address", address}, {"type", std::string("u16")}};
    point.period = setup.period;
    profile->points.push_back(std::move(point));
  }
  return profile;
}

bus::BusSpec bus_of(const MasterSetup& setup) {
  bus::BusSpec spec;
  spec.name = "line";
  spec.kind = setup.baud == 0 ? bus::Kind::modbus_tcp : bus::Kind::modbus_rtu;
  spec.port = setup.port;
  if (setup.baud != 0) spec.baud = setup.baud;
  const auto profile = meter(setup);
  for (int i = 0; i < setup.units; ++i) {
    const std::string unit = std::to_string(setup.first_unit + i);
    spec.devices.push_back({"meter-" + unit, profile, unit, {}, {}});
  }
  return spec;
}

modbus_t* connect_bare(const MasterSetup& setup) {
  const auto colon = setup.port.rfind(':');
  modbus_t* modbus = setup.baud != 0 ? modbus_new_rtu(setup.port.c_str(), setup.baud, 'N', 8, 1)
                                     : modbus_new_tcp(setup.port.substr(0, colon).c_str(),
                                                      std::stoi(setup.port.substr(colon + 1)));
  if (modbus == nullptr || modbus_connect(modbus) != 0)
    throw std::runtime_error("bare libmodbus: no connection");
  return modbus;
}

}  // namespace

ProductMaster::ProductMaster(const MasterSetup& setup) {
  bus::BusEvents events;
  events.readings = [this](const std::vector<Reading>& batch) { readings_ += batch.size(); };
  events.device = [](const std::string&, bool, const Error&) {};
  events.line = [](bool, const Error&) {};
  events.detection = [](const PointId&, const std::optional<std::string>&) {};
  bus_ = std::make_unique<bus::Bus>(
      bus_of(setup), [](const std::function<void()>& action) { action(); }, gateway::stamp_now,
      std::move(events));
}

BareMaster::BareMaster(const MasterSetup& setup) : thread_([this, setup] { run(setup); }) {}

BareMaster::~BareMaster() {
  stopping_ = true;
  thread_.join();
}

void BareMaster::run(const MasterSetup& setup) {
  modbus_t* modbus = connect_bare(setup);
  std::uint16_t words[registers_per_read];
  for (int turn = 0; !stopping_; ++turn) {
    modbus_set_slave(modbus, setup.first_unit + turn % setup.units);
    if (modbus_read_registers(modbus, 0, registers_per_read, words) != registers_per_read) break;
  }
  modbus_close(modbus);
  modbus_free(modbus);
}

}  // namespace tocsin::bench
