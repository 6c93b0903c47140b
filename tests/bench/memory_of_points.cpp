#include "tests/bench/memory_of_points.h"

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/bench/child.h"
#include "tests/bench/slave_bank.h"
#include "tests/support/mosquitto.h"

namespace tocsin::bench {
namespace {

constexpr int lines = 20, devices_per_line = 5, points_per_device = 100;
constexpr double goal_mib = 64;
constexpr int seconds = 20;

void write_profile(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "meter");
  std::ofstream out(folder / "meter/hundred.toml");
  out << "label = \"a hundred registers\"\nprotocol = \"modbus\"\nsource = \"this bench\"\n";
  for (int i = 0; i < points_per_device; ++i)
    out << "[[point]]\nname = \"value-" << i << "\"\nfrom = { table = \"holding\", address = " << i
        << " }\nunit = \"kW\"\nperiod = \"1s\"\n";
}

void write_config(const std::filesystem::path& file, const std::string& broker, const std::string& port) {
  std::ofstream out(file);
  out << "gateway = { id = \"bench-b1\", board = \"generic-x86\" }\n"
         "site = { adcode = \"110105\", community = \"bench\", building = \"b1\" }\ncloud = { brokers = [\""
      << broker << "\"] }\n";
  for (int line = 0; line < lines; ++line) {
    out << "[bus.line-" << line << "]\ntype = \"modbus-tcp\"\nport = \"" << port << "\"\n";
    for (int i = 1; i <= devices_per_line; ++i)
      out << "[device.meter-" << line << "-" << i << "]\nprofile = \"meter/hundred\"\nbus = \"line-" << line
          << "\"\naddress = " << line * devices_per_line + i << "\n";
  }
}

}  // namespace

Finding memory_of_points(const Options& options) {
  const test::TempDir folder;
  const test::Mosquitto broker;
  SlaveBank slaves = SlaveBank::on_tcp(-1);
  write_profile(folder.path() / "profiles");
  write_config(folder.path() / "gateway.toml", broker.url(), slaves.port());
  std::filesystem::create_directories(folder.path() / "boards");
  std::filesystem::copy_file(options.profiles / "../../boards/generic-x86.toml",
                             folder.path() / "boards/generic-x86.toml");
  Child gateway({options.programs / "tocsin-gateway", "--config", folder.path() / "gateway.toml", "--state",
                 folder.path() / "state", "--socket", folder.path() / "control.sock", "--profiles",
                 folder.path() / "profiles"},
                folder.path() / "gateway.log");
  std::this_thread::sleep_for(std::chrono::seconds(seconds / 2));
  slaves.counts().clear();
  std::this_thread::sleep_for(std::chrono::seconds(seconds / 2));
  const double mib = gateway.resident_mib();
  const auto reads = static_cast<double>(slaves.counts().requests) * points_per_device / (seconds / 2.0);
  std::fprintf(stderr, "bus: %d points, %.0f values/s: %.1f MiB resident\n",
               lines * devices_per_line * points_per_device, reads, mib);
  if (!gateway.alive() || reads < 0.95 * lines * devices_per_line * points_per_device) {
    if (std::system(("tail -n 15 '" + (folder.path() / "gateway.log").string() + "' >&2").c_str()) != 0)
      std::fprintf(stderr, "no log\n");
    throw std::runtime_error("the gateway did not read 10,000 points a second");
  }
  return judged({"bus", "resident memory, 10,000 points at 1 s", mib, "MiB", {}, {}, goal_mib, true, false});
}

}  // namespace tocsin::bench
