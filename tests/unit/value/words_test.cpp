#include <limits>

#include <doctest/doctest.h>

#include "core/value/point.h"
#include "core/value/time.h"

using namespace tocsin;

TEST_CASE("times are written and read as RFC 3339 with milliseconds and offset") {
  const auto time = from_rfc3339("2026-11-22T10:00:00.120+08:00");
  REQUIRE(time.has_value());
  CHECK(to_rfc3339(*time) == "2026-11-22T10:00:00.120+08:00");
  CHECK(to_rfc3339(*time, std::chrono::minutes{0}) == "2026-11-22T02:00:00.120+00:00");
  CHECK(*from_rfc3339("2026-11-22T02:00:00.12Z") == *time);
  CHECK(*from_rfc3339("2026-11-21T23:30:00.120-02:30") == *time);
  for (const char* wrong :
       {"", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T10:00:00", "2026-11-22T25:00:00Z", "x"})
    CHECK_FALSE(from_rfc3339(wrong).has_value());
}

TEST_CASE("durations are read as configuration writes them") {
  CHECK(*parse_duration("500ms") == 500ms);
  CHECK(*parse_duration("1.5s") == 1500ms);
  CHECK(*parse_duration("2h") == 2h);
  for (const char* wrong : {"", "5", "s", "-1s", "1e400s", "1 s"})
    CHECK_FALSE(parse_duration(wrong).has_value());
  CHECK(to_string(Duration(90min)) == "90m");
  CHECK(to_string(Duration(250ms)) == "250ms");
}

TEST_CASE("names and points") {
  CHECK(is_name("smoke-3f_01.A"));
  for (const char* wrong : {"", "a b", "烟感", "a/b"}) CHECK_FALSE(is_name(wrong));
  CHECK_FALSE(is_name(std::string(49, 'a')));
  CHECK(parse_point_id("relay-1/ch3")->point == "ch3");
  for (const char* wrong : {"relay-1", "/x", "x/", "a/b/c"}) CHECK_FALSE(parse_point_id(wrong).has_value());
}

TEST_CASE("no value is never a number") {
  CHECK_FALSE(as_number(Value{}).has_value());
  CHECK_FALSE(as_number(Value{std::string("5")}).has_value());
  CHECK_FALSE(as_number(Value{std::numeric_limits<double>::quiet_NaN()}).has_value());
  CHECK_FALSE(as_bool(Value{}).has_value());
  CHECK(*as_number(Value{true}) == 1.0);
  CHECK(*as_bool(Value{std::int64_t{2}}));
}

TEST_CASE("severity keeps life safety above everything else") {
  for (int cls = 0; cls <= static_cast<int>(AlarmClass::disabled); ++cls)
    for (int stage = 0; stage <= static_cast<int>(Stage::confirmed); ++stage) {
      const auto severity = severity_of(static_cast<AlarmClass>(cls), static_cast<Stage>(stage));
      CHECK((severity >= 901) == is_life_safety(static_cast<AlarmClass>(cls)));
      CHECK(severity <= 1000);
    }
  CHECK(severity_of(AlarmClass::fire, Stage::confirmed) == 1000);
}

TEST_CASE("names of classes and stages go both ways") {
  for (int cls = 0; cls <= static_cast<int>(AlarmClass::disabled); ++cls)
    CHECK(alarm_class(name_of(static_cast<AlarmClass>(cls))) == static_cast<AlarmClass>(cls));
  for (int stage = 0; stage <= static_cast<int>(Stage::confirmed); ++stage)
    CHECK(stage_of(name_of(static_cast<Stage>(stage))) == static_cast<Stage>(stage));
  CHECK_FALSE(alarm_class("smoke").has_value());
  CHECK_FALSE(stage_of("a3").has_value());
}
