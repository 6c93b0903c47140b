#include "drivers/driver/spans.h"

#include <doctest/doctest.h>

#include "drivers/driver/line_cost.h"

namespace tocsin::driver {

namespace {

SpanItem item(std::size_t point, std::uint32_t first, std::uint32_t count, Duration period = 1s,
              int space = 0) {
  return {{point, space, first, count}, period};
}

MergeLimits limits(bool gaps = true, std::uint32_t longest = 125) {
  return {[longest](int) { return longest; }, gaps,
          [](const Span& span) {
            return serial_line(9600, 'N', 1).answered({8, 5 + 2 * span.count, 1}, {});
          }};
}

std::vector<PollItem> items_of(const std::vector<SpanItem>& items) {
  std::vector<PollItem> plain;
  for (const SpanItem& entry : items) plain.push_back(entry.item);
  return plain;
}

}  // namespace

TEST_CASE("neighbours and points across a small hole share a read") {
  const auto spans = merge_spans({item(1, 10, 2), item(0, 4, 1), item(2, 12, 1)}, limits());
  REQUIRE(spans.size() == 1);
  CHECK(spans[0] == Span{0, 4, 9, {0, 1, 2}});
}

TEST_CASE("a hole is not read when the device cannot, nor when it costs more than a second request") {
  CHECK(merge_spans({item(0, 4, 1), item(1, 6, 1)}, limits(false)).size() == 2);
  CHECK(merge_spans({item(0, 4, 1), item(1, 5, 1)}, limits(false)).size() == 1);
  CHECK(merge_spans({item(0, 0, 1), item(1, 120, 1)}, limits()).size() == 2);
}

TEST_CASE("a slow block is not dragged along with a fast bit") {
  CHECK(merge_spans({item(0, 0, 1, 200ms), item(1, 40, 60, 60s)}, limits()).size() == 2);
}

TEST_CASE("no read is longer than the device's limit, none spans two tables") {
  CHECK(merge_spans({item(0, 0, 3), item(1, 3, 3)}, limits(true, 5)).size() == 2);
  CHECK(merge_spans({item(0, 0, 1, 1s, 0), item(1, 1, 1, 1s, 1)}, limits()).size() == 2);
}

TEST_CASE("points that overlap are read once") {
  const auto spans = merge_spans({item(0, 5, 1), item(1, 5, 1), item(2, 5, 2)}, limits());
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].count == 2);
}

TEST_CASE("a refused read is cut at its widest hole, else in the middle, and not through a value") {
  const auto holed = items_of({item(0, 0, 1), item(1, 1, 1), item(2, 9, 1)});
  auto halves = split_span({0, 0, 10, {0, 1, 2}}, holed);
  REQUIRE(halves);
  CHECK(halves->first == Span{0, 0, 2, {0, 1}});
  CHECK(halves->second == Span{0, 9, 1, {2}});

  const auto dense = items_of({item(0, 0, 1), item(1, 1, 1), item(2, 2, 1), item(3, 3, 1)});
  halves = split_span({0, 0, 4, {0, 1, 2, 3}}, dense);
  REQUIRE(halves);
  CHECK(halves->first.points == std::vector<std::size_t>{0, 1});

  CHECK_FALSE(split_span({0, 0, 2, {0}}, items_of({item(0, 0, 2)})));
  CHECK_FALSE(split_span({0, 0, 2, {0, 1}}, items_of({item(0, 0, 2), item(1, 1, 1)})));
}

}  // namespace tocsin::driver
