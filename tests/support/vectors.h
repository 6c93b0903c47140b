#pragma once
// The vector files of $TOCSIN_VECTORS (a directory), for tests that read them when the variable is set.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tocsin::vectors {

// The vectors of one protocol, empty when the variable is not set. A file that cannot be read fails the test
// by throwing.
inline boost::json::array load(const std::string& file, std::string_view protocol) {
  const char* directory = std::getenv("TOCSIN_VECTORS");
  boost::json::array selected;
  if (directory == nullptr) return selected;
  std::ifstream in(std::string(directory) + "/" + file);
  in.exceptions(std::ios::badbit | std::ios::failbit);
  in.peek();
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const boost::json::value document = boost::json::parse(text);
  const auto& all = document.is_array() ? document.get_array() : document.at("vectors").as_array();
  for (const auto& vector : all)
    if (vector.at("protocol").as_string() == protocol) selected.push_back(vector);
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
