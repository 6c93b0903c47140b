// Which messages reach a session, and what becomes of its actions. The store thread is real, the sockets are
// not.
#include "cloud/ingest/ingest.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "owner.h"
#include "samples.h"
#include "sync/session/messages.h"
#include "sync/wire/frame.h"
#include "sync/wire/topics.h"

using namespace tocsin;
using namespace tocsin::cloud;
using samples::Owner;

namespace {

struct Field {
  Owner owner;
  std::vector<std::pair<std::string, Bytes>> replies;
  std::vector<FeedEntry> told;
  std::vector<std::string> warnings;
  MonoTime now{1h};
  StoreThread store;
  Ingest ingest{{samples::place()}, store, ports()};

  explicit Field(std::unique_ptr<Store> database = samples::store())
      : store(std::move(database), owner.post()) {
    ingest.start({}, {}, 5, false);
  }
  IngestPorts ports() {
    IngestPorts p;
    p.reply = [this](const std::string& topic, Bytes payload) {
      replies.emplace_back(topic, std::move(payload));
    };
    p.told = [this](const std::vector<FeedEntry>& entries) {
      told.insert(told.end(), entries.begin(), entries.end());
    };
    p.wall = [] { return samples::noon; };
    p.mono = [this] { return now; };
    p.warn = [this](const std::string& cause, const std::string&) { warnings.push_back(cause); };
    return p;
  }
  std::string topic(const std::string& suffix) {
    return wire::gateway_topic("wangjing-west", "wangjing-b12", suffix);
  }
  // Runs the answers of the store until there are so many replies; jobs may share a transaction or not.
  void wait_for_replies(std::size_t count) {
    while (replies.size() < count) owner.run_one();
  }
  void send_fire() {
    const std::vector<wire::Record> records{
        {1, wire::encode_change(samples::confirmed_fire(), "3"), samples::noon}};
    ingest.on_message(topic("up/alarm"),
                      wire::encode_frame(samples::epoch, wire::Lane::alarm, 0, records, samples::noon),
                      false);
  }
  void hello() {
    session::HelloMessage hello;
    hello.epoch = samples::epoch;
    hello.session_nonce = 1;
    hello.active_complete = false;
    const std::size_t before = replies.size();
    ingest.on_message(topic("up/hello"), session::encode(hello), false);
    wait_for_replies(before + 1);
  }
};

}  // namespace

TEST_CASE("messages of strangers, of foreign shards, retained or too long are dropped and counted") {
  Field f;
  f.ingest.on_message("tocsin/1/00/nobody/up/hello", {}, false);
  const std::string right = f.topic("up/hello");
  std::string foreign = right;
  foreign.replace(std::string("tocsin/1/").size(), 2, right.substr(9, 2) == "00" ? "01" : "00");
  f.ingest.on_message(foreign, {}, false);
  f.ingest.on_message(right, {}, true);
  f.ingest.on_message("tocsin/1/" + std::string(300, 'x'), {}, false);
  f.ingest.on_message("something/else", {}, false);
  f.ingest.on_message(right, Bytes{0xff, 0xff}, false);
  const auto rejected = f.ingest.counts().rejected;
  for (const char* cause :
       {"unknown-gateway", "foreign-shard", "retained", "topic-too-long", "bad-topic", "malformed"})
    CHECK_MESSAGE(rejected.at(cause) == 1, cause);
  CHECK(f.replies.empty());
}

TEST_CASE("an ack follows the commit, and the city's feed is told") {
  Field f;
  f.hello();
  REQUIRE(f.replies.size() == 1);
  CHECK(f.replies[0].first == f.topic("down/resume"));
  f.send_fire();
  CHECK(f.replies.size() == 1);  // nothing before the commit
  f.wait_for_replies(2);
  REQUIRE(f.replies.size() == 2);
  const auto ack = session::decode_ack(f.replies[1].second);
  REQUIRE(ack.has_value());
  CHECK(ack->upto == 1);
  CHECK(ack->term == 5);
  REQUIRE(f.told.size() == 1);
  CHECK(f.told[0].adcode == "110105");
  CHECK(f.told[0].seq == 1);
  CHECK(f.ingest.counts().records.at(wire::Lane::alarm) == 1);
}

TEST_CASE("a commit that fails is not acknowledged") {
  const samples::TemporaryFile file;
  REQUIRE(open_sqlite_store(file.path).has_value());
  SQLite::Database(file.path.string(), SQLite::OPEN_READWRITE)
      .exec("CREATE TRIGGER broken BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'no'); END");
  auto store = open_sqlite_store(file.path);
  REQUIRE(store.has_value());
  Field f(std::move(*store));
  f.hello();
  f.send_fire();
  while (f.ingest.counts().commits_failed == 0) f.owner.run_one();
  CHECK(f.replies.size() == 1);  // the answer to hello alone
}

TEST_CASE("after a restart the gateway is told to go on where the stored watermark is") {
  Field f;
  GatewayRow known{"wangjing-b12", samples::epoch, 0, false, "", {}};
  known.watermarks[samples::epoch][wire::Lane::alarm] = 7;
  f.ingest.start({known}, {}, 6, false);
  f.hello();
  const auto resume = session::decode_resume(f.replies.back().second);
  REQUIRE(resume.has_value());
  CHECK(resume->watermarks.at(wire::Lane::alarm) == 7);
}

TEST_CASE("silence is judged only after the broker has been there for a minute") {
  Field f;
  f.ingest.on_connected();
  f.now += 59s;
  f.ingest.on_tick();
  CHECK(f.ingest.silent().empty());
  f.ingest.on_down();
  f.now += 10min;
  f.ingest.on_tick();
  CHECK(f.ingest.silent().empty());  // our broker is away: no gateway can be heard
  f.ingest.on_connected();
  f.now += 60s;
  f.ingest.on_tick();
  while (f.told.empty()) f.owner.run_one();
  CHECK(f.ingest.silent().contains("wangjing-b12"));
  CHECK(f.told.size() == 1);
}

TEST_CASE("a silence from before the start ends with the first message") {
  Field f;
  f.ingest.start({}, {"wangjing-b12"}, 6, false);
  f.hello();
  CHECK(f.ingest.silent().empty());
}
