#pragma once
// Which units of a device are read together.

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "drivers/driver/driver.h"

namespace tocsin::driver {

struct SpanItem {
  PollItem item;
  Duration period{};
};

struct MergeLimits {
  std::function<std::uint32_t(int space)> longest;  // units one read may cover
  bool gaps = true;                                 // reads may cover units that nobody asked for
  std::function<Duration(const Span&)> cost;        // time one read takes
};

// Joins neighbours while the joined read costs less line time per second than the two reads alone: a slow,
// long block is not dragged along with a fast bit. Result ordered by space and first unit.
std::vector<Span> merge_spans(std::vector<SpanItem> items, const MergeLimits& limits);

// The span that covers exactly these points of `items`; they lie in one space.
Span cover(const std::vector<PollItem>& items, const std::vector<std::size_t>& points);

// Two halves, cut at the widest hole or else in the middle; nothing for a single unit group. For a device
// that refused.
std::optional<std::pair<Span, Span>> split_span(const Span& span, const std::vector<PollItem>& items);

}  // namespace tocsin::driver
