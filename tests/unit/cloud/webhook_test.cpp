// Messages to webhooks: their signature, addresses, pauses and the order of the outbox.
#include "cloud/desk/webhook.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;
using samples::done;
namespace json = boost::json;

TEST_CASE("the signature covers time and body; source: openssl, by the line below") {
  // printf '1795312800.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of the test'
  CHECK(signature_of(R"({"a":1})", "a secret of the test", samples::noon) ==
        "t=1795312800,v1=52b086db312cdd7c18fd14de608f001987a23676f39cd616ecfc358dbb145b9b");
  CHECK(signature_of("x", "one", samples::noon) != signature_of("x", "two", samples::noon));
}

TEST_CASE("addresses are taken apart, nonsense is refused") {
  const auto full = parse_webhook_url("https://pm.example:8443/hook?x=1");
  REQUIRE(full);
  CHECK(full->tls);
  CHECK(full->host == "pm.example");
  CHECK(full->port == "8443");
  CHECK(full->path == "/hook?x=1");
  CHECK(parse_webhook_url("https://pm.example")->port == "443");
  CHECK(parse_webhook_url("https://pm.example")->path == "/");
  CHECK(parse_webhook_url("http://127.0.0.1:8000/")->port == "8000");
  CHECK(parse_webhook_url("http://[::1]:8000/x")->host == "::1");
  for (const char* url : {"", "ftp://x/", "https://", "https://:80/", "https://x:0/", "https://x:65536/",
                          "https://user@x/", "https://x/a b", "https://x/#y", "x.example"})
    CHECK_FALSE(parse_webhook_url(url));
}

TEST_CASE("each attempt says which it is, and whether an earlier one may have arrived") {
  Notice notice;
  notice.number = 7;
  notice.body = R"({"kind":"call"})";
  auto body = json::parse(body_of(notice));
  CHECK(body.at("notice") == 7);
  CHECK(body.at("attempt") == 1);
  CHECK(body.at("possible_repeat") == false);
  CHECK(body.at("kind") == "call");
  notice.attempts = 3;
  notice.unclear = true;
  body = json::parse(body_of(notice));
  CHECK(body.at("attempt") == 4);
  CHECK(body.at("possible_repeat") == true);
}

TEST_CASE("pauses grow to a minute") {
  CHECK(pause_after(1).count() == 1);
  CHECK(pause_after(2).count() == 2);
  CHECK(pause_after(6).count() == 32);
  CHECK(pause_after(7).count() == 60);
  CHECK(pause_after(1000).count() == 60);
}

TEST_CASE(
    "the outbox gives life safety first, then in order, each target its own, and keeps what was not taken") {
  const auto store = samples::store();
  CHECK(done(*store, [&] {
    const auto add = [&](const std::string& target, const std::string& alarm, bool urgent) {
      Notice notice;
      notice.target = target;
      notice.alarm_id = alarm;
      notice.urgent = urgent;
      notice.created = notice.due = samples::noon;
      notice.body = "{}";
      store->add_notice(notice);
    };
    add("a", "first", false);
    add("a", "second", false);
    add("a", "fire", true);
    add("b", "other", false);
    auto due = store->notices_due("a", samples::noon, 10);
    REQUIRE(due.size() == 3);
    CHECK(due[0].alarm_id == "fire");
    CHECK(due[1].alarm_id == "first");
    store->save_attempt(due[0].number, samples::noon + std::chrono::seconds(2), 1, true);
    CHECK(store->notices_due("a", samples::noon, 10).size() == 2);
    due = store->notices_due("a", samples::noon + std::chrono::seconds(2), 1);
    REQUIRE(due.size() == 1);
    CHECK(due[0].attempts == 1);
    CHECK(due[0].unclear);
    store->remove_notice(due[0].number);
    CHECK(store->notices_waiting().at("a") == 2);
    CHECK(store->notices_waiting().at("b") == 1);
    CHECK(store->trim_notices(samples::noon + std::chrono::milliseconds(1), 10) == 3);
  }));
}
