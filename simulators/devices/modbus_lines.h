#pragma once
// Modbus slaves on a real line: TCP on loopback, or RTU on a pty whose answers take as long as the baud rate
// says.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "simulators/devices/modbus_device.h"

namespace tocsin::sim {

using Devices = std::map<int, ModbusDevice>;  // by unit

class TcpLine {
 public:
  // Port 0 takes a free one. `on_request` is told the unit of each request, before it is answered.
  TcpLine(boost::asio::io_context& io, int port, Devices& devices, std::function<void(int unit)> on_request);
  ~TcpLine();
  int port() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

class PtyLine {
 public:
  // `link`: a symbolic link to the pty's slave end, for the gateway's `port`.
  PtyLine(boost::asio::io_context& io, const std::string& link, int baud, Devices& devices,
          std::function<void(int unit)> on_request);
  ~PtyLine();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tocsin::sim
