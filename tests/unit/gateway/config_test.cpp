#include <doctest/doctest.h>

#include "drivers/profiles/load.h"
#include "tests/support/sample_config.h"

using namespace tocsin;

namespace {

std::string problems_of(const std::string& from, const std::string& to) {
  std::string toml = test::sample_toml;
  const auto at = toml.find(from);
  REQUIRE(at != std::string::npos);
  toml.replace(at, from.size(), to);
  config::Problems problems;
  const auto config = gateway::load_config(test::sample_files(toml), problems);
  CHECK(config.has_value() == problems.ok());
  return test::text_of(problems);
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the sample is accepted whole") {
  config::Problems problems;
  const auto config = gateway::load_config(test::sample_files(), problems);
  REQUIRE_MESSAGE(config.has_value(), test::text_of(problems));
  CHECK(config->devices.size() == 4);
  CHECK(config->matrix.effects.size() == 2);
  CHECK(config->matrix.effects[0].safe == false);
  CHECK(config->matrix.effects[0].active == false);
  CHECK(config->matrix.effects[0].normal == true);
  CHECK(config->buses[0].devices.size() == 4);
}

TEST_CASE("what a wrong configuration is told") {
  CHECK(says(problems_of("smoke/uniguard-ug3", "smoke/nobody"),
             "device.smoke-1.profile: found \"smoke/nobody\""));
  CHECK(says(problems_of("address = 2", "address = 1"), "smoke-1 has it already"));
  CHECK(says(problems_of("address = 2\nzone = \"3F\"", "address = 2"), "device.smoke-2.zone: found nothing"));
  CHECK(says(problems_of("zone = \"3F\"\n[device.smoke-2]", "zone = \"4F\"\n[device.smoke-2]"), "[zone.4F]"));
  CHECK(says(problems_of("relay-1/ch1", "relay-1/in1"), "not mark this point writable"));
  CHECK(says(problems_of("relay-1/ch1", "relay-7/ch1"), "a point of a configured device"));
  CHECK(says(problems_of("mqtt://127.0.0.1:1883", "mqtt://10.0.0.1:1883"),
             "without TLS is accepted only to loopback"));
  CHECK(says(problems_of("then = [\"stair-door\", \"gas-valve\"]", "then = [\"stair\"]"),
             "there is no 'stair'"));
  CHECK(says(problems_of("mode = \"latch\"", "mode = \"sometimes\""), "one of while, latch, pulse"));
  CHECK(says(problems_of("id = \"wangjing-b12\"", "id = \"W\""), "3 to 32 of a-z"));
  CHECK(says(problems_of("floor = \"3\"", "flor = \"3\""), "zone.3F.flor: found an unknown key"));
  CHECK(says(problems_of("port = \"127.0.0.1:1502\"", "port = \"somewhere\""), "\"address:port\""));
}

TEST_CASE("a bus that can miss a detection deadline is refused, with both times and what to do") {
  const auto text = problems_of("type = \"modbus-tcp\"\nport = \"127.0.0.1:1502\"",
                                "type = \"modbus-rtu\"\nport = \"/dev/ttyS0\"\nbaud = 1200");
  CHECK(says(text, "gateway.toml:5: bus.riser-a: "));
  CHECK(says(text, "to be detected, its deadline is 3s"));
  CHECK(says(text, "move some to another bus"));
  CHECK(says(
      problems_of("zone = \"3F\"\n[device.smoke-2]", "zone = \"3F\"\ndeadline = \"1s\"\n[device.smoke-2]"),
      "smoke-1/mounted can take"));
}

TEST_CASE("a bus whose devices are slower than usual says so, and is judged by that") {
  CHECK(problems_of("port = \"127.0.0.1:1502\"", "port = \"127.0.0.1:1502\"\nanswer = \"40ms\"").empty());
  CHECK(says(problems_of("port = \"127.0.0.1:1502\"", "port = \"127.0.0.1:1502\"\nanswer = \"300ms\""),
             "its deadline is 3s"));
}

TEST_CASE("several errors are told at once, in the order of the file") {
  const auto text =
      problems_of("id = \"wangjing-b12\", board = \"generic-x86\"", "id = \"W\", board = \"none\"");
  CHECK(says(text, "gateway.toml:2: gateway.id"));
  CHECK(says(text, "gateway.toml:2: gateway.board"));
}

TEST_CASE("DL/T 645 and CJ/T 188 meters share a line, no others do") {
  const auto said = [](const std::string& type, const std::string& profile, const std::string& address) {
    return problems_of("[zone.3F]", "[bus.meters]\ntype = \"" + type +
                                        "\"\nport = \"/dev/ttyS9\"\n[device.m]\nprofile = \"" + profile +
                                        "\"\nbus = \"meters\"\naddress = " + address + "\n[zone.3F]");
  };
  CHECK_FALSE(says(said("cjt188", "meter/dlt645-2007", "\"181226034194\""), "device.m"));
  CHECK_FALSE(says(said("dlt645", "water/cjt188", "\"00000010000192\""), "device.m"));
  CHECK(says(said("dlt645", "water/mbus", "5"), "device.m.bus"));
  CHECK(says(said("mbus", "water/cjt188", "\"00000010000192\""), "device.m.bus"));
  CHECK(says(said("cjt188", "meter/dlt645-2007", "\"1812260341940\""), "at most 12 digits"));
}

TEST_CASE("a meter's valve is opened from afar only by permission, and never a gas valve") {
  const auto said = [](const std::string& profile, const std::string& address, const std::string& allowed) {
    return problems_of(
        "[zone.3F]", "[bus.meters]\ntype = \"cjt188\"\nport = \"/dev/ttyS9\"\n[device.m]\nprofile = \"" +
                         profile + "\"\nbus = \"meters\"\naddress = \"" + address + "\"\nvalve_control = \"" +
                         allowed + "\"\n[zone.3F]");
  };
  CHECK(says(said("meter/cjt188-gas", "30/00000010000192", "open-and-close"), "device.m.valve_control"));
  CHECK(says(said("meter/cjt188-gas", "10000192", "open-and-close"), "device.m.valve_control"));
  CHECK_FALSE(says(said("meter/cjt188-gas", "30/00000010000192", "close"), "device.m"));
  CHECK_FALSE(says(said("water/cjt188-valve", "10/00000010000192", "open-and-close"), "device.m"));
  CHECK(says(said("water/cjt188", "10/00000010000192", "close"), "no valve"));
  CHECK(says(said("water/cjt188-valve", "zz/00000010000192", "close"), "a meter type 10 to 49"));
}

TEST_CASE("a key for orders is whole and speaks of zones and effects of this file") {
  const auto said = [](const std::string& table) {
    return problems_of("[annunciator.lobby]", "[key.desk]\n" + table + "\n[annunciator.lobby]");
  };
  const std::string open = "public = \"" + std::string(64, 'a') + "\"\n";
  CHECK_FALSE(says(said(open + "may = [\"doors\", \"reset\"]\nzones = [\"3F\"]"), "key.desk"));
  CHECK(says(said("may = [\"doors\"]\npublic = \"abcd\""), "64 hex digits"));
  CHECK(says(said(open), "at least one of doors"));
  CHECK(says(said(open + "may = [\"everything\"]"), "not 'everything'"));
  CHECK(says(said(open + "may = [\"doors\"]\nzones = [\"9F\"]"), "not '9F'"));
  CHECK(says(said(open + "may = [\"doors\"]\neffects = [\"gate\"]"), "not 'gate'"));
  CHECK(says(said(open + "may = [\"doors\"]\n[key.copy]\n" + open + "may = [\"doors\"]"), "has the same"));
}
