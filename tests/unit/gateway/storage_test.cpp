// The books of what waits and what was given up: forecast, evictions over a restart, agreement of both ends.

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "gateway/cli/ledger_compare.h"
#include "gateway/flow/eviction_book.h"
#include "gateway/flow/fill_forecast.h"

using namespace tocsin;
using flow::EvictionBook;
using flow::FillForecast;

namespace {

constexpr MonoTime start{1h};
const UtcTime noon{std::chrono::milliseconds{1'795'312'800'120}};

boost::json::object object(const char* text) {
  return boost::json::parse(text).as_object();
}

const boost::json::object gateway =
    object(R"({"gateway":"b12","epoch":"00000000000000aa","previous_epoch":null,
  "lanes":[{"lane":"alarm","accepted":9,"acked":7},{"lane":"data","accepted":100,"acked":90}],"gaps":[]})");

}  // namespace

TEST_CASE("a file that grows steadily is full when its growth says so") {
  FillForecast forecast;
  for (int minute = 0; minute <= 10; ++minute)
    forecast.add(start + std::chrono::minutes(minute), 1000u + 100u * static_cast<unsigned>(minute));
  const auto full = forecast.until(3000);
  REQUIRE(full.has_value());
  CHECK(*full == 10min);
  CHECK(*forecast.until(2000) == 0s);
}

TEST_CASE("no forecast for a file that does not grow, or is watched only since now") {
  FillForecast forecast;
  CHECK_FALSE(forecast.until(100));
  forecast.add(start, 50);
  CHECK_FALSE(forecast.until(100));
  forecast.add(start + 1s, 60);
  CHECK_FALSE(forecast.until(100));
  for (int i = 2; i < 100; ++i) forecast.add(start + std::chrono::minutes(i), 60);
  CHECK_FALSE(forecast.until(100));  // what it grew by is more than an hour ago
}

TEST_CASE("what was given up is known after a restart, and the book is bounded") {
  EvictionBook book;
  std::vector<std::pair<std::string, Bytes>> rows;
  for (std::uint64_t i = 0; i < EvictionBook::most_kept + 1; ++i) {
    const wire::EvictionReport report{wire::Lane::data, 10 * i + 1, 10 * i + 10, 10, "disk quota"};
    for (auto& put : book.note(report, noon + std::chrono::seconds(i))) {
      CHECK(put.kind == "evicted");
      if (put.body.empty())
        std::erase_if(rows, [&](const auto& row) { return row.first == put.key; });
      else
        rows.emplace_back(put.key, put.body);
    }
  }
  EvictionBook restored;
  restored.restore(rows);
  REQUIRE(restored.entries().size() == EvictionBook::most_kept);
  const auto& oldest = restored.entries().begin()->second;
  CHECK(oldest.report == wire::EvictionReport{wire::Lane::data, 11, 20, 10, "disk quota"});
  CHECK(oldest.at == noon + 1s);
  CHECK_NOTHROW(restored.restore({{"3-1", Bytes{1, 2}}}));  // damaged: left out
}

TEST_CASE("both ends agree up to the cloud's watermark, which may be ahead of the last ack") {
  const auto found = cli::compare(gateway, object(R"({"watermarks":{"00000000000000aa":{"alarm":8,"data":90}},
    "gaps":[{"epoch":"00000000000000aa","lane":"data","from":5,"to":9,"cause":"given up at the gateway: disk quota"}]})"));
  CHECK(found.agree());
  CHECK(found.lanes[0].upto == 8);
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].where == "cloud");
  CHECK(found.gaps[0].cause == "given up at the gateway: disk quota");
}

TEST_CASE("a cloud that lacks what it acknowledged, has too much, or knows another epoch does not agree") {
  const auto lacks =
      cli::compare(gateway, object(R"({"watermarks":{"00000000000000aa":{"alarm":6,"data":90}}})"));
  CHECK_FALSE(lacks.agree());
  CHECK(lacks.lanes[0].problem.find("lacks 1") != std::string::npos);
  const auto ahead =
      cli::compare(gateway, object(R"({"watermarks":{"00000000000000aa":{"alarm":10,"data":90}}})"));
  CHECK(ahead.lanes[0].problem.find("older copy") != std::string::npos);
  CHECK_FALSE(cli::compare(gateway, object(R"({"watermarks":{"00000000000000bb":{"alarm":9}}})")).agree());
  CHECK_FALSE(cli::compare(gateway, object(R"({"watermarks":{"00000000000000aa":{"alarm":9,"data":100}},
    "gaps":[{"epoch":"00000000000000aa","lane":"alarm","from":1,"to":2,"cause":"?"}]})"))
                  .agree());
}

TEST_CASE("without the cloud the ledger says what the gateway knows") {
  const auto found = cli::compare(gateway, {});
  CHECK(found.agree());
  CHECK(found.lanes[0].upto == 7);
}
