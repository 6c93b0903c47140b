// The edge's alarm clock: each hop of each alarm, also of those that close before the cloud has them.
#include "gateway/app/alarm_clock.h"

#include <doctest/doctest.h>

using namespace tocsin;
using gateway::AlarmClock;
using std::chrono::milliseconds;

namespace {
constexpr UtcTime start{milliseconds{1'795'312'800'000}};

gateway::HopTimes hop(const AlarmClock& clock, const std::string& name) {
  for (const auto& one : clock.times())
    if (one.hop == name) return one;
  return {};
}
}  // namespace

TEST_CASE("each hop has its time; alarms of one step share a seq") {
  AlarmClock clock;
  clock.on_raised("a", 3, start);
  clock.on_raised("b", 3, start + milliseconds{1});
  clock.on_raised("c", 4, start);
  clock.on_stored(3, start + milliseconds{10});
  clock.on_sent(3, start + milliseconds{12});
  clock.on_acked(3, start + milliseconds{40});
  REQUIRE(clock.find("a"));
  CHECK(clock.find("a")->stored == start + milliseconds{10});
  CHECK(clock.find("b")->acked == start + milliseconds{40});
  CHECK_FALSE(clock.find("c")->acked);
  CHECK(hop(clock, "stored").count == 2);
  CHECK(hop(clock, "stored").max_ms == 10);
  CHECK(hop(clock, "stored").p50_ms == 9);
  CHECK(hop(clock, "sent").max_ms == 2);
  CHECK(hop(clock, "cloud").max_ms == 28);
  CHECK(hop(clock, "total").max_ms == 40);
  clock.on_stored(4, start + milliseconds{500});  // the first two keep their times
  CHECK(clock.find("a")->stored == start + milliseconds{10});
  CHECK(hop(clock, "stored").max_ms == 500);
}

TEST_CASE("what closes before the cloud has it is measured to its end, then forgotten") {
  AlarmClock clock;
  clock.on_raised("a", 1, start);
  clock.on_stored(1, start);
  clock.forget("a");
  CHECK_FALSE(clock.find("a"));
  clock.on_sent(2, start);
  clock.on_acked(2, start + milliseconds{7});
  CHECK(hop(clock, "total").count == 1);
  CHECK(hop(clock, "total").p99_ms == 7);
  clock.on_acked(9, start);
  CHECK(hop(clock, "total").count == 1);
}
