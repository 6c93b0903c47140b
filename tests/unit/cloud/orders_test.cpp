// Orders to gateways at the cloud: keys, the API's requests, and the book that follows the answers.
#include <fstream>

#include <boost/json.hpp>
#include <doctest/doctest.h>
#include <sodium.h>
#include <sys/stat.h>

#include "cloud/api/audit.h"
#include "cloud/api/routes.h"
#include "cloud/commands/book.h"
#include "cloud/commands/signing_key.h"
#include "core/bytes/hex.h"
#include "samples.h"
#include "tests/support/temp_dir.h"

using namespace tocsin;
using namespace tocsin::cloud;
using samples::done;
namespace json = boost::json;

namespace {

const std::string gateway = "wangjing-b12";
const Grant manager{Role::manager, {}, "manager:0"};
const Grant guard{Role::operator_, {}, "operator:0"};
const Grant viewer{Role::viewer, {}, "viewer:0"};

struct Desk {
  std::unique_ptr<Store> store = samples::store();
  SystemFigures figures;
  UtcTime now = samples::noon;
  bool changed = false;

  Desk() {
    figures.communities[gateway] = "wangjing-west";
    figures.can_sign = true;
  }
  HttpAnswer ask(const std::string& method, const std::string& target, const Grant& grant,
                 const std::string& body = {}) {
    const auto request = parse_target(method, target, "", body);
    REQUIRE(request);
    Routed routed = route(*request, grant, figures, now);
    if (auto* answer = std::get_if<HttpAnswer>(&routed)) return *answer;
    StoreAnswer result;
    REQUIRE(done(*store, [&] { result = std::get<StoreWork>(routed)(*store); }));
    changed = result.orders_changed;
    return result.answer;
  }
  std::string order(const std::string& body =
                        R"({"point":"effect/door","operation":"pulse","arguments":{"seconds":"5"}})") {
    const auto answer = ask("POST", "/api/v1/gateways/wangjing-b12/commands", manager, body);
    REQUIRE(answer.status == 202);
    return std::string(json::parse(answer.body).at("id").as_string());
  }
  json::object state(const std::string& id) {
    const auto answer = ask("GET", "/api/v1/gateways/wangjing-b12/commands/" + id, viewer);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body).as_object();
  }
  void answer(const std::string& id, const std::string& outcome, const std::string& refusal = {}) {
    wire::AnswerReport report;
    report.command_id = *bytes::from_hex(id);
    report.outcome = outcome;
    report.refusal = refusal;
    REQUIRE(done(*store, [&] { apply_answer(*store, gateway, report, now); }));
  }
  std::vector<Order> to_send() {
    std::vector<Order> orders;
    REQUIRE(done(*store, [&] { orders = orders_to_send(*store, now); }));
    return orders;
  }
};

}  // namespace

TEST_CASE("a key is made once, readable by its owner alone, and signs what its public half verifies") {
  const test::TempDir dir;
  const auto open = create_signing_key(dir.path(), "desk");
  REQUIRE(open.has_value());
  struct stat about {};
  REQUIRE(::stat((dir.path() / "keys/desk.key").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0400);
  CHECK(create_signing_key(dir.path(), "desk").error().fault == Fault::refused);
  CHECK(create_signing_key(dir.path(), "../desk").error().fault == Fault::bad_input);

  const auto key = SigningKey::load(dir.path(), "");
  REQUIRE(key.has_value());
  const Bytes payload{1, 2, 3};
  const auto order = wire::decode_signed(key->sign(payload));
  REQUIRE(order.has_value());
  CHECK(order->key_id == "desk");
  CHECK(order->payload == payload);
  const auto public_key = bytes::from_hex(*open);
  CHECK(crypto_sign_verify_detached(order->signature.data(), payload.data(), payload.size(),
                                    public_key->data()) == 0);
}

TEST_CASE("without a key, with several, or with one that others may read nothing is signed") {
  const test::TempDir dir;
  CHECK(SigningKey::load(dir.path(), "").error().fault == Fault::not_found);
  REQUIRE(create_signing_key(dir.path(), "a").has_value());
  REQUIRE(create_signing_key(dir.path(), "b").has_value());
  CHECK(SigningKey::load(dir.path(), "").error().fault == Fault::refused);
  CHECK(SigningKey::load(dir.path(), "b").has_value());
  ::chmod((dir.path() / "keys/b.key").c_str(), 0440);
  CHECK(SigningKey::load(dir.path(), "b").error().detail.find("chmod 0400") != std::string::npos);
}

TEST_CASE("who may order what: operators act, managers let it stay, others look") {
  Desk desk;
  const std::string commands = "/api/v1/gateways/wangjing-b12/commands";
  const std::string pulse = R"({"point":"effect/door","operation":"pulse","arguments":{"seconds":"5"}})";
  const std::string hold = R"({"point":"effect/door","operation":"hold","arguments":{"word":"open"}})";
  const std::string desired = R"({"outputs":{"fan":"running"},"valid_for_s":60,"on_expiry":"safe"})";
  CHECK(desk.ask("POST", commands, guard, pulse).status == 202);
  CHECK(desk.changed);
  CHECK(desk.ask("POST", commands, guard, hold).status == 403);
  CHECK(desk.ask("POST", commands, manager, hold).status == 202);
  CHECK(desk.ask("POST", commands, viewer, pulse).status == 403);
  CHECK(desk.ask("GET", commands, viewer).status == 200);
  CHECK(desk.ask("POST", commands, Grant{Role::admin, {"other"}, "x"}, pulse).status == 404);
  CHECK(desk.ask("GET", commands, Grant{Role::city, {}, "c"}).status == 403);
  CHECK(desk.ask("PUT", "/api/v1/gateways/wangjing-b12/desired", guard, desired).status == 403);
  CHECK(desk.ask("PUT", "/api/v1/gateways/wangjing-b12/desired", manager, desired).status == 202);
  CHECK(desk.ask("DELETE", commands, manager).status == 405);
  CHECK(desk.ask("POST", "/api/v1/gateways/nobody/commands", manager, pulse).status == 404);
  desk.figures.can_sign = false;
  CHECK(desk.ask("POST", commands, manager, pulse).status == 503);
  REQUIRE(done(*desk.store, [&] {
    const auto report = verify_audit(*desk.store);
    CHECK(report.entries == 3);
    CHECK_FALSE(report.broken_at);
  }));
}

TEST_CASE("a body that makes no sense is refused in words") {
  Desk desk;
  for (const char* body :
       {"", "[]", "{", R"({"point":"a"})", R"({"operation":"pulse"})",
        R"({"point":"a","operation":"explode"})", R"({"point":"a","operation":"hold","more":1})",
        R"({"point":"","operation":"hold"})", R"({"point":"a","operation":"hold","arguments":{"word":1}})",
        R"({"point":"a","operation":"hold","valid_for_s":601})",
        R"({"point":"a","operation":"hold","valid_for_s":"60"})"}) {
    const auto answer = desk.ask("POST", "/api/v1/gateways/wangjing-b12/commands", manager, body);
    CHECK_MESSAGE(answer.status == 400, body);
    CHECK(answer.body.find("error") != std::string::npos);
  }
  for (const char* body :
       {"{}", R"({"outputs":{},"valid_for_s":60})", R"({"outputs":{"a":"b"},"on_expiry":"safe"})",
        R"({"outputs":{"a":"b"},"valid_for_s":60,"on_expiry":"later"})",
        R"({"outputs":["a"],"valid_for_s":60,"on_expiry":"safe"})"})
    CHECK_MESSAGE(desk.ask("PUT", "/api/v1/gateways/wangjing-b12/desired", manager, body).status == 400,
                  body);
}

TEST_CASE("an order is followed from sent to done; a late copy changes nothing") {
  Desk desk;
  const auto id = desk.order();
  CHECK(desk.state(id).at("state") == "sent");
  CHECK(desk.to_send().size() == 1);
  desk.answer(id, "accepted");
  CHECK(desk.to_send().empty());
  desk.answer(id, "refused", "replayed");
  CHECK(desk.state(id).at("state") == "accepted");
  desk.answer(id, "done");
  desk.answer(id, "indeterminate");
  CHECK(desk.state(id).at("state") == "done");
  CHECK(desk.ask("GET", "/api/v1/gateways/other/commands/" + id, manager).status == 404);
}

TEST_CASE("refused for its session an order is signed anew with a new counter, a few times") {
  Desk desk;
  const auto id = desk.order();
  const auto first = desk.to_send().front().number;
  for (const char* word : {"stale-session", "wrong-session", "replayed"}) {
    desk.answer(id, "refused", word);
    CHECK(desk.state(id).at("state") == "sent");
  }
  CHECK(desk.to_send().front().number == first + 3);
  desk.answer(id, "refused", "wrong-session");
  CHECK(desk.state(id).at("state") == "refused");
}

TEST_CASE("a forgery that claims the id of a genuine order does not end it") {
  Desk desk;
  const auto id = desk.order();
  desk.answer(id, "refused", "bad-signature");
  CHECK(desk.state(id).at("state") == "sent");
  CHECK(desk.state(id).at("refusal") == "bad-signature");
  desk.answer(id, "accepted");
  CHECK(desk.state(id).at("refusal").is_null());
}

TEST_CASE("an order without an answer expires, and a later answer still tells the truth") {
  Desk desk;
  const auto id = desk.order();
  desk.now += std::chrono::seconds(61);
  CHECK(desk.to_send().empty());
  CHECK(desk.state(id).at("state") == "sent");  // an answer may be on its way
  desk.now += std::chrono::seconds(5);
  CHECK(desk.to_send().empty());
  CHECK(desk.state(id).at("state") == "expired");
  desk.answer(id, "accepted");
  CHECK(desk.state(id).at("state") == "accepted");
}

TEST_CASE("desired outputs have a rising version and are sent until it is told") {
  Desk desk;
  const std::string path = "/api/v1/gateways/wangjing-b12/desired";
  const std::string body = R"({"outputs":{"fan":"running"},"valid_for_s":3600,"on_expiry":"hold"})";
  CHECK(desk.ask("GET", path, viewer).status == 404);
  desk.figures.desired_applied[gateway] = 7;
  const auto first = desk.ask("PUT", path, manager, body);
  CHECK(json::parse(first.body).at("version") == 8);
  CHECK(desk.to_send().size() == 1);
  const auto tell = [&](std::uint64_t version, VersionFrom from) {
    REQUIRE(done(*desk.store, [&] { apply_desired_version(*desk.store, gateway, version, from, desk.now); }));
    return json::parse(desk.ask("GET", path, viewer).body).at("state");
  };
  CHECK(tell(7, VersionFrom::event) == "sent");
  CHECK(tell(8, VersionFrom::event) == "applied");
  CHECK(desk.to_send().empty());
  CHECK(tell(7, VersionFrom::event) == "applied");  // an older event that came late
  CHECK(tell(0, VersionFrom::hello) == "sent");     // a gateway that lost it
  CHECK(json::parse(desk.ask("PUT", path, manager, body).body).at("version") == 9);
}

TEST_CASE("the desk's reset of an alarm is a command to its gateway") {
  Desk desk;
  REQUIRE(done(*desk.store, [&] {
    apply_records(*desk.store, samples::place(),
                  samples::batch({samples::record(1, samples::confirmed_fire())}), samples::noon);
  }));
  const std::string id = wire::alarm_id(gateway, samples::epoch, 1);
  const auto answer = desk.ask("POST", "/api/v1/alarms/" + id + "/reset", guard);
  REQUIRE(answer.status == 202);
  CHECK(json::parse(answer.body).at("point").as_string() == "alarm/" + id);
  CHECK(json::parse(answer.body).at("operation") == "reset");
  CHECK(desk.ask("POST", "/api/v1/alarms/none/reset", guard).status == 404);
  CHECK(desk.ask("POST", "/api/v1/alarms/" + id + "/reset", viewer).status == 403);
}
