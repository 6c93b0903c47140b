#include "tests/unit/session/uplink_bench.h"

using namespace tocsin;
using namespace tocsin::session;
using namespace tocsin::session::test;

namespace {

std::vector<std::string> order_of(const std::deque<Publish>& published) {
  std::vector<std::string> order;
  for (const Publish& one : published) order.push_back(one.topic.substr(one.topic.rfind('/') + 1));
  return order;
}

}  // namespace

TEST_CASE("records go out in order from the watermark, and are marked when the cloud has them") {
  UplinkBench bench;
  bench.store(Lane::alarm, 5);
  bench.connect();
  bench.resume({{Lane::alarm, 2}});
  auto frames = bench.frames("up/alarm");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].records.front().seq == 3);
  CHECK(frames[0].records.back().seq == 5);
  CHECK(frames[0].after == 0);
  CHECK(bench.find<MarkAcked>()->upto == 2);
  bench.others.clear();
  bench.ack(Lane::alarm, 4);
  REQUIRE(bench.find<MarkAcked>());
  CHECK(bench.find<MarkAcked>()->upto == 4);
  bench.others.clear();
  bench.ack(Lane::alarm, 4);
  bench.ack(Lane::alarm, 1);
  CHECK_FALSE(bench.find<MarkAcked>());
}

TEST_CASE("an ack of records that were never sent marks only what was sent") {
  UplinkBench bench;
  bench.store(Lane::alarm, 3);
  bench.connect();
  bench.resume({});
  bench.ack(Lane::alarm, 1000);
  CHECK(bench.find<MarkAcked>()->upto == 3);
  bench.others.clear();
  bench.store(Lane::alarm, 1);
  CHECK(bench.frames("up/alarm").back().records.back().seq == 4);
}

TEST_CASE("alarm comes before event before data") {
  UplinkBench bench;
  bench.connect();
  bench.store(Lane::data, 3);
  bench.store(Lane::event, 3);
  bench.store(Lane::alarm, 3);
  bench.pull("up/hello");
  bench.resume({});
  CHECK(order_of(bench.published) == std::vector<std::string>{"alarm", "event", "data"});
}

TEST_CASE("no more publishes are in flight than the limits and the broker allow") {
  UplinkLimits limits;
  UplinkBench bench(limits);
  std::uint16_t receive_maximum = 65535;
  std::size_t wanted = 16;
  SUBCASE("sixteen over all lanes") {}
  SUBCASE("four less than Receive Maximum") {
    receive_maximum = 10;
    wanted = 6;
  }
  bench.store(Lane::alarm, 1000, 1000);
  bench.store(Lane::data, 200, 1000);
  bench.connect(receive_maximum);
  bench.puback_all();
  bench.resume({});
  CHECK(bench.outstanding.size() == wanted);
  bench.puback(*bench.outstanding.begin());
  CHECK(bench.outstanding.size() == wanted);
}

TEST_CASE("of data at most two frames are in flight") {
  UplinkBench bench;
  bench.store(Lane::data, 200, 4000);
  bench.connect();
  bench.puback_all();
  bench.resume({});
  CHECK(bench.outstanding.size() == 2);
}

TEST_CASE("no frame is larger than 64 KiB, however the records are sized") {
  for (const std::size_t size : {10u, 500u, 3000u, 30000u}) {
    UplinkBench bench;
    bench.store(Lane::event, 300, size);
    bench.connect();
    bench.resume({});
    std::uint64_t last = 0;
    for (int i = 0; i < 400 && last < 300; ++i) {
      for (const Publish& one : bench.pull("up/event")) {
        CHECK(one.payload.size() <= 64 * 1024);
        last = wire::decode_frame(one.payload)->records.back().seq;
      }
      bench.puback_all();
    }
    CHECK(last == 300);
  }
}

TEST_CASE("a window counts records that await the cloud's ack, not packets") {
  UplinkLimits limits;
  limits.alarm_window = 100;
  UplinkBench bench(limits);
  bench.store(Lane::alarm, 1000);
  bench.connect();
  bench.resume({});
  for (int i = 0; i < 10; ++i) bench.puback_all();
  auto frames = bench.frames("up/alarm");
  CHECK(frames.back().records.back().seq == 100);
  bench.ack(Lane::alarm, 40);
  for (int i = 0; i < 10; ++i) bench.puback_all();
  frames = bench.frames("up/alarm");
  CHECK(frames.back().records.back().seq == 140);
}

TEST_CASE("data keeps a twentieth of the bytes while alarms saturate the link") {
  UplinkLimits limits;
  limits.in_flight = 1;
  limits.alarm_window = limits.data_window = 100000;
  UplinkBench bench(limits);
  bench.store(Lane::alarm, 20000, 1000);
  bench.store(Lane::data, 2000, 1000);
  bench.connect();
  bench.puback_all();
  bench.resume({});
  const auto bytes_of = [&](const std::string& suffix) {
    std::size_t bytes = 0;
    for (const wire::Frame& frame : bench.frames(suffix))
      for (const Record& record : frame.records) bytes += record.body.size();
    return bytes;
  };
  std::size_t data = 0, all = 0;
  for (int i = 0; i < 260; ++i) {
    const std::size_t turn = bytes_of("up/data");
    data += turn;
    all += turn + bytes_of("up/alarm");
    bench.puback(*bench.outstanding.begin());
  }
  CHECK(data * 20 >= all);
  CHECK(data * 10 < all);
}

TEST_CASE("without an ack a frame is sent again after 5, 10, 20, 40, 60 and 60 s, for ever") {
  UplinkBench bench;
  bench.store(Lane::alarm, 2);
  bench.connect();
  bench.resume({});
  std::vector<Duration> gaps;
  MonoTime last = bench.now;
  for (int i = 0; i < 4000; ++i) {
    for (const auto& frame : bench.frames("up/alarm")) {
      CHECK(frame.records.front().seq == 1);
      gaps.push_back(bench.now - last);
      last = bench.now;
    }
    bench.puback_all();
    bench.after(100ms);
  }
  const std::vector<Duration> wanted{0s, 5s, 10s, 20s, 40s, 60s, 60s, 60s};
  REQUIRE(gaps.size() >= wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(gaps[i] >= wanted[i]);
    CHECK(gaps[i] <= wanted[i] + 300ms);
  }
  bench.ack(Lane::alarm, 1);  // progress: the next wait is 5 s again
  const MonoTime progress = bench.now;
  std::vector<wire::Frame> again;
  while (again.empty() && bench.now < progress + 10s) {
    bench.after(100ms);
    again = bench.frames("up/alarm");
  }
  CHECK(bench.now - progress <= 5200ms);
  CHECK(again.at(0).records.front().seq == 2);
}

TEST_CASE("a frame that has not reached the broker is not sent again") {
  UplinkBench bench;
  bench.store(Lane::alarm, 2);
  bench.connect();
  bench.resume({});
  CHECK(bench.frames("up/alarm").size() == 1);
  for (int i = 0; i < 10; ++i) {
    bench.after(4s);
    bench.down("down/ack", {});  // the broker is alive
  }
  CHECK(bench.frames("up/alarm").empty());
}

TEST_CASE("evicted records are told by `after`, and the lane goes on") {
  UplinkBench bench;
  bench.store(Lane::data, 30);
  bench.evict(Lane::data, 20);
  bench.connect();
  bench.resume({{Lane::data, 10}});
  const auto frames = bench.frames("up/data");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].records.front().seq == 21);
  CHECK(frames[0].after == 20);
}

TEST_CASE("an eviction larger than the window does not close the window") {
  UplinkLimits limits;
  limits.data_window = 10;
  UplinkBench bench(limits);
  bench.store(Lane::data, 100);
  bench.evict(Lane::data, 90);
  bench.connect();
  bench.resume({});
  CHECK(bench.frames("up/data").at(0).after == 90);
}

TEST_CASE("records missing in the middle wait for the ack of what is before them") {
  UplinkBench bench;
  bench.store(Lane::data, 30);
  std::erase_if(bench.stored[Lane::data],
                [](const auto& entry) { return entry.first > 10 && entry.first <= 20; });
  bench.connect();
  bench.resume({});
  auto frames = bench.frames("up/data");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].records.back().seq == 10);
  bench.puback_all();
  CHECK(bench.frames("up/data")
            .empty());  // `after` 20 would make the cloud give up 1..10 if that frame is lost
  bench.ack(Lane::data, 10);
  frames = bench.frames("up/data");
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].after == 20);
  CHECK(frames[0].records.front().seq == 21);
  CHECK(frames[0].records.back().seq == 30);
}

TEST_CASE("a store that cannot read is asked again after a second") {
  UplinkBench bench;
  bench.answer_reads = false;
  bench.store(Lane::alarm, 1);
  bench.connect();
  bench.resume({});
  REQUIRE(bench.find<ReadRecords>());
  bench.others.clear();
  bench.take(bench.session.on_records(Lane::alarm, 1, {}, bench.now, bench.wall));
  CHECK_FALSE(bench.find<ReadRecords>());
  bench.answer_reads = true;
  SUBCASE("or at once when there is something new") {
    bench.store(Lane::alarm, 1);
  }
  SUBCASE("in a second") {
    bench.after(1100ms);
  }
  CHECK(bench.frames("up/alarm").size() == 1);
}

TEST_CASE("a new alarm overtakes the backlog as up/now, and none is needed without backlog") {
  UplinkLimits limits;
  limits.in_flight = 1;
  UplinkBench bench(limits);
  bench.connect();
  SUBCASE("backlog: up/now") {
    bench.store(Lane::alarm, 4000, 1000);
    bench.puback_all();
    bench.resume({});
    bench.store(Lane::alarm, 1);
    bench.take(bench.session.on_urgent(bench.stored[Lane::alarm][4001], bench.now));
    const auto nows = bench.pull("up/now");
    REQUIRE(nows.size() == 1);
    const auto message = decode_now(nows[0].payload);
    REQUIRE(message.has_value());
    CHECK(message->seq == 4001);
    CHECK(message->body == bench.stored[Lane::alarm][4001].body);
    bench.puback(nows[0].token);
    bench.after(3s);
    CHECK(bench.pull("up/now").empty());
  }
  SUBCASE("no backlog: the lane is the shortest way") {
    bench.puback_all();
    bench.resume({});
    bench.store(Lane::alarm, 1);
    bench.take(bench.session.on_urgent(bench.stored[Lane::alarm][1], bench.now));
    CHECK(bench.frames("up/alarm").size() == 1);
    bench.ack(Lane::alarm, 1);
    bench.after(2s);
    CHECK(bench.pull("up/now").empty());
  }
  SUBCASE("an older record without ack for a second is backlog too") {
    bench.puback_all();
    bench.resume({});
    bench.store(Lane::alarm, 2);
    bench.take(bench.session.on_urgent(bench.stored[Lane::alarm][2], bench.now));
    bench.puback_all();
    CHECK(bench.pull("up/now").empty());
    bench.after(1100ms);
    CHECK(bench.pull("up/now").size() == 1);
  }
  SUBCASE("at most two are in flight; the newest goes first") {
    bench.store(Lane::alarm, 4000, 1000);
    bench.puback_all();
    for (std::uint64_t seq = 3991; seq <= 4000; ++seq)
      bench.take(bench.session.on_urgent(bench.stored[Lane::alarm][seq], bench.now));
    bench.resume({});
    const auto nows = bench.pull("up/now");
    REQUIRE(nows.size() == 2);
    CHECK(decode_now(nows[0].payload)->seq == 4000);
  }
}

TEST_CASE("the age of the oldest unacknowledged alarm is known") {
  UplinkBench bench;
  CHECK_FALSE(bench.session.status(bench.now).oldest_unacked_alarm);
  bench.store(Lane::alarm, 1);
  bench.after(10s);
  bench.store(Lane::alarm, 1);
  bench.after(20s);
  CHECK(bench.session.status(bench.now).oldest_unacked_alarm == Duration{30s});
  bench.connect();
  bench.resume({{Lane::alarm, 1}});
  CHECK(bench.session.status(bench.now).oldest_unacked_alarm == Duration{21s});
  bench.ack(Lane::alarm, 2);
  CHECK_FALSE(bench.session.status(bench.now).oldest_unacked_alarm);
}

TEST_CASE("data frames shrink on a slow link, alarm frames do not") {
  UplinkBench bench;
  bench.store(Lane::data, 200, 4000);
  bench.connect();
  bench.resume({});
  bench.pull("up/data");
  for (int i = 0; i < 40; ++i) {  // 16 KiB/s
    bench.after(2s);
    if (!bench.outstanding.empty()) bench.puback(*bench.outstanding.begin());
  }
  std::size_t largest = 0;
  for (std::size_t i = bench.published.size() / 2; i < bench.published.size(); ++i)
    if (bench.published[i].topic.ends_with("data"))
      largest = std::max(largest, bench.published[i].payload.size());
  CHECK(largest > 0);
  CHECK(largest <= 32 * 1024);
}
