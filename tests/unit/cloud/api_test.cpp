// What the API answers, and to whom; without sockets.
#include <filesystem>
#include <fstream>

#include <boost/json.hpp>
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cloud/api/audit.h"
#include "cloud/api/routes.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;
using samples::done;
namespace json = boost::json;

namespace {

struct Api {
  std::unique_ptr<Store> store = samples::store();
  SystemFigures figures;
  std::vector<FeedEntry> told;

  Api() { figures.communities["wangjing-b12"] = "wangjing-west"; }

  HttpAnswer ask(const std::string& target, std::optional<Grant> grant, const std::string& method = "GET",
                 const std::string& body = {}) {
    const auto request = parse_target(method, target, "", body);
    REQUIRE(request);
    Routed routed = route(*request, grant, figures, samples::noon);
    if (auto* answer = std::get_if<HttpAnswer>(&routed)) return *answer;
    StoreAnswer result;
    REQUIRE(done(*store, [&] { result = std::get<StoreWork>(routed)(*store); }));
    told = result.told;
    return result.answer;
  }
  void alarm(std::uint64_t seq, const alarm::Transition& t) {
    REQUIRE(done(*store, [&] {
      apply_records(*store, samples::place(), samples::batch({samples::record(seq, t)}), samples::noon);
    }));
  }
};

const Grant admin{Role::admin, {}, "admin:0"};
const Grant viewer{Role::viewer, {}, "viewer:0"};
const Grant city{Role::city, {}, "city:0"};
const Grant neighbour{Role::admin, {"other"}, "admin:1"};

std::size_t items(const HttpAnswer& answer) {
  REQUIRE(answer.status == 200);
  return json::parse(answer.body).at("items").as_array().size();
}

alarm::Transition smoke_fault() {
  auto t = samples::confirmed_fire();
  t.key = {"smoke-1", "smoke", "no-data"};
  t.cls = AlarmClass::fault;
  t.stage = Stage::none;
  return t;
}

}  // namespace

TEST_CASE("without a token only health and metrics answer; what is not listed does not exist") {
  Api api;
  CHECK(api.ask("/api/v1/alarms", {}).status == 401);
  CHECK(api.ask("/", {}).status == 401);
  CHECK(api.ask("/metrics", {}).status == 200);
  CHECK(api.ask("/api/v1/nothing", admin).status == 404);
  CHECK(api.ask("/api/v1/alarms", admin, "DELETE").status == 405);
}

TEST_CASE("health is 503 when something that alarms need is away") {
  Api api;
  api.figures.field_connected = api.figures.field_data_connected = true;
  api.figures.cities["110105"] = true;
  CHECK(api.ask("/healthz", {}).status == 200);
  for (bool* part : {&api.figures.store_ok, &api.figures.field_connected, &api.figures.cities["110105"]}) {
    *part = false;
    CHECK(api.ask("/healthz", {}).status == 503);
    *part = true;
  }
}

TEST_CASE("lists go newest first, page by page, each alarm once") {
  Api api;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) api.alarm(seq, samples::confirmed_fire());
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto answer = api.ask("/api/v1/alarms?limit=2" + cursor, admin);
    const auto page = json::parse(answer.body);
    for (const auto& item : page.at("items").as_array())
      seen.push_back(json::value_to<std::string>(item.at("alarm_id")));
    cursor = page.at("next").is_null() ? "" : "&cursor=" + json::value_to<std::string>(page.at("next"));
  } while (!cursor.empty());
  REQUIRE(seen.size() == 5);
  CHECK(seen.front() == "wangjing-b12-5f3a9c0e77d1b284-5");
  CHECK(seen.back() == "wangjing-b12-5f3a9c0e77d1b284-1");
}

TEST_CASE("wrong questions are refused") {
  Api api;
  for (const char* target : {"?limit=0", "?limit=1001", "?limit=x", "?cursor=-1", "?state=some"})
    CHECK(api.ask(std::string("/api/v1/alarms") + target, admin).status == 400);
}

TEST_CASE("a token sees its communities only, and the role city what the city was told") {
  Api api;
  api.alarm(42, samples::confirmed_fire());
  auto pre = samples::confirmed_fire();
  pre.stage = Stage::prealarm;
  api.alarm(43, pre);
  CHECK(items(api.ask("/api/v1/alarms", viewer)) == 2);
  CHECK(items(api.ask("/api/v1/alarms", city)) == 1);
  CHECK(items(api.ask("/api/v1/alarms", neighbour)) == 0);
  CHECK(api.ask(std::string("/api/v1/alarms/") + samples::fire_id, neighbour).status == 404);
  CHECK(api.ask(std::string("/api/v1/alarms/") + samples::fire_id, city).status == 200);
  CHECK(api.ask("/api/v1/gateways", city).status == 403);
  CHECK(items(api.ask("/api/v1/gateways", neighbour)) == 0);
}

TEST_CASE("a silent gateway hides its faults, never a fire") {
  Api api;
  api.alarm(42, samples::confirmed_fire());
  api.alarm(43, smoke_fault());
  CHECK(items(api.ask("/api/v1/alarms", admin)) == 2);
  api.figures.silent.insert("wangjing-b12");
  CHECK(items(api.ask("/api/v1/alarms", admin)) == 1);
  CHECK(items(api.ask("/api/v1/alarms?inhibited=yes", admin)) == 2);
  CHECK(items(api.ask("/api/v1/alarms?state=all", admin)) == 2);
}

TEST_CASE("acknowledging changes the label, tells the city, and leaves an audit line") {
  Api api;
  api.alarm(42, samples::confirmed_fire());
  const std::string path = std::string("/api/v1/alarms/") + samples::fire_id;
  CHECK(api.ask(path + "/ack", viewer, "POST").status == 403);
  CHECK(api.ask(path + "/ack", neighbour, "POST").status == 404);
  const auto answer = api.ask(path + "/ack", admin, "POST");
  REQUIRE(answer.status == 200);
  CHECK(json::parse(answer.body).at("state") == "acknowledged");
  REQUIRE(api.told.size() == 1);
  CHECK(api.told[0].adcode == "110105");
  CHECK(api.ask(path + "/close", admin, "POST").status == 409);  // still active
  CHECK(api.ask(path + "/shout", admin, "POST").status == 404);
  CHECK(api.ask(path + "/comment", admin, "POST", "{}").status == 400);
  CHECK(api.ask(path + "/comment", admin, "POST", "[]").status == 400);
  CHECK(api.ask(path + "/comment", admin, "POST", R"({"text":"on my way"})").status == 200);
  CHECK(done(*api.store, [&] {
    const auto trail = api.store->audit(0, 10);
    REQUIRE(trail.size() == 2);
    CHECK(trail[0].action == "ack");
    CHECK(trail[0].who == "admin:0");
    CHECK(trail[1].detail == "on my way");
    CHECK_FALSE(verify_audit(*api.store).broken_at);
  }));
}

TEST_CASE("the audit chain shows a line that was forged") {
  const auto store = samples::store();
  CHECK(done(*store, [&] {
    append_to_audit(*store, {0, samples::noon, "a", "ack", "x", "", {}});
    AuditEntry forged{2, samples::noon, "b", "ack", "y", "", {}};
    forged.hash = hash_of(forged, "");  // as if it were the first
    store->append_audit(forged);
    append_to_audit(*store, {0, samples::noon, "c", "ack", "z", "", {}});
    CHECK(verify_audit(*store).broken_at == 2);
  }));
}

TEST_CASE("the ledger says up to where records are complete, and each gap") {
  Api api;
  auto batch = samples::batch({samples::record(42, samples::confirmed_fire())});
  batch.gap_from = 1;
  batch.gap_to = 41;
  batch.gap_cause = "disk full";
  REQUIRE(done(*api.store, [&] { apply_records(*api.store, samples::place(), batch, samples::noon); }));
  const auto body = json::parse(api.ask("/api/v1/gateways/wangjing-b12/ledger", admin).body);
  CHECK(body.at("watermarks").at("5f3a9c0e77d1b284").at("alarm") == 42);
  CHECK(body.at("gaps").at(0).at("cause") == "disk full");
  CHECK(api.ask("/api/v1/gateways/unknown/ledger", admin).status == 404);
}

TEST_CASE("targets are decoded, and nonsense in them refused") {
  const auto request = parse_target("GET", "/a%20b?x=%2F&y", "Bearer abc", "");
  REQUIRE(request);
  CHECK(request->path == "/a b");
  CHECK(request->query.at("x") == "/");
  CHECK(request->query.at("y").empty());
  CHECK(request->token == "abc");
  CHECK_FALSE(parse_target("GET", "/%zz", "", ""));
  CHECK_FALSE(parse_target("GET", "/%2", "", ""));
  CHECK(parse_target("GET", "/", "Basic abc", "")->token.empty());
}

TEST_CASE("a token is good for its role and communities; the file holds only its hash") {
  const auto file = std::filesystem::temp_directory_path() / ("tocsin-tokens-" + std::to_string(::getpid()));
  std::filesystem::remove(file);
  Tokens tokens(file);
  CHECK_FALSE(tokens.find("anything"));
  const auto token = create_token(file, Role::operator_, {"wangjing-west"}, samples::noon);
  REQUIRE(token.has_value());
  const auto grant = tokens.find(*token);
  REQUIRE(grant);
  CHECK(grant->role == Role::operator_);
  CHECK(grant->communities == std::vector<std::string>{"wangjing-west"});
  CHECK_FALSE(tokens.find(token->substr(1)));
  std::string line;
  std::getline(std::ifstream(file) >> std::ws, line);
  CHECK(line.find(*token) == std::string::npos);
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  std::filesystem::remove(file);
}
