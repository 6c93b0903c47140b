#include "drivers/driver/spans.h"

#include <algorithm>
#include <tuple>

namespace tocsin::driver {

namespace {

std::uint32_t end_of(const PollItem& item) {
  return item.first + item.count;
}
std::uint32_t end_of(const Span& span) {
  return span.first + span.count;
}

struct Draft {
  Span span;
  Duration period{};
};

Draft joined(const Draft& draft, const SpanItem& next) {
  Draft both = draft;
  both.span.count = std::max(end_of(draft.span), end_of(next.item)) - draft.span.first;
  both.span.points.push_back(next.item.point);
  both.period = std::min(draft.period, next.period);
  return both;
}

Draft single(const SpanItem& item) {
  return {{item.item.space, item.item.first, item.item.count, {item.item.point}}, item.period};
}

// Share of the line's time.
double load(const Draft& draft, const MergeLimits& limits) {
  const auto period = std::max(draft.period, Duration{1ms});
  return static_cast<double>(limits.cost(draft.span).count()) / static_cast<double>(period.count());
}

bool may_join(const Draft& draft, const SpanItem& next, const Draft& both, const MergeLimits& limits) {
  if (draft.span.space != next.item.space || both.span.count > limits.longest(draft.span.space)) return false;
  if (!limits.gaps && next.item.first > end_of(draft.span)) return false;
  return load(both, limits) <= load(draft, limits) + load(single(next), limits);
}

const PollItem* item_of(const std::vector<PollItem>& items, std::size_t point) {
  const auto found = std::ranges::find(items, point, &PollItem::point);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Span> merge_spans(std::vector<SpanItem> items, const MergeLimits& limits) {
  std::ranges::sort(items, {}, [](const SpanItem& entry) {
    return std::tuple(entry.item.space, entry.item.first, entry.item.count, entry.item.point);
  });
  std::vector<Draft> drafts;
  for (const SpanItem& item : items) {
    if (!drafts.empty()) {
      const Draft both = joined(drafts.back(), item);
      if (may_join(drafts.back(), item, both, limits)) {
        drafts.back() = both;
        continue;
      }
    }
    drafts.push_back(single(item));
  }
  std::vector<Span> spans;
  for (Draft& draft : drafts) {
    std::ranges::sort(draft.span.points);
    spans.push_back(std::move(draft.span));
  }
  return spans;
}

Span cover(const std::vector<PollItem>& items, const std::vector<std::size_t>& points) {
  Span span;
  bool first = true;
  for (const std::size_t point : points) {
    const PollItem* item = item_of(items, point);
    if (item == nullptr) continue;
    const std::uint32_t begin = first ? item->first : std::min(span.first, item->first);
    const std::uint32_t end = first ? end_of(*item) : std::max(end_of(span), end_of(*item));
    span.space = item->space;
    span.first = begin;
    span.count = end - begin;
    span.points.push_back(point);
    first = false;
  }
  std::ranges::sort(span.points);
  return span;
}

std::optional<std::pair<Span, Span>> split_span(const Span& span, const std::vector<PollItem>& items) {
  std::vector<PollItem> parts;
  for (const std::size_t point : span.points)
    if (const PollItem* item = item_of(items, point)) parts.push_back(*item);
  std::ranges::sort(parts, {}, &PollItem::first);

  // A cut before parts[i] is possible when nothing before it reaches into it.
  std::size_t best = 0;
  std::uint32_t widest = 0;
  std::uint32_t reach = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && parts[i].first >= reach) {
      const std::uint32_t hole = parts[i].first - reach;
      const auto off_middle = [&](std::size_t at) {
        return at * 2 > parts.size() ? at * 2 - parts.size() : parts.size() - at * 2;
      };
      if (best == 0 || hole > widest || (hole == widest && off_middle(i) < off_middle(best))) {
        best = i;
        widest = hole;
      }
    }
    reach = std::max(reach, end_of(parts[i]));
  }
  if (best == 0) return std::nullopt;
  std::vector<std::size_t> left, right;
  for (std::size_t i = 0; i < parts.size(); ++i) (i < best ? left : right).push_back(parts[i].point);
  return std::pair{cover(items, left), cover(items, right)};
}

}  // namespace tocsin::driver
