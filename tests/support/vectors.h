#pragma once
// The vector files of $TOCSIN_VECTORS: files, or directories of *.json, separated by ':'. Tests read them
// when the variable is set.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tocsin::vectors {

inline std::vector<std::filesystem::path> files() {
  const char* variable = std::getenv("TOCSIN_VECTORS");
  std::istringstream list(variable == nullptr ? "" : variable);
  std::vector<std::filesystem::path> paths;
  for (std::string entry; std::getline(list, entry, ':');) {
    if (!std::filesystem::is_directory(entry)) {
      paths.emplace_back(entry);
      continue;
    }
    for (const auto& file : std::filesystem::directory_iterator(entry))
      if (file.path().extension() == ".json") paths.push_back(file.path());
  }
  return paths;
}

// The vectors of one protocol; none when the variable is not set. A file that cannot be read fails the test
// by throwing.
inline boost::json::array load(std::string_view protocol) {
  boost::json::array selected;
  for (const auto& path : files()) {
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const boost::json::value document = boost::json::parse(text);
    const auto& all = document.is_array() ? document.get_array() : document.at("vectors").as_array();
    for (const auto& vector : all)
      if (vector.at("protocol").as_string() == protocol) selected.push_back(vector);
  }
  return selected;
}

inline std::string text(const boost::json::value& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

inline bool must_be_rejected(const boost::json::value& vector) {
  const auto& expected = vector.at("expected").as_object();
  const auto* negative = vector.as_object().if_contains("negative");
  return (negative != nullptr && negative->as_bool()) ||
         (expected.contains("valid") && !expected.at("valid").as_bool());
}

}  // namespace tocsin::vectors
