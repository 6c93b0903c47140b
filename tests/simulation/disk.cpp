#include "tests/simulation/disk.h"

#include <algorithm>

namespace tocsin::simulation {

wire::Record Disk::append(Lane lane, Bytes body, UtcTime stored, MonoTime now) {
  Rows& rows = one(lane);
  const wire::Record record{rows.next++, std::move(body), stored};
  rows.head = record.seq;
  if (record.seq > rows.reserved) rows.reserved = record.seq + reserve_step;
  rows.rows.push_back({record, now});
  return record;
}

wire::LaneState Disk::state(Lane lane) const {
  const Rows& rows = one(lane);
  const std::uint64_t first = rows.rows.empty() ? rows.head + 1 : rows.rows.front().record.seq;
  return {first, rows.head, rows.acked};
}

std::vector<wire::Record> Disk::read(Lane lane, std::uint64_t from, std::size_t max_records,
                                     std::size_t max_bytes) const {
  const auto& rows = one(lane).rows;
  auto at = std::lower_bound(rows.begin(), rows.end(), from,
                             [](const Row& row, std::uint64_t seq) { return row.record.seq < seq; });
  std::vector<wire::Record> found;
  std::size_t bytes = 0;
  for (; at != rows.end() && found.size() < max_records; ++at) {
    bytes += at->record.body.size();
    if (!found.empty() && bytes > max_bytes) break;
    found.push_back(at->record);
  }
  return found;
}

void Disk::mark_acked(Lane lane, std::uint64_t upto) {
  Rows& rows = one(lane);
  rows.acked = std::max(rows.acked, upto);
  if (lane == Lane::data) evict(lane, upto);
}

std::optional<Disk::Range> Disk::over_quota(Lane lane) const {
  const std::size_t quota = lane == Lane::data ? data_quota : event_quota;
  const Rows& rows = one(lane);
  if (lane == Lane::alarm || rows.rows.size() <= quota) return std::nullopt;
  const std::size_t last = rows.rows.size() - quota * 8 / 10;
  return Range{rows.rows.front().record.seq, rows.rows[last - 1].record.seq};
}

void Disk::evict(Lane lane, std::uint64_t upto) {
  auto& rows = one(lane).rows;
  while (!rows.empty() && rows.front().record.seq <= upto) rows.pop_front();
}

std::optional<Disk::Range> Disk::lose_unsynced(MonoTime synced, std::size_t keep) {
  Rows& data = one(Lane::data);
  auto first =
      std::find_if(data.rows.begin(), data.rows.end(), [&](const Row& row) { return row.written > synced; });
  first += static_cast<std::ptrdiff_t>(std::min(keep, static_cast<std::size_t>(data.rows.end() - first)));
  const std::uint64_t from = first != data.rows.end() ? first->record.seq : data.next;
  data.rows.erase(first, data.rows.end());
  data.next = std::max(data.next, data.reserved + 1);
  data.head = data.next - 1;  // no record has it, but it counts as used
  if (data.next == from) return std::nullopt;
  return Range{from, data.next - 1};
}

}  // namespace tocsin::simulation
