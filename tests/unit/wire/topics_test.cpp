#include "sync/wire/topics.h"

#include <doctest/doctest.h>

#include "sync/wire/text.h"

using namespace tocsin::wire;

TEST_CASE("a gateway id is 3 to 32 of a-z, 0-9 and hyphen") {
  CHECK(is_gateway_id("b12"));
  CHECK(is_gateway_id("wangjing-b12"));
  CHECK(is_gateway_id(std::string(32, 'a')));
  for (const char* bad : {"", "ab", "Wangjing", "a/b", "a+b", "a#b", "gw a", "gw.1", "gw_1"})
    CHECK_FALSE(is_gateway_id(bad));
  CHECK_FALSE(is_gateway_id(std::string(33, 'a')));
}

TEST_CASE("a community's shard is the first byte of its SHA-256") {
  // source: printf '' | sha256sum; printf abc | sha256sum (FIPS 180-4 example)
  CHECK(shard_of("") == "e3");
  CHECK(shard_of("abc") == "ba");
}

TEST_CASE("a topic is built and taken apart") {
  const std::string topic = gateway_topic("abc", "wangjing-b12", "up/hello");
  CHECK(topic == "tocsin/1/ba/wangjing-b12/up/hello");
  const auto parsed = parse_gateway_topic(topic);
  REQUIRE(parsed);
  CHECK(parsed->shard == "ba");
  CHECK(parsed->gateway == "wangjing-b12");
  CHECK(parsed->suffix == "up/hello");
}

TEST_CASE("topics that are not ours are refused") {
  for (const char* bad :
       {"", "tocsin/1/", "tocsin/2/ba/gw1/up/hello", "tocsin/1/BA/gw1/up/hello", "tocsin/1/ba/gw1",
        "tocsin/1/ba/gw1/", "tocsin/1/ba/GW1/up/hello", "tocsin/1/b/gw1/up/hello", "$SYS/broker/uptime"})
    CHECK_FALSE(parse_gateway_topic(bad));
  CHECK_FALSE(parse_gateway_topic("tocsin/1/ba/gw1/" + std::string(60000, 'x')));
}

TEST_CASE("text becomes valid UTF-8, and valid text stays") {
  for (const char* good : {"", "plain", "\xE7\x83\x9F\xE6\x84\x9F", "\xF0\x9F\x94\xA5",
                           "\xC2\xB0"
                           "C"})
    CHECK(clean_text(good) == good);
  CHECK(clean_text("a\xFFz") == "a?z");
  CHECK(clean_text("\xC0\xAF") == "??");            // overlong slash
  CHECK(clean_text("\xED\xA0\x80") == "???");       // surrogate
  CHECK(clean_text("\xF4\x90\x80\x80") == "????");  // above U+10FFFF
  CHECK(clean_text("\xE7\x83") == "??");            // cut off
  CHECK(clean_text("\xC2") == "?");
}
