// Every device model of drivers/profiles: read by the daemon's own loader, checked by its protocol, and
// compared with its golden expansion. UPDATE_GOLDEN=1 writes the goldens anew; review what changed.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "drivers/io/registry.h"
#include "drivers/profiles/load.h"

using namespace tocsin;
namespace fs = std::filesystem;

namespace {

fs::path source_dir() {
  const char* dir = std::getenv("TOCSIN_SOURCE");
  return dir != nullptr ? dir : ".";
}
const fs::path profile_dir = source_dir() / "drivers/profiles";
const fs::path golden_dir = source_dir() / "tests/golden/profiles";

std::string text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// "smoke/uniguard-ug3", sorted.
std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(profile_dir))
    if (entry.path().extension() == ".toml")
      names.push_back(fs::relative(entry.path(), profile_dir).replace_extension().generic_string());
  std::sort(names.begin(), names.end());
  return names;
}

fs::path golden_of(const std::string& name) {
  std::string file = name;
  std::replace(file.begin(), file.end(), '/', '-');
  return golden_dir / (file + ".txt");
}

std::shared_ptr<driver::Profile> load(const std::string& text, const std::string& name,
                                      std::string& problems) {
  config::Problems found;
  auto profile = profiles::load(text, name + ".toml", name, found);
  for (const auto& problem : found.list()) problems += to_string(problem) + "\n";
  return profile;
}

std::shared_ptr<driver::Profile> load(const std::string& name) {
  std::string problems;
  auto profile = load(text_of(profile_dir / (name + ".toml")), name, problems);
  CHECK_MESSAGE(problems.empty(), problems);
  REQUIRE(profile != nullptr);
  return profile;
}

std::string problems_of(const std::string& text) {
  std::string problems;
  load(text, "kind/model", problems);
  return problems;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A good address for a device of the protocol.
std::string address_of(const std::string& protocol) {
  if (protocol == "dlt645") return "000000000001";
  if (protocol == "cjt188") return "00000000000001";
  return "1";
}

const std::string smallest = R"(
label = "One value"
protocol = "modbus"
source = "none: a test"
[[point]]
name = "value"
from = { table = "holding", address = 0 }
life_safety = true
)";

}  // namespace

TEST_CASE("there are the device models that were promised, by kind") {
  std::map<std::string, int> kinds;
  for (const auto& name : profile_names()) ++kinds[name.substr(0, name.find('/'))];
  CHECK(kinds["smoke"] + kinds["gas"] + kinds["toxic"] >= 6);
  CHECK(kinds["meter"] >= 5);
  CHECK(kinds["water"] + kinds["heat"] >= 3);
  CHECK(kinds["io"] >= 3);
  CHECK(kinds["environment"] >= 3);
}

TEST_CASE("every profile is accepted by the loader and by its protocol, and its device can be made") {
  for (const auto& name : profile_names()) {
    CAPTURE(name);
    const auto profile = load(name);
    const auto* protocol = io::find_protocol(profile->protocol);
    REQUIRE(protocol != nullptr);
    for (const auto& point : profile->points) {
      CAPTURE(point.name);
      for (const auto& wrong : protocol->check_source(point)) FAIL_CHECK(wrong);
    }
    driver::DeviceSpec device;
    device.name = "device";
    device.profile = profile;
    device.address = address_of(profile->protocol);
    const auto made = io::make_device(device);
    if (!made) FAIL_CHECK(to_string(made.error()));
  }
}

TEST_CASE(
    "every profile of a life-safety class has its rule, and its fault or status points are watched in time") {
  for (const auto& name : profile_names()) {
    CAPTURE(name);
    const auto profile = load(name);
    const std::string kind = name.substr(0, name.find('/'));
    const bool safety =
        kind == "smoke" || kind == "gas" || kind == "toxic" || kind == "callpoint" || kind == "sos";
    const bool ruled = std::any_of(profile->rules.begin(), profile->rules.end(),
                                   [](const auto& spec) { return is_life_safety(spec.rule.cls); });
    CHECK(safety == ruled);
    CHECK(profile->fire_detector == (kind == "smoke"));
    CHECK(profile->call_point == (kind == "callpoint"));
    for (const auto& point : profile->points)
      if (point.life_safety) CHECK(point.period <= point.deadline);
  }
}

TEST_CASE("every profile is as its golden says") {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::set<std::string> expected;
  for (const auto& name : profile_names()) {
    CAPTURE(name);
    const auto profile = load(name);
    const std::string text = "# source: " + profile->source + "\n" + profiles::describe(*profile);
    const fs::path golden = golden_of(name);
    expected.insert(golden.filename().string());
    if (update) std::ofstream(golden, std::ios::binary) << text;
    CHECK_MESSAGE(text_of(golden) == text, "review it, then run this test with UPDATE_GOLDEN=1");
  }
  for (const auto& entry : fs::directory_iterator(golden_dir))
    CHECK_MESSAGE(expected.count(entry.path().filename().string()) == 1, entry.path().filename().string()
                                                                             << " has no profile any more");
}

TEST_CASE("what a wrong profile is told") {
  CHECK(problems_of(smallest).empty());
  CHECK(says(problems_of(smallest + "unitt = \"V\"\n"), "unitt"));
  CHECK(says(problems_of(smallest + "scale = 0\n"), "a factor that is not 0"));
  CHECK(says(problems_of(smallest + "min = 5\nmax = 5\n"), "more than min"));
  CHECK(says(problems_of(smallest + "deadline = \"7s\"\n"), "200ms to 6s"));
  CHECK(
      says(problems_of(smallest + "[[point]]\nname = \"value\"\nfrom = { table = \"coil\", address = 1 }\n"),
           "a name that no other point has"));
  const auto rule = [](const std::string& body) {
    return problems_of(smallest + "[[rule]]\npoint = \"value\"\nname = \"r\"\n" + body);
  };
  CHECK(rule("class = \"gas\"\nlatch = true\nlatch_from = \"a2\"\nlevels = [{ stage = \"a1\", above = 1 }]\n")
            .empty());
  CHECK(says(rule("class = \"gas\"\nlatch_from = \"a2\"\nlevels = [{ stage = \"a1\", above = 1 }]\n"),
             "latch = true"));
  CHECK(
      says(rule("class = \"fire\"\nlevels = [{ stage = \"confirmed\", any_bit = 1 }]\n"), "GB 50116 4.1.6"));
  CHECK(says(rule("class = \"gas\"\non_delay = \"1s\"\nlevels = [{ stage = \"a1\", above = 1 }]\n"),
             "no on_delay"));
  CHECK(
      says(rule("class = \"gas\"\nlevels = [{ stage = \"a2\", above = 1 }, { stage = \"a1\", above = 2 }]\n"),
           "a stage above the one before"));
  CHECK(says(rule("class = \"gas\"\nlevels = [{ stage = \"a1\", above = 1, below = 2 }]\n"),
             "exactly one condition"));
}
