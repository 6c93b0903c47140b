#include <array>
#include <charconv>
#include <cmath>

#include <boost/json.hpp>

#include "cloud/alarms/document.h"

namespace tocsin::cloud {
namespace {

void append(std::string& out, const boost::json::value& value);

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";  // JSON has no such number
    return;
  }
  std::array<char, 32> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void append_object(std::string& out, const boost::json::object& object) {
  char before = '{';
  if (object.empty()) out += '{';
  for (const auto& member : object) {
    out += before;
    before = ',';
    out += boost::json::serialize(boost::json::string_view(member.key()));
    out += ':';
    append(out, member.value());
  }
  out += '}';
}

void append_array(std::string& out, const boost::json::array& array) {
  char before = '[';
  if (array.empty()) out += '[';
  for (const auto& item : array) {
    out += before;
    before = ',';
    append(out, item);
  }
  out += ']';
}

void append(std::string& out, const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    append_object(out, *object);
  } else if (const auto* array = value.if_array()) {
    append_array(out, *array);
  } else if (const auto* number = value.if_double()) {
    append_number(out, *number);
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

std::string json_text(const boost::json::value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace tocsin::cloud
