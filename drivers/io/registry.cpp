#include "drivers/io/registry.h"

#include <array>

#include "drivers/cjt188/cjt188_driver.h"
#include "drivers/dlt645/dlt645_driver.h"
#include "drivers/io/modbus_link.h"
#include "drivers/io/pump.h"
#include "drivers/io/serial_port.h"
#include "drivers/io/tcp_stream.h"
#include "drivers/mbus/mbus_driver.h"
#include "drivers/modbus/modbus_driver.h"

namespace tocsin::io {

namespace {

template <class Frames>
const driver::FrameProtocol& frames() {
  static const Frames instance;
  return instance;
}

constexpr std::array protocols{

    Protocol{"modbus", modbus::ModbusDriver::make, modbus::check_source, frames<WholeFrames>},
    Protocol{"dlt645", dlt645::Dlt645Driver::make, dlt645::check_source, frames<dlt645::Frames>},
    Protocol{"cjt188", cjt188::Cjt188Driver::make, cjt188::check_source, frames<cjt188::Frames>},
    Protocol{"mbus", mbus::MbusDriver::make, mbus::check_source, frames<mbus::Frames>},

};

}  // namespace

const Protocol* find_protocol(std::string_view name) {
  for (const Protocol& protocol : protocols)
    if (protocol.name == name) return &protocol;
  return nullptr;
}

std::vector<std::string> protocol_names() {
  std::vector<std::string> names;
  for (const Protocol& protocol : protocols) names.emplace_back(protocol.name);
  return names;
}

Result<driver::PlannedDevice> make_device(const driver::DeviceSpec& device) {
  const Protocol* protocol = find_protocol(device.profile->protocol);
  if (protocol == nullptr)
    return fail(Fault::not_found,
                device.name + ": no protocol is called \"" + device.profile->protocol + "\"");
  auto made = protocol->make_driver(device);
  if (!made) return fail(made.error().fault, device.name + ": " + made.error().detail);
  return driver::PlannedDevice{device, *made};
}

Result<std::unique_ptr<driver::Transport>> make_transport(const LineSpec& line) {
  using Made = std::unique_ptr<driver::Transport>;
  const bool modbus = line.protocol == "modbus";
  if (!line.tcp && modbus) return Made(std::make_unique<ModbusLink>(line.serial));
  if (!line.tcp) return Made(std::make_unique<SerialPort>(line.serial));
  auto endpoint = parse_endpoint(line.endpoint);
  if (!endpoint) return endpoint.error();
  if (modbus) return Made(std::make_unique<ModbusLink>(*endpoint));
  return Made(std::make_unique<TcpStream>(*endpoint));
}

driver::LineCost cost_of(const LineSpec& line) {
  driver::LineCost cost =
      line.tcp ? driver::tcp_line()
               : driver::serial_line(line.serial.baud, line.serial.parity, line.serial.stop_bits);
  if (line.answer) cost.answer = *line.answer;
  return cost;
}

}  // namespace tocsin::io
