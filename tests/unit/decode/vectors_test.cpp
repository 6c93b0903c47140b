// The vector files of $TOCSIN_VECTORS (files separated by ':'), compared as tools/decode_check.py compares:
// every key of `expected` must be in the output with an equal value. Without the variable there is nothing to
// do.

#include "tests/support/vectors.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "gateway/cli/decode/decode_command.h"

namespace tocsin::decode {
namespace {

namespace json = boost::json;

const std::set<std::string_view> not_compared = {"reason",     "reject_reason", "cross_check",
                                                 "app_decode", "raw_bcd",       "must_reject"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Empty when `actual` holds everything of `expected`, else the path of the first difference.
std::string difference(const json::value& expected, const json::value& actual, const std::string& path) {
  const std::string both =
      path + ": expected " + json::serialize(expected) + ", got " + json::serialize(actual);
  if (const auto* object = expected.if_object()) {
    if (!actual.is_object()) return both;
    for (const auto& [key, value] : *object) {
      if (not_compared.contains(key)) continue;
      const json::value* other = actual.as_object().if_contains(key);
      if (other == nullptr) return path + "." + std::string(key) + ": missing";
      if (auto found = difference(value, *other, path + "." + std::string(key)); !found.empty()) return found;
    }
    return "";
  }
  if (const auto* array = expected.if_array()) {
    if (!actual.is_array() || actual.as_array().size() != array->size()) return both;
    for (std::size_t i = 0; i < array->size(); ++i) {
      auto found = difference((*array)[i], actual.as_array()[i], path + "[" + std::to_string(i) + "]");
      if (!found.empty()) return found;
    }
    return "";
  }
  if (expected.is_string() && actual.is_string()) {
    return lower(expected.as_string()) == lower(actual.as_string()) ? "" : both;
  }
  if (expected.is_double() && actual.is_number()) {
    const double wanted = expected.as_double();
    return std::abs(wanted - actual.to_number<double>()) <= 1e-6 * std::max(1.0, std::abs(wanted)) ? ""
                                                                                                   : both;
  }
  return expected == actual ? "" : both;
}

// The command line for a vector; replaces `secure_channel` by what is expected of it.
std::vector<std::string> arguments(const json::object& vector, json::object& expected) {
  const std::string protocol(vector.at("protocol").as_string());
  std::vector<std::string> words{protocol, std::string(vector.at("hex").as_string()), "--json"};
  const auto add = [&words](std::string_view option, const json::value& value) {
    const std::string text = value.is_string() ? std::string(value.as_string()) : json::serialize(value);
    if (!value.is_null() && !text.empty()) words.insert(words.end(), {std::string(option), text});
  };
  if (protocol == "wiegand" && expected.contains("bit_count")) add("--bits", expected.at("bit_count"));
  if (protocol == "osdp-payload") {
    add("--code", expected.at("code"));
    add("--direction", vector.at("direction"));
  }
  if (!expected.contains("secure_channel") || !expected.at("secure_channel").is_object()) return words;
  const json::object secure = expected.at("secure_channel").as_object();
  expected.erase("secure_channel");
  expected.erase("fields");
  constexpr std::pair<const char*, const char*> keys[] = {
      {"--s-enc", "s_enc"}, {"--s-mac1", "s_mac1"}, {"--s-mac2", "s_mac2"}, {"--prev-mac", "prev_mac"}};
  for (const auto& [option, key] : keys) {
    if (secure.contains(key)) add(option, secure.at(key));
  }
  for (const char* key : {"mac_ok", "plaintext_hex"}) {
    if (secure.contains(key)) expected[key] = secure.at(key);
  }
  return words;
}

// A 24-bit number behind two parity bits has the very bits of H10301: which of the two it is, the reader's
// configuration says, and the command has no option for it. Its number is compared all the same.
bool same_bits_as_h10301(const json::object& expected) {
  const auto* format = expected.if_contains("format");
  return format != nullptr && *format == "26-bit raw";
}

void check_vector(const json::object& vector) {
  if (vector.at("hex").as_string().empty()) return;
  json::object expected = vector.at("expected").as_object();
  const std::vector<std::string> words = arguments(vector, expected);
  const json::value* valid = expected.if_contains("valid");
  const json::value* negative = vector.if_contains("negative");
  const bool must_reject =
      (valid != nullptr && *valid == false) || (negative != nullptr && *negative == true);
  CAPTURE(words[0]);
  CAPTURE(words[1]);
  std::ostringstream out, err;
  REQUIRE(run_decode(words, out, err) == (must_reject ? 1 : 0));
  const json::value actual = json::parse(out.str());
  CHECK(actual.at("valid") == !must_reject);
  if (same_bits_as_h10301(expected)) expected.erase("format");
  if (!must_reject) CHECK(difference(expected, actual, "") == "");
}

}  // namespace

TEST_CASE("the vector files are decoded as they expect") {
  for (const auto& file : vectors::files()) {
    CAPTURE(file.string());
    std::ifstream stream(file);
    REQUIRE(stream.good());
    std::stringstream text;
    text << stream.rdbuf();
    const json::value parsed = json::parse(text.str());
    const json::array& vectors = parsed.is_object() ? parsed.at("vectors").as_array() : parsed.as_array();
    for (const json::value& vector : vectors) check_vector(vector.as_object());
  }
}

}  // namespace tocsin::decode
