#include <algorithm>

#include "drivers/profiles/load.h"
#include "gateway/config/loader.h"

namespace tocsin::gateway {
namespace {

using config::Table;

bus::Kind kind_of(const std::string& name) {
  if (name == "modbus-tcp") return bus::Kind::modbus_tcp;
  if (name == "dlt645") return bus::Kind::dlt645;
  if (name == "cjt188") return bus::Kind::cjt188;
  if (name == "mbus") return bus::Kind::mbus;
  return bus::Kind::modbus_rtu;
}

bool is_host_port(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  const std::string digits = text.substr(colon + 1);
  return digits.size() <= 5 &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(digits) > 0 && std::stoi(digits) <= 65535;
}

std::string resolve_port(const Loading& loading, const Table& table, bus::Kind kind) {
  const std::string port = table.text("port");
  if (kind == bus::Kind::modbus_tcp) {
    if (!is_host_port(port))
      table.problem("port", "\"address:port\" with a numeric address, such as \"192.0.2.7:502\"");
    return port;
  }
  if (port.starts_with("/") || is_host_port(port)) return port;
  const auto named = loading.ports.find(port);
  if (named != loading.ports.end()) return named->second;
  std::string known;
  for (const auto& [name, path] : loading.ports) known += ", " + name;
  table.problem("port", "a device path or a port of board " + loading.config.board +
                            (known.empty() ? "" : ": " + known.substr(2)));
  return port;
}

std::shared_ptr<const driver::Profile> find_profile(Loading& loading, const Table& table) {
  const std::string name = table.text("profile");
  if (name.empty()) return nullptr;
  if (const auto known = loading.profiles.find(name); known != loading.profiles.end()) return known->second;
  auto& slot = loading.profiles[name];
  const auto text = loading.files.profile(name);
  if (!text)
    table.problem("profile", "a profile that has a file <profiles>/" + name + ".toml");
  else
    slot = profiles::load(*text, "profiles/" + name + ".toml", name, loading.problems);
  if (slot) check_sources(loading, *slot);
  return slot;
}

std::string read_address(const Table& table, std::string_view protocol) {
  if (protocol == "modbus") return std::to_string(table.integer("address", 1, 247));
  if (protocol == "mbus") return std::to_string(table.integer("address", 1, 250));
  std::string digits = table.text("address");
  const std::size_t most = protocol == "dlt645" ? 12 : 14;
  // CJ/T 188: the meter's type may stand in front, "10/12345678901234".
  std::string type;
  if (protocol == "cjt188" && digits.size() > 3 && digits[2] == '/') {
    type = digits.substr(0, 3);
    digits.erase(0, 3);
    if (std::string_view("1234").find(type[0]) == std::string_view::npos ||
        !std::isdigit(static_cast<unsigned char>(type[1])))
      table.problem("address", "a meter type 10 to 49 before the slash, such as \"10/\" for cold water");
  }
  const bool good = !digits.empty() && digits.size() <= most &&
                    std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!good)
    table.problem("address", "the meter's number: at most " + std::to_string(most) + " digits in quotes");
  return type + std::string(most - std::min(most, digits.size()), '0') + digits;
}

using PointRules = std::map<std::pair<std::string, std::string>, alarm::Rule>;  // (point, rule) -> rule

Duration period_of(const Device& device, const driver::PointSpec& point) {
  const auto own = device.spec.periods.find(point.name);
  return own != device.spec.periods.end() ? own->second : point.period;
}

// "No data" for two intervals on a life-safety point is a fault alarm (design section 5): one per device, on
// its first point with a life-safety rule, unless the profile or the device says otherwise.
void supervise(const Device& device, PointRules& rules) {
  constexpr Duration shortest = 3s;
  for (const auto& point : device.spec.profile->points) {
    const bool watched = std::any_of(rules.begin(), rules.end(), [&](const auto& entry) {
      return entry.first.first == point.name && is_life_safety(entry.second.cls);
    });
    if (!watched) continue;
    alarm::Rule rule;
    rule.name = "no-data";
    rule.cls = AlarmClass::fault;
    rule.levels = {{Stage::none, alarm::NoData{std::max(2 * period_of(device, point), shortest)}}};
    rules.try_emplace({point.name, rule.name}, rule);
    return;
  }
}

void add_rules(Loading& loading, const Device& device, const Table& table) {
  PointRules rules;
  for (const auto& [point, rule] : device.spec.profile->rules) rules[{point, rule.name}] = rule;
  for (const auto& own : table.list("rule")) {
    const std::string point = own.name("point");
    const alarm::Rule rule = profiles::read_rule(own);
    const auto* spec = device.spec.profile->find(point);
    if (spec == nullptr)
      own.problem("point", "a point of profile " + device.spec.profile->name);
    else if (is_life_safety(rule.cls) && !spec->life_safety)
      own.problem("point", "a life-safety point, because the rule is of a life-safety class");
    rules[{point, rule.name}] = rule;
  }
  supervise(device, rules);
  for (const auto& [key, rule] : rules) {
    const auto* spec = device.spec.profile->find(key.first);
    if (spec != nullptr)
      loading.config.rules.push_back(
          {{device.spec.name, key.first}, device.zone, spec->unit, rule, period_of(device, *spec)});
  }
}

bool has_life_safety(const driver::Profile& profile) {
  return std::any_of(profile.points.begin(), profile.points.end(),
                     [](const auto& p) { return p.life_safety; });
}

void read_times(Device& device, const Table& table) {
  for (const auto& point : device.spec.profile->points) {
    if (table.has("period"))
      device.spec.periods[point.name] = table.duration_or("period", point.period, 50ms, 24h);
    if (table.has("deadline") && point.life_safety)
      device.spec.deadlines[point.name] = table.duration_or("deadline", point.deadline, 200ms, 6s);
  }
}

// Moving a meter's valve from afar is allowed meter by meter. Gas: closing only; a person opens it on the
// spot.
void read_valve_control(Device& device, const Table& table) {
  const std::string allowed = table.choice_or("valve_control", "none", {"none", "close", "open-and-close"});
  const auto& points = device.spec.profile->points;
  const bool has_valve =
      std::any_of(points.begin(), points.end(), [](const auto& point) { return point.writable; });
  if (allowed == "none") return;
  if (device.spec.profile->protocol != "cjt188" || !has_valve)
    return table.problem("valve_control", "nothing, because profile " + device.spec.profile->name +
                                              " has no valve of a meter");
  device.spec.valve = allowed == "close" ? driver::ValveControl::close : driver::ValveControl::open_and_close;
  const bool may_be_gas = !device.spec.address.starts_with("1") || device.spec.address.find('/') != 2;
  if (device.spec.valve == driver::ValveControl::open_and_close && may_be_gas)
    table.problem(
        "valve_control",
        "\"close\": only the valve of a water meter, address \"10/...\" to \"19/...\", is opened from afar");
}

void load_device(Loading& loading, const std::string& name, const Table& table) {
  table.only({"profile", "bus", "address", "zone", "housing", "label", "period", "deadline", "valve_control",
              "rule"});
  Device device;
  device.spec.name = name;
  device.spec.profile = find_profile(loading, table);
  device.bus = table.name("bus");
  device.housing = table.text_or("housing", name);
  device.label = table.text_or("label", "");
  device.zone = table.text_or("zone", "");
  auto& buses = loading.config.buses;
  const auto bus =
      std::find_if(buses.begin(), buses.end(), [&](const auto& b) { return b.name == device.bus; });
  if (bus == buses.end()) {
    if (!device.bus.empty()) table.problem("bus", "a bus that has a table [bus." + device.bus + "]");
    return;
  }
  device.spec.address =
      read_address(table, device.spec.profile ? device.spec.profile->protocol : bus::protocol_of(bus->kind));
  for (const auto& other : bus->devices)
    if (other.address == device.spec.address)
      table.problem("address",
                    "an address that is free on bus " + bus->name + ": " + other.name + " has it already");
  if (!device.spec.profile) return;
  if (!bus::carries(bus->kind, device.spec.profile->protocol))
    table.problem("bus", "a bus for protocol " + device.spec.profile->protocol + ", which profile " +
                             device.spec.profile->name + " speaks");
  if (!device.zone.empty() && loading.config.zones.count(device.zone) == 0)
    table.problem("zone", "a zone that has a table [zone." + device.zone + "]");
  if (device.zone.empty() && has_life_safety(*device.spec.profile))
    table.problem("zone",
                  "the zone this life-safety device watches: without one its alarm would have no effect");
  read_times(device, table);
  read_valve_control(device, table);
  bus->devices.push_back(device.spec);
  add_rules(loading, device, table);
  loading.config.devices.emplace(name, std::move(device));
}

}  // namespace

void load_buses(Loading& loading, const Table& root) {
  for (const auto& [name, table] : root.tables("bus")) {
    table.only({"type", "port", "baud", "parity", "stop_bits", "answer"});
    bus::BusSpec bus;
    bus.name = name;
    bus.kind = kind_of(table.choice("type", {"modbus-rtu", "modbus-tcp", "dlt645", "cjt188", "mbus"}));
    bus.port = resolve_port(loading, table, bus.kind);
    const bool meters =
        bus.kind == bus::Kind::dlt645 || bus.kind == bus::Kind::cjt188 || bus.kind == bus::Kind::mbus;
    bus.baud = static_cast<int>(table.integer_or("baud", meters ? 2400 : 9600, 300, 1'000'000));
    const std::string parity = table.choice_or("parity", meters ? "even" : "none", {"none", "even", "odd"});
    bus.parity = parity == "none" ? 'N' : parity == "odd" ? 'O' : 'E';
    bus.stop_bits = static_cast<int>(table.integer_or("stop_bits", 1, 1, 2));
    if (table.has("answer")) bus.answer = table.duration_or("answer", 20ms, 1ms, 2s);
    for (const auto& other : loading.config.buses)
      if (other.port == bus.port && !is_host_port(bus.port))
        table.problem("port", "a line of its own: bus " + other.name + " has this port");
    loading.config.buses.push_back(std::move(bus));
  }
  if (loading.config.buses.empty()) root.problem("bus", "at least one [bus.NAME]");
}

void load_zones(Loading& loading, const Table& root) {
  for (const auto& [name, table] : root.tables("zone")) {
    table.only({"kind", "floor", "label"});
    Zone zone{name, table.choice_or("kind", "fire-compartment", {"fire-compartment", "area"}),
              table.text_or("floor", ""), table.text_or("label", "")};
    loading.config.zones.emplace(name, std::move(zone));
  }
}

void load_devices(Loading& loading, const Table& root) {
  for (const auto& [name, table] : root.tables("device")) load_device(loading, name, table);
  if (!root.has("device")) root.problem("device", "at least one [device.NAME]");
}

}  // namespace tocsin::gateway
