#include "tests/bench/product_chain.h"

#include <charconv>
#include <fstream>
#include <optional>

namespace tocsin::bench {
namespace {

constexpr const char* device_prefix = "gas-";

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

std::string device_name(std::size_t detector) {
  return device_prefix + std::to_string(detector);
}

// The profile's rule, but it returns by itself: a detector can rise again.
// Periods differ by a little, because polls that begin together stay together.
std::string device_table(std::size_t detector, int line, int unit, std::chrono::milliseconds mean) {
  const auto period = mean * 3 / 4 + std::chrono::milliseconds(detector);
  const std::string name = device_name(detector);
  return "[device." + name + "]\nprofile = \"gas/pt495\"\nbus = \"line-" + std::to_string(line) +
         "\"\naddress = " + std::to_string(unit) + "\nzone = \"1F\"\nperiod = \"" +
         std::to_string(period.count()) + "ms\"\ndeadline = \"6s\"\n[[device." + name +
         ".rule]]\npoint = \"gas\"\nname = \"gas\"\nclass = \"gas\"\n" +
         "levels = [{ stage = \"a2\", above = 20, deadband = 1 }]\n\n";
}

std::string gateway_toml(const ProductSetup& setup) {
  std::string text =
      "gateway = { id = \"bench-b1\", board = \"generic-x86\" }\n"
      "site = { adcode = \"110105\", community = \"bench\", building = \"b1\", lat = 39.99, lon = 116.47 }\n"
      "cloud = { brokers = [\"" +
      setup.field_url +
      "\"] }\n\n"
      "[zone.1F]\nkind = \"fire-compartment\"\nfloor = \"1\"\n\n";
  for (std::size_t line = 0; line < setup.ports.size(); ++line)
    text += "[bus.line-" + std::to_string(line) +
            "]\ntype = \"modbus-tcp\"\nport = \"127.0.0.1:" + std::to_string(setup.ports[line]) + "\"\n\n";
  std::size_t detector = 0;
  for (std::size_t line = 0; line < setup.ports.size(); ++line)
    for (int unit = 1; unit <= setup.units_per_line; ++unit)
      text += device_table(detector++, static_cast<int>(line), unit, setup.period);
  return text;
}

std::string cloud_toml(const ProductSetup& setup) {
  return "field = { broker = \"" + setup.field_url + "\" }\ncity = { broker = \"" + setup.city_url +
         "\" }\napi = { listen = \"127.0.0.1:" + std::to_string(setup.api_port) +
         "\" }\nstore = { url = \"sqlite:\" }\n[community.bench]\nadcode = \"110105\"\ngateways = "
         "[\"bench-b1\"]\n";
}

Child start_cloud(const ProductSetup& setup) {
  write(setup.folder / "cloud.toml", cloud_toml(setup));
  return Child({setup.programs / "tocsin-cloud", "run", "--config", setup.folder / "cloud.toml", "--state",
                setup.folder / "cloud"},
               setup.folder / "cloud.log");
}

Child start_gateway(const ProductSetup& setup) {
  write(setup.folder / "gateway.toml", gateway_toml(setup));
  return Child({setup.programs / "tocsin-gateway", "--config", setup.folder / "gateway.toml", "--state",
                setup.folder / "gateway", "--socket", setup.folder / "control", "--profiles", setup.profiles},
               setup.folder / "gateway.log");
}

// The detector that an alarm document is about; nothing when it is about something else.
std::optional<std::size_t> detector_of(const std::string& document) {
  const std::string label = std::string("\"device\":\"") + device_prefix;
  const auto found = document.find(label);
  if (found == std::string::npos || document.find("\"class\":\"gas\"") == std::string::npos)
    return std::nullopt;
  std::size_t detector = 0;
  std::from_chars(document.data() + found + label.size(), document.data() + document.size(), detector);
  return detector;
}

BareClient::OnMessage city_subscriber(Director& director) {
  return [&director](const std::string&, const std::string& payload, SteadyTime at) {
    if (const auto detector = detector_of(payload))
      director.on_city(*detector, payload.find("\"active\":true") != std::string::npos, at);
  };
}

BareClient::OnMessage field_subscriber(Director& director) {
  return [&director](const std::string& topic, const std::string&, SteadyTime at) {
    if (topic.ends_with("/up/alarm") || topic.ends_with("/up/now")) director.on_field(at);
  };
}

}  // namespace

ProductChain::ProductChain(const ProductSetup& setup, Director& director)
    : field_(setup.field_url, "bench-watch", "tocsin/1/#", field_subscriber(director)),
      city_(setup.city_url, "bench-city", "city/#", city_subscriber(director)),
      cloud_(start_cloud(setup)),
      gateway_(start_gateway(setup)) {}

}  // namespace tocsin::bench
