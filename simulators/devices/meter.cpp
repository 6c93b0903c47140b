#include "simulators/devices/meter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <utility>

namespace tocsin::sim {
namespace {

constexpr std::chrono::hours local_offset{8};
constexpr double register_end = 1e8;  // 8 digits, in hundredths

struct KindName {
  std::string_view name;
  MeterKind kind;
  std::size_t digits;  // of the address; 0: a number 1..250
};
constexpr std::array<KindName, 8> kinds{{{"dlt645-2007", MeterKind::dlt645_2007, 12},
                                         {"dlt645-1997", MeterKind::dlt645_1997, 12},
                                         {"water", MeterKind::water, 14},
                                         {"gas", MeterKind::gas, 14},
                                         {"heat", MeterKind::heat, 14},
                                         {"heat-short", MeterKind::heat_short, 14},
                                         {"mbus-water", MeterKind::mbus_water, 0},
                                         {"mbus-heat", MeterKind::mbus_heat, 0}}};

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool address_fits(const KindName& kind, const std::string& address) {
  if (!all_digits(address)) return false;
  if (kind.digits != 0) return address.size() == kind.digits;
  return address.size() <= 3 && std::stoi(address) >= 1 && std::stoi(address) <= 250;
}

bool read_number(const std::string& text, double& number) {
  std::istringstream stream(text);
  return (stream >> number) && stream.eof() && number >= 0;
}

Status change(Meter& meter, const std::string& key, const std::string& value) {
  double number = 0;
  if (key == "total" && read_number(value, meter.total)) return {};
  if (key == "rate" && read_number(value, meter.rate)) return {};
  if (key == "split" && read_number(value, number)) {
    meter.split = static_cast<std::size_t>(number);
    return {};
  }
  if (key == "serial" && all_digits(value) && value.size() <= 12) {
    meter.serial = value;
    return {};
  }
  if (key == "order" && (value == "high" || value == "low")) {
    meter.order = value == "high" ? DiOrder::high_first : DiOrder::low_first;
    return {};
  }
  if (key == "valve" && (value == "open" || value == "closed")) {
    meter.valve_closed = value == "closed";
    return {};
  }
  return fail(Fault::bad_input,
              "\"" + key + "=" + value +
                  "\" is no setting of a meter: total, rate, split (numbers), serial (digits), "
                  "order (high, low), valve (open, closed)");
}

}  // namespace

UtcTime last_midnight(UtcTime now) {
  return UtcTime(std::chrono::floor<std::chrono::days>(now + local_offset) - local_offset);
}

void Meter::advance(Duration elapsed, UtcTime now) {
  total += rate * std::chrono::duration<double, std::ratio<3600>>(elapsed).count();
  if (last_midnight(now) == frozen_at) return;
  frozen_at = last_midnight(now);
  frozen = total;
}

std::int64_t Meter::hundredths() const {
  return static_cast<std::int64_t>(std::fmod(std::floor(total * 100 + 1e-6), register_end));
}

Status change_meter(Meter& meter, const std::string& settings) {
  std::istringstream stream(settings);
  for (std::string setting; std::getline(stream, setting, ',');) {
    const auto equals = setting.find('=');
    const std::string value = equals == std::string::npos ? "" : setting.substr(equals + 1);
    if (auto changed = change(meter, setting.substr(0, equals), value); !changed) return changed;
  }
  return {};
}

Result<Meter> parse_meter(const std::string& text, UtcTime now) {
  const auto colon = text.find(':');
  const auto comma = std::min(text.find(','), text.size());
  const std::string name = text.substr(0, colon);
  const auto kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.name == name; });
  if (colon == std::string::npos || colon > comma || kind == kinds.end()) {
    std::string known;
    for (const auto& one : kinds) known += (known.empty() ? "" : ", ") + std::string(one.name);
    return fail(Fault::bad_input,
                "\"" + text + "\" is no meter: KIND:ADDRESS[,KEY=VALUE...] with KIND one of " + known);
  }
  Meter meter;
  meter.kind = kind->kind;
  meter.address = text.substr(colon + 1, comma - colon - 1);
  if (!address_fits(*kind, meter.address))
    return fail(Fault::bad_input,
                "\"" + meter.address + "\" is no address of a " + name +
                    " meter: " + (kind->digits == 0 ? "1 to 250" : std::to_string(kind->digits) + " digits"));
  meter.serial = meter.address;
  if (comma < text.size())
    if (auto changed = change_meter(meter, text.substr(comma + 1)); !changed) return changed.error();
  meter.frozen = meter.total;
  meter.frozen_at = last_midnight(now);
  return meter;
}

}  // namespace tocsin::sim
