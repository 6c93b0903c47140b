// What of the outbox goes and when: acked records past their keeping, and records that no longer fit the
// quota.

#include <algorithm>

#include "sync/outbox/outbox_impl.h"

namespace tocsin::outbox {
namespace {

constexpr std::int64_t keep_hours = 7 * 24;  // acked alarms and events, for a cloud restored from a backup
constexpr std::uint64_t slice = 200;         // rows per transaction: commits of alarms go in between
constexpr int slices_per_trim = 16;
constexpr std::size_t rows_per_plan = 2000;
constexpr std::uint64_t row_overhead = 32;  // bytes of a row besides its body
constexpr std::uintmax_t room_again = 4u
                                      << 20;  // free bytes of the disk at which it is no longer called full

std::uint64_t start_evicting(std::uint64_t quota) {
  return quota / 10 * 8;
}
std::uint64_t stop_evicting(std::uint64_t quota) {
  return quota / 10 * 7;
}

// The newest ack that is older than the keeping time.
std::uint64_t past_keeping(const std::vector<AckedRow>& rows, std::int64_t now_hour) {
  std::uint64_t upto = 0;
  for (const AckedRow& row : rows) {
    if (row.intact && row.hour + keep_hours < now_hour) upto = std::max(upto, row.upto);
  }
  return upto;
}

}  // namespace

Result<std::uint64_t> Outbox::Impl::used_bytes() {
  const Result<std::int64_t> pages = db->integer("PRAGMA page_count");
  if (!pages) return failed(pages.error());
  const Result<std::int64_t> free = db->integer("PRAGMA freelist_count");
  if (!free) return failed(free.error());
  const Result<std::int64_t> size = db->integer("PRAGMA page_size");
  if (!size) return failed(size.error());
  return static_cast<std::uint64_t>((*pages - *free) * *size);
}

bool Outbox::Impl::has_room() const {
  std::error_code none;
  const std::filesystem::space_info room = std::filesystem::space(options.file.parent_path(), none);
  return !none && room.available > std::min(room_again, room.capacity / 4);
}

// Rows of one lane, as one small transaction. Their seqs stay used.
Status Outbox::Impl::erase_slice(Lane lane, std::uint64_t from, std::uint64_t to) {
  const Status erased = relaxed([&]() -> Status {
    if (to >= lanes[lane].head) {
      if (Status set = set_meta(*db, floor_name(lane), lanes[lane].head); !set) return set;
    }
    return tables.at(lane).erase(from, to);
  });
  if (!erased) return erased;
  return refresh_first(lane);
}

Status Outbox::Impl::erase_upto(Lane lane, std::uint64_t upto) {
  while (lanes[lane].first <= upto) {
    const std::uint64_t from = lanes[lane].first;
    if (Status erased = erase_slice(lane, from, std::min(upto, from + slice - 1)); !erased) return erased;
  }
  return {};
}

Status Outbox::Impl::drop(Lane lane, const std::vector<std::uint64_t>& seqs) {
  for (const std::uint64_t seq : seqs) {
    if (Status erased = erase_slice(lane, seq, seq); !erased) return erased;
    ++damaged;
  }
  return {};
}

Status Outbox::trim(UtcTime now) {
  Impl& self = *impl_;
  if (Status open = self.ready(); !open) return open;
  const Result<std::uint64_t> used = self.used_bytes();
  if (!used) return used.error();
  const bool short_of_room = self.full || *used > start_evicting(self.options.quota_bytes);
  const std::int64_t now_hour =
      std::chrono::duration_cast<std::chrono::hours>(now.time_since_epoch()).count();
  for (const Lane lane : self.options.lanes) {
    const Result<std::vector<AckedRow>> rows = all_acked(*self.db, lane);
    if (!rows) return self.failed(rows.error());
    const bool all = lane == Lane::data || short_of_room;
    const std::uint64_t limit = all ? self.lanes[lane].acked : past_keeping(*rows, now_hour);
    for (int slices = 0; slices < slices_per_trim && self.lanes[lane].first <= limit; ++slices) {
      const std::uint64_t from = self.lanes[lane].first;
      if (Status erased = self.erase_slice(lane, from, std::min(limit, from + slice - 1)); !erased)
        return erased;
    }
    if (rows->size() > 1 && past_keeping(*rows, now_hour) > 0) {
      const Status forgotten =
          self.relaxed([&] { return erase_acked_before(*self.db, lane, now_hour - keep_hours); });
      if (!forgotten) return forgotten;
    }
  }
  return {};
}

std::optional<Outbox::EvictionPlan> Outbox::plan_eviction() const {
  Impl& self = *impl_;
  if (!self.ready()) return std::nullopt;
  const Lane lane = self.has(Lane::data) ? Lane::data : Lane::event;  // never alarms
  if (!self.has(lane)) return std::nullopt;
  const Result<std::uint64_t> used = self.used_bytes();
  if (!used) return std::nullopt;
  const std::uint64_t quota = self.options.quota_bytes;
  if (!self.full && *used <= start_evicting(quota)) return std::nullopt;
  const std::uint64_t above = *used > stop_evicting(quota) ? *used - stop_evicting(quota) : 0;
  const std::uint64_t wanted = std::max(above, self.full ? *used / 10 : 0);

  EvictionPlan plan{lane, 0, 0, 0};
  std::uint64_t freed = 0;
  const auto add = [&](const Row& row) {
    if (plan.count == 0) plan.from = row.record.seq;
    plan.to = row.record.seq;
    ++plan.count;
    freed += row.record.body.size() + row_overhead;
    return freed < wanted && plan.count < rows_per_plan;
  };
  const std::uint64_t oldest = std::max(self.lanes[lane].first, self.lanes[lane].acked + 1);
  if (!self.tables.at(lane).each(oldest, add) || plan.count == 0) return std::nullopt;
  return plan;
}

Status Outbox::evict(const EvictionPlan& plan) {
  Impl& self = *impl_;
  if (Status open = self.ready(); !open) return open;
  if (plan.lane == Lane::alarm || !self.has(plan.lane))
    return fail(Fault::refused, "no eviction from this lane");
  const std::uint64_t to = std::min(plan.to, self.lanes[plan.lane].head);
  for (std::uint64_t from = plan.from; from <= to; from += slice) {
    if (Status erased = self.erase_slice(plan.lane, from, std::min(to, from + slice - 1)); !erased)
      return erased;
  }
  if (self.synced()) return {};
  if (Status given = self.db->run("PRAGMA incremental_vacuum"); !given) return self.failed(given.error());
  return {};
}

}  // namespace tocsin::outbox
