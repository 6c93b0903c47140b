#pragma once
// Reads the keys of PointSpec::source and collects, in words, what is wrong with them.

#include <charconv>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/driver/profile.h"

namespace tocsin::driver {

class SourceKeys {
 public:
  SourceKeys(const PointSpec& spec, std::initializer_list<std::string_view> known) : spec_(spec) {
    for (const auto& [key, value] : spec_.source) {
      bool found = false;
      for (const std::string_view name : known) found = found || name == key;
      if (!found) wrong("unknown key \"" + key + "\"");
    }
  }

  void wrong(std::string text) { errors_.push_back(std::move(text)); }
  bool has(const char* key) const { return spec_.source.contains(key); }

  std::int64_t number(const char* key, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
    const auto found = spec_.source.find(key);
    if (found == spec_.source.end()) return otherwise;
    const auto* value = std::get_if<std::int64_t>(&found->second);
    if (value != nullptr && *value >= least && *value <= most) return *value;
    wrong("\"" + std::string(key) + "\" is " + to_string(found->second) + ", expected " +
          std::to_string(least) + ".." + std::to_string(most));
    return otherwise;
  }

  std::optional<std::string> text(const char* key) {
    const auto found = spec_.source.find(key);
    if (found == spec_.source.end()) return std::nullopt;
    if (const auto* value = std::get_if<std::string>(&found->second)) return *value;
    wrong("\"" + std::string(key) + "\" is not a text");
    return std::nullopt;
  }

  // One of `choices`, pairs of a name and its meaning.
  template <class Choices, class T>
  T choice(const char* key, const Choices& choices, T otherwise) {
    const auto value = text(key);
    if (!value) return otherwise;
    std::string expected;
    for (const auto& [name, meaning] : choices) {
      if (name == *value) return meaning;
      expected += (expected.empty() ? "" : ", ") + std::string(name);
    }
    wrong("\"" + std::string(key) + "\" is \"" + *value + "\", expected one of " + expected);
    return otherwise;
  }

  bool flag(const char* key, bool otherwise) {
    const auto found = spec_.source.find(key);
    if (found == spec_.source.end()) return otherwise;
    if (const bool* value = std::get_if<bool>(&found->second)) return *value;
    wrong("\"" + std::string(key) + "\" is not true or false");
    return otherwise;
  }

  // A required text of exactly `digits` hex digits.
  std::uint32_t hex(const char* key, std::size_t digits) {
    const std::string value = text(key).value_or("");
    std::uint32_t number = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number, 16);
    if (value.size() != digits || error != std::errc{} || stop != end)
      wrong("\"" + std::string(key) + "\" is \"" + value + "\", expected " + std::to_string(digits) +
            " hex digits");
    return number;
  }

  const std::vector<std::string>& errors() const { return errors_; }

 private:
  const PointSpec& spec_;
  std::vector<std::string> errors_;
};

}  // namespace tocsin::driver
