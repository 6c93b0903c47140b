// The event stream: where a client goes on, and what its token lets it see; without sockets.
#include "cloud/api/event_stream.h"

#include <doctest/doctest.h>

#include "cloud/alarms/document.h"
#include "samples.h"

using namespace tocsin;
using namespace tocsin::cloud;

namespace {

NewsEntry news_of(bool told) {
  Alarm alarm;
  alarm.id = samples::fire_id;
  alarm.gateway = "wangjing-b12";
  alarm.site = samples::place().site;
  alarm.cls = AlarmClass::fire;
  alarm.assigned = "night shift";
  if (told) alarm.feed = FeedMark{1, 7};
  return {12, alarm.id, "wangjing-west", true, to_document(alarm, Audience::operators), samples::noon};
}

}  // namespace

TEST_CASE("a client goes on where it was, or is told to read the list again") {
  const NewsRange kept{10, 20};
  CHECK(start_of("", 1, kept).after == 20);
  CHECK_FALSE(start_of("", 1, kept).reset);
  CHECK(start_of("1-15", 1, kept).after == 15);
  CHECK_FALSE(start_of("1-15", 1, kept).reset);
  CHECK_FALSE(start_of("1-9", 1, kept).reset);  // the next one, 10, is still kept
  CHECK_FALSE(start_of("1-20", 1, kept).reset);
  for (const char* lost : {"1-8", "1-21", "2-15", "15", "1-", "-15", "1-15x", "x"}) {
    CHECK(start_of(lost, 1, kept).reset);
    CHECK(start_of(lost, 1, kept).after == 20);
  }
  CHECK_FALSE(start_of("1-0", 1, {}).reset);  // of an empty store
}

TEST_CASE("an event has its place as id, and only for those who may see it") {
  const Grant viewer{Role::viewer, {}, "viewer:0"}, neighbour{Role::admin, {"other"}, "admin:1"};
  const Grant city{Role::city, {}, "city:0"};
  const std::string event = event_of(news_of(true), 3, viewer);
  CHECK(event.starts_with("event: alarm\nid: 3-12\ndata: {"));
  CHECK(event.ends_with("}\n\n"));
  CHECK(event.find("night shift") != std::string::npos);
  CHECK(event_of(news_of(true), 3, neighbour).empty());
  CHECK(event_of(news_of(false), 3, city).empty());
  CHECK_FALSE(event_of(news_of(true), 3, city).empty());
  CHECK(event_of(news_of(true), 3, city).find("night shift") == std::string::npos);
}
