// The city's feed: order, resumption, retained documents, replay.
#include "cloud/feeds/city_feed.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "cloud/feeds/site_document.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;

namespace {

constexpr const char* city_log = "city/110105/log";

FeedEntry entry(std::uint64_t seq, const std::string& alarm, bool closed = false, bool latest = true) {
  return {"110105",
          seq,
          alarm,
          "city/110105/w/b/alarm/fire/" + alarm,
          closed,
          latest,
          "body " + std::to_string(seq),
          {}};
}

CityFeed feed(FeedHead head = {1, 0, 0}) {
  return CityFeed({"110105", "cloud-1", {{"city/110105/w/b/site", "{}"}}}, head);
}

template <class T>
std::vector<T> all(const FeedActions& actions) {
  std::vector<T> found;
  for (const FeedAction& action : actions)
    if (const T* one = std::get_if<T>(&action)) found.push_back(*one);
  return found;
}

std::vector<PublishText> to(const FeedActions& actions, const std::string& topic) {
  std::vector<PublishText> found;
  for (const PublishText& one : all<PublishText>(actions))
    if (one.topic == topic) found.push_back(one);
  return found;
}

// Connected, with nothing open.
CityFeed connected(FeedHead head = {1, 0, 0}) {
  CityFeed f = feed(head);
  f.on_connected(samples::noon, {});
  f.on_open({});
  f.on_entries({});
  return f;
}

}  // namespace

TEST_CASE("a connect tells heartbeat and sites, then what is open, then the log from where it stopped") {
  CityFeed f = feed({1, 9, 7});
  const auto hello = f.on_connected(samples::noon, {});
  CHECK(to(hello, "city/110105/heartbeat/cloud-1").size() == 1);
  CHECK(to(hello, "city/110105/w/b/site")[0].retain);
  CHECK(all<ReadOpen>(hello).size() == 1);
  const auto open = f.on_open({entry(5, "a")});
  CHECK(to(open, entry(5, "a").topic)[0].payload == "body 5");
  REQUIRE(all<ReadEntries>(open).size() == 1);
  CHECK(all<ReadEntries>(open)[0].from == 8);
}

TEST_CASE("an entry counts as published when the broker has taken all of it, in order") {
  CityFeed f = connected();
  const auto out = f.on_told({entry(1, "a"), entry(2, "b")});
  const auto published = all<PublishText>(out);
  REQUIRE(published.size() == 4);
  CHECK(published[0].topic == city_log);
  CHECK(published[1].retain);
  CHECK(all<SavePublished>(f.on_published(published[2].token, 0)).empty());
  CHECK(all<SavePublished>(f.on_published(published[3].token, 0)).empty());  // 2 waits for 1
  CHECK(all<SavePublished>(f.on_published(published[0].token, 0)).empty());
  const auto saved = all<SavePublished>(f.on_published(published[1].token, 0));
  REQUIRE(saved.size() == 1);
  CHECK(saved[0].upto == 2);
}

TEST_CASE("after a lost connection the feed begins again with what was not acknowledged") {
  CityFeed f = connected();
  const auto first = all<PublishText>(f.on_told({entry(1, "a", false, false), entry(2, "a")}));
  f.on_published(first[0].token, 0);
  f.on_down();
  f.on_published(first[1].token, 0);  // of the connection that is gone
  f.on_connected(samples::noon, {});
  CHECK(all<ReadEntries>(f.on_open({}))[0].from == 2);
}

TEST_CASE(
    "what continues the log goes out at once, what leaves a gap is read, what went out before is not "
    "repeated") {
  CityFeed f = connected({1, 4, 4});
  CHECK(to(f.on_told({entry(5, "a"), entry(6, "b")}), city_log).size() == 2);
  const auto gap = f.on_told({entry(8, "d")});
  CHECK(all<PublishText>(gap).empty());
  REQUIRE(all<ReadEntries>(gap).size() == 1);
  CHECK(all<ReadEntries>(gap)[0].from == 7);
  CHECK(f.on_told({entry(9, "e")}).empty());  // a read is under way: it, or the next, brings this one
  const auto read = f.on_entries({entry(7, "c"), entry(8, "d")});
  CHECK(to(read, city_log).size() == 2);
  CHECK(all<ReadEntries>(read)[0].from == 9);
  f.on_entries({entry(9, "e")});
  CHECK(f.on_told({entry(8, "d"), entry(9, "e")}).empty());
  FeedEntry elsewhere = entry(10, "x");
  elsewhere.adcode = "310101";
  CHECK(f.on_told({elsewhere}).empty());
  CHECK(f.head().head == 9);
}

TEST_CASE("nothing goes out before the open alarms are known") {
  CityFeed f = feed();
  CHECK(f.on_told({entry(1, "a")}).empty());
  f.on_connected(samples::noon, {});
  CHECK(f.on_told({entry(2, "b")}).empty());
  CHECK(all<ReadEntries>(f.on_open({}))[0].from == 1);
}

TEST_CASE("a refused publish is not published") {
  CityFeed f = connected();
  const auto out = all<PublishText>(f.on_told({entry(1, "a", false, false)}));
  CHECK(all<SavePublished>(f.on_published(out[0].token, 0x87)).empty());
  CHECK(f.head().published == 0);
  CHECK(f.denied() == 1);
}

TEST_CASE("only the latest word about an alarm is retained, and a closed one is cleared") {
  CityFeed f = connected();
  const auto out = f.on_told({entry(1, "a", false, false), entry(2, "a", true)});
  const auto retained = to(out, entry(1, "a").topic);
  REQUIRE(retained.size() == 1);
  CHECK(retained[0].payload.empty());
  CHECK(to(out, city_log).size() == 2);
}

TEST_CASE("retained documents of alarms that are not open are cleared, whenever they show") {
  CityFeed f = feed();
  f.on_connected(samples::noon, {});
  CHECK(f.on_message(entry(1, "ghost").topic, "{}", true).empty());  // the open ones are not known yet
  CHECK(f.on_message(entry(1, "real").topic, "{}", true).empty());
  const auto out = f.on_open({entry(1, "real")});
  const auto cleared = to(out, entry(1, "ghost").topic);
  REQUIRE(cleared.size() == 1);
  CHECK(cleared[0].payload.empty());
  CHECK(cleared[0].retain);
  CHECK(to(out, entry(1, "real").topic).size() == 1);
  CHECK(f.on_message(entry(1, "ghost").topic, "{}", true).size() == 1);
  CHECK(f.on_message(entry(1, "ghost").topic, "{}", false).empty());  // our own publish comes back
}

TEST_CASE("not more than a window of entries awaits the broker") {
  CityFeed f = feed();
  f.on_connected(samples::noon, {});
  const auto first = all<ReadEntries>(f.on_open({}));
  REQUIRE(first.size() == 1);
  std::vector<FeedEntry> page;
  for (std::uint64_t seq = 1; seq <= first[0].limit; ++seq) page.push_back(entry(seq, "a", false, false));
  const auto out = f.on_entries(page);
  CHECK(all<ReadEntries>(out).empty());
  CHECK(f.on_told({entry(first[0].limit + 1, "b")}).empty());
  CHECK(all<ReadEntries>(f.on_published(all<PublishText>(out)[0].token, 0))[0].from == first[0].limit + 1);
}

TEST_CASE("a replay goes page by page and ends with a line that says so") {
  CityFeed f = connected({1, 300, 300});
  const auto asked =
      all<ReadReplay>(f.on_message("city/110105/replay/request", R"({"client":"centre","from":7})", false));
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].from == 7);
  std::vector<FeedEntry> page;
  for (std::uint64_t i = 0; i < asked[0].limit; ++i) page.push_back(entry(7 + i, "a"));
  const auto sent = to(f.on_replay("centre", page), "city/110105/replay/centre");
  REQUIRE(sent.size() == page.size());
  FeedActions more;
  for (const PublishText& one : sent) {
    CHECK(all<ReadReplay>(more).empty());  // the next page waits for the last acknowledgement
    more = f.on_published(one.token, 0);
  }
  REQUIRE(all<ReadReplay>(more).size() == 1);
  CHECK(all<ReadReplay>(more)[0].from == 7 + page.size());
  const auto end = to(f.on_replay("centre", {entry(300, "a")}), "city/110105/replay/centre");
  REQUIRE(end.size() == 2);
  CHECK(boost::json::parse(end[1].payload).at("schema") == "tocsin/replay-end/1");
}

TEST_CASE("replay requests that make no sense are refused and counted") {
  CityFeed f = connected();
  for (const char* text : {"", "7", "{}", R"({"client":"a/b","from":1})", R"({"client":"#","from":1})",
                           R"({"client":"request","from":1})", R"({"client":"x","from":-1})"})
    CHECK(f.on_message("city/110105/replay/request", text, false).empty());
  CHECK(f.refused() == 7);
  for (int i = 0; i < 9; ++i)
    f.on_message("city/110105/replay/request", R"({"client":"c)" + std::to_string(i) + R"(","from":1})",
                 false);
  CHECK(f.refused() == 8);
}

TEST_CASE("a heartbeat every 30 s, and at once when the health changes") {
  CityFeed f = connected();
  HealthFigures good;
  CHECK(f.on_tick(samples::noon + std::chrono::seconds{29}, good).empty());
  CHECK(f.on_tick(samples::noon + std::chrono::seconds{30}, good).size() == 1);
  HealthFigures bad;
  bad.ok = false;
  const auto out = f.on_tick(samples::noon + std::chrono::seconds{31}, bad);
  REQUIRE(out.size() == 1);
  CHECK(all<PublishText>(out)[0].payload.find("degraded") != std::string::npos);
  CHECK(f.will().find("lost") != std::string::npos);
}

TEST_CASE("a site tells what it does not know as null") {
  SiteRecord site;
  site.adcode = "110105";
  site.community = "w";
  site.building = "b";
  site.hydrants = {"north gate"};
  const auto doc = boost::json::parse(site_document(site));
  CHECK(site_topic(site) == "city/110105/w/b/site");
  CHECK(doc.at("phone").is_null());
  CHECK(doc.at("hydrants").as_array().size() == 1);
}
