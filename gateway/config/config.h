#pragma once
// The gateway's configuration as the program uses it: read once, checked whole, then constant. The same check
// runs in `tocsin check`, at start and before a reload (design section 12).

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/alarm/rule.h"
#include "core/config/document.h"
#include "core/linkage/matrix.h"
#include "drivers/driver/profile.h"
#include "gateway/bus/bus.h"
#include "gateway/command/key.h"

namespace tocsin::gateway {

struct Site {
  std::string adcode;  // six digits, GB/T 2260
  std::string community, building;
  double lat = 0, lon = 0;
};

struct CloudLink {
  std::vector<std::string> brokers;  // mqtts://host:port; mqtt:// only to loopback
  std::string ca, cert, key;
};

struct Zone {
  std::string name, kind, floor, label;
};

struct Device {
  driver::DeviceSpec spec;
  std::string bus;
  std::string zone;     // empty only for devices without life-safety points
  std::string housing;  // devices of one housing count as one; default: the device's own name
  std::string label;
};

enum class Signal : std::uint8_t { prealarm, confirmed, fault, unacked };

// A sounder, lamp or screen that the edge drives by itself.
struct Annunciator {
  std::string name;
  PointId output;
  std::set<Signal> on;
  std::string zone;  // empty: the whole building
};

struct Config {
  std::string id;
  std::string board;
  Site site;
  CloudLink cloud;
  std::vector<bus::BusSpec> buses;
  std::map<std::string, Zone> zones;
  std::map<std::string, Device> devices;
  std::vector<alarm::BoundRule> rules;
  linkage::Matrix matrix;
  std::vector<Annunciator> annunciators;
  command::Keys keys;                             // who may order what from afar; empty: nobody
  std::map<std::string, std::string> not_fitted;  // mains, battery, tamper: recorded in the report
};

// Files as the loader sees them; a test gives strings, the shell reads the disk.
struct Files {
  std::string config_name;  // for messages
  std::string config;
  // "smoke/uniguard-ug3" or a board's name -> text; nothing when there is no such file
  std::function<std::optional<std::string>(const std::string& profile)> profile;
  std::function<std::optional<std::string>(const std::string& board)> board;
};

// Nothing when there is any error in `problems`; warnings leave the configuration usable.
// Deadlines::as_they_are leaves out the worst-case check of the buses, for `tocsin plan`.
enum class Deadlines : std::uint8_t { checked, as_they_are };
std::optional<Config> load_config(const Files& files, config::Problems& problems,
                                  Deadlines deadlines = Deadlines::checked);

// From the disk. profiles: folder of <kind>/<model>.toml; boards are looked for in `boards` beside or above
// it.
Result<Files> read_files(const std::string& config_path, const std::string& profiles_dir);

}  // namespace tocsin::gateway
