#pragma once
// Which protocols there are: from a name in a profile or configuration to its driver, its framing and its
// transport. One line per protocol in registry.cpp.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/driver/driver.h"
#include "drivers/driver/frame_protocol.h"
#include "drivers/driver/line_cost.h"
#include "drivers/driver/transport.h"
#include "drivers/io/line_settings.h"

namespace tocsin::io {

struct Protocol {
  std::string_view name;  // as in Profile::protocol
  Result<std::shared_ptr<const driver::Driver>> (*make_driver)(const driver::DeviceSpec& device);
  std::vector<std::string> (*check_source)(const driver::PointSpec& point);  // what is wrong, in words
  const driver::FrameProtocol& (*frames)();
};

const Protocol* find_protocol(std::string_view name);
std::vector<std::string> protocol_names();

// not_found names the protocol; bad_input the address or the point.
Result<driver::PlannedDevice> make_device(const driver::DeviceSpec& device);

// The line of a bus: `protocol` is that of its devices, `port` a device path or host:port.
struct LineSpec {
  std::string protocol;
  bool tcp = false;
  LineSettings serial;             // of a serial line; its device is the port
  std::string endpoint;            // of a TCP line
  std::optional<Duration> answer;  // slowest ordinary answer on it; nothing: the usual one
};
Result<std::unique_ptr<driver::Transport>> make_transport(const LineSpec& line);
driver::LineCost cost_of(const LineSpec& line);

}  // namespace tocsin::io
