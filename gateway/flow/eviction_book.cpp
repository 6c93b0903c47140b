#include "gateway/flow/eviction_book.h"

#include <algorithm>
#include <optional>

namespace tocsin::flow {
namespace {

const std::string kind = "evicted";

// Sorts by lane and number.
std::string key_of(const wire::EvictionReport& report) {
  const std::string digits = std::to_string(report.from);
  return std::to_string(static_cast<int>(report.lane)) + "-" + std::string(20 - digits.size(), '0') + digits;
}

Bytes encode(const EvictionBook::Entry& entry) {
  const auto& [report, at] = entry;
  Bytes body;
  bytes::Writer out(body);
  out.u8(static_cast<std::uint8_t>(report.lane));
  for (const std::uint64_t number : {report.from, report.to, report.count}) out.u64_le(number);
  out.u64_le(static_cast<std::uint64_t>(at.time_since_epoch().count()));
  out.raw({reinterpret_cast<const std::uint8_t*>(report.why.data()), report.why.size()});
  return body;
}

std::optional<EvictionBook::Entry> decode(ByteView body) {
  bytes::Reader in(body);
  EvictionBook::Entry entry;
  entry.report.lane = static_cast<wire::Lane>(in.u8());
  entry.report.from = in.u64_le();
  entry.report.to = in.u64_le();
  entry.report.count = in.u64_le();
  entry.at = UtcTime(std::chrono::milliseconds(static_cast<std::int64_t>(in.u64_le())));
  const ByteView why = in.rest();
  entry.report.why.assign(why.begin(), why.end());
  return in.ok() ? std::optional(std::move(entry)) : std::nullopt;
}

}  // namespace

void EvictionBook::restore(const std::vector<std::pair<std::string, Bytes>>& rows) {
  for (const auto& [key, body] : rows)
    if (auto entry = decode(body)) entries_[key] = std::move(*entry);
}

std::vector<outbox::StatePut> EvictionBook::note(const wire::EvictionReport& report, UtcTime at) {
  const std::string key = key_of(report);
  entries_[key] = {report, at};
  std::vector<outbox::StatePut> changes{{kind, key, encode(entries_[key])}};
  if (entries_.size() > most_kept) {
    const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return a.second.at < b.second.at;
    });
    changes.push_back({kind, oldest->first, {}});
    entries_.erase(oldest);
  }
  return changes;
}

}  // namespace tocsin::flow
