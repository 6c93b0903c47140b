#include "core/value/point.h"

#include <array>
#include <charconv>
#include <cmath>

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 13> class_names{
    "fire",  "gas",         "toxic", "sos",         "intrusion", "door",    "parking",
    "meter", "environment", "lift",  "supervisory", "fault",     "disabled"};
constexpr std::array<std::string_view, 5> stage_names{"", "prealarm", "a1", "a2", "confirmed"};

template <std::size_t N>
std::optional<std::size_t> index_in(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return i;
  return std::nullopt;
}

}  // namespace

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 48) return false;
  for (const char c : text) {
    const bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    if (!good) return false;
  }
  return true;
}

std::string to_string(const PointId& id) {
  return id.device + "/" + id.point;
}

Result<PointId> parse_point_id(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || !is_name(text.substr(0, slash)) || !is_name(text.substr(slash + 1)))
    return fail(Fault::bad_input, "'" + std::string(text) + "' is no DEVICE/POINT");
  return PointId{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

std::optional<double> as_number(const Value& value) {
  if (const auto* b = std::get_if<bool>(&value)) return *b ? 1.0 : 0.0;
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&value); d && std::isfinite(*d)) return *d;
  return std::nullopt;
}

std::optional<bool> as_bool(const Value& value) {
  const auto number = as_number(value);
  if (!number) return std::nullopt;
  return *number != 0;
}

std::string to_string(const Value& value) {
  if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
  if (const auto* i = std::get_if<std::int64_t>(&value)) return std::to_string(*i);
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  if (const auto* d = std::get_if<double>(&value)) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *d).ptr;
    return {buffer.data(), end};
  }
  return {};
}

std::string quality_text(const Reading& reading) {
  switch (reading.quality) {
    case Quality::good: return "good";
    case Quality::uncertain: return "uncertain";
    case Quality::bad: break;
  }
  return reading.fault ? "bad:" + std::string(name_of(*reading.fault)) : "bad";
}

std::string_view name_of(AlarmClass cls) {
  return class_names[static_cast<std::size_t>(cls)];
}

std::optional<AlarmClass> alarm_class(std::string_view name) {
  const auto index = index_in(class_names, name);
  return index ? std::optional(static_cast<AlarmClass>(*index)) : std::nullopt;
}

std::string_view name_of(Stage stage) {
  return stage_names[static_cast<std::size_t>(stage)];
}

std::optional<Stage> stage_of(std::string_view name) {
  const auto index = index_in(stage_names, name);
  return index ? std::optional(static_cast<Stage>(*index)) : std::nullopt;
}

int severity_of(AlarmClass cls, Stage stage) {
  // 901+ life safety now, 701..900 life-safety fault or disablement, 401..700 security, 1..400 service.
  switch (cls) {
    case AlarmClass::fire: return stage == Stage::confirmed ? 1000 : 930;
    case AlarmClass::gas: return stage == Stage::a2 ? 970 : 910;
    case AlarmClass::toxic: return stage == Stage::a2 ? 960 : 905;
    case AlarmClass::sos: return 950;
    case AlarmClass::fault: return 800;
    case AlarmClass::disabled: return 750;
    case AlarmClass::supervisory: return 710;
    case AlarmClass::intrusion: return 700;
    case AlarmClass::door: return 500;
    case AlarmClass::lift: return 450;
    case AlarmClass::parking: return 410;
    case AlarmClass::environment: return 300;
    case AlarmClass::meter: return 200;
  }
  return 1;
}

}  // namespace tocsin
