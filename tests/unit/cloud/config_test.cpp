// cloud.toml: the sample of the design, and every mistake at once.
#include "cloud/app/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/support/temp_dir.h"

using namespace tocsin;
using namespace tocsin::cloud;

namespace {

constexpr const char* sample = R"(
field = { broker = "mqtts://127.0.0.1:8883", ca = "ca.pem", cert = "cloud.pem", key = "/etc/cloud.key" }
city  = { broker = "mqtt://127.0.0.1:1884" }
api   = { listen = "127.0.0.1:0" }
store = { url = "sqlite:" }

[community.wangjing-west]
adcode = "110105"
gateways = ["wangjing-b12", "annex-1"]

[site."wangjing-west/b12"]
address = "12 Wangjing Road"
lat = 39.99
lon = 116.47

[site."wangjing-west/annex"]
gateways = ["annex-1"]
)";

Config read(const std::string& text, config::Problems& problems) {
  const auto document = config::parse(text, "cloud.toml", problems);
  REQUIRE(document);
  return read_config(*document, "/etc/tocsin");
}

}  // namespace

TEST_CASE("the sample is good; files are beside it, gateways find their buildings") {
  config::Problems problems;
  const Config config = read(sample, problems);
  CHECK(problems.ok());
  CHECK(config.field.credentials.ca == "/etc/tocsin/ca.pem");
  CHECK(config.field.credentials.key == "/etc/cloud.key");
  REQUIRE(config.places.size() == 2);
  CHECK(config.places[0].site.building == "b12");
  CHECK(config.places[0].site.lat == 39.99);
  CHECK(config.places[1].site.building == "annex");
  CHECK(config.listen_port == 0);
  CHECK(config.sites.size() == 2);
}

TEST_CASE("without a site a gateway is its own building") {
  config::Problems problems;
  const Config config = read(
      "field={broker=\"mqtt://127.0.0.1\"}\n[community.a]\nadcode=\"110105\"\ngateways=[\"gw-1\"]", problems);
  CHECK(problems.ok());
  CHECK(config.places[0].site.building == "gw-1");
  CHECK_FALSE(config.city);
}

TEST_CASE("every mistake is reported, with its line") {
  config::Problems problems;
  read(R"(
field = { broker = "mqtt://field.example:1883" }
city  = { broker = "http://x" }
api   = { listen = "0.0.0.0:8080" }
store = { url = "oracle:" }
typo  = 1
[community.a]
adcode = "11"
gateways = ["Gw", "gw-1", "gw-1"]
[site."b/c"]
)",
       problems);
  problems.sort();
  std::vector<int> lines;
  for (const auto& problem : problems.list()) lines.push_back(problem.line);
  for (const int line : {2, 3, 4, 5, 6, 8, 9, 10}) {
    INFO("line ", line);
    CHECK(std::count(lines.begin(), lines.end(), line) >= 1);
  }
}

TEST_CASE("webhooks and duty lists are read, and each mistake in them reported") {
  const test::TempDir dir;
  std::ofstream(dir.path() / "good.secret") << "0123456789abcdef\n";
  std::ofstream(dir.path() / "short.secret") << "0123\n";
  std::ofstream(dir.path() / "open.secret") << "0123456789abcdef\n";
  using std::filesystem::perms;
  std::filesystem::permissions(dir.path() / "good.secret", perms::owner_read);
  std::filesystem::permissions(dir.path() / "short.secret", perms::owner_read);
  std::filesystem::permissions(dir.path() / "open.secret", perms::owner_read | perms::others_read);
  const auto load = [&](const std::string& more, config::Problems& problems) {
    const auto document = config::parse(sample + more, "cloud.toml", problems);
    REQUIRE(document);
    return read_config(*document, dir.path());
  };
  const std::string good =
      "[webhook.guard]\nurl=\"https://pm.example/x\"\nsecret_file=\"good.secret\"\n"
      "communities=[\"wangjing-west\"]\n"
      "[[duty.wangjing-west]]\ncontact=\"guard\"\nwebhook=\"guard\"\n";
  config::Problems none;
  const Config config = load(good, none);
  CHECK(none.ok());
  REQUIRE(config.webhooks.size() == 1);
  CHECK(config.webhooks[0].secret == "0123456789abcdef");
  CHECK(config.desk.duty.at("wangjing-west").contacts[0].webhook == "guard");
  CHECK(config.desk.feeds.at("wangjing-west").contains("guard"));
  CHECK(config.desk.places.contains("wangjing-b12"));

  const std::string head = "[webhook.w]\nurl=\"https://x\"\nsecret_file=\"good.secret\"\n";
  for (const std::string& wrong :
       {std::string("[webhook.w]\nurl=\"http://pm.example/\"\nsecret_file=\"good.secret\"\n"),
        std::string("[webhook.w]\nurl=\"pm.example\"\nsecret_file=\"good.secret\"\n"),
        std::string("[webhook.w]\nurl=\"https://x\"\nsecret_file=\"absent\"\n"),
        std::string("[webhook.w]\nurl=\"https://x\"\nsecret_file=\"short.secret\"\n"),
        std::string("[webhook.w]\nurl=\"https://x\"\nsecret_file=\"open.secret\"\n"),
        head + "ca=\"absent.pem\"\n", head + "communities=[\"unknown\"]\n", head + "secret=\"x\"\n",
        head + "[[duty.unknown]]\ncontact=\"a\"\nwebhook=\"w\"\n",
        head + "[[duty.wangjing-west]]\ncontact=\"a\"\nwebhook=\"other\"\n",
        head + "[[duty.wangjing-west]]\nwebhook=\"w\"\n"}) {
    CAPTURE(wrong);
    config::Problems problems;
    load(wrong, problems);
    CHECK(std::count_if(problems.list().begin(), problems.list().end(), [](const config::Problem& one) {
            return one.file == "cloud.toml" && one.line > 0;
          }) >= 1);
    CHECK_FALSE(problems.ok());
  }
}
