#include "sync/outbox/outbox.h"

#include <algorithm>
#include <chrono>

#include "sync/outbox/outbox_impl.h"
#include "sync/outbox/recovery.h"

namespace tocsin::outbox {
namespace {

// Pages (of 4 KiB) after which the WAL is moved into the database: then it is overwritten instead of grown,
// and most commits need one sync only.
constexpr int wal_limit = 1000;

std::int64_t hour_of(UtcTime time) {
  return std::chrono::duration_cast<std::chrono::hours>(time.time_since_epoch()).count();
}

// Seqs of a file that is not synced at each commit are taken in blocks, noted before the first of them is
// used.
bool needs_reservation(const std::map<Lane, LaneMark>& marks, Lane lane, std::uint64_t seq) {
  const auto mark = marks.find(lane);
  return mark == marks.end() || seq > mark->second.seq;
}

}  // namespace

Status Outbox::Impl::attach(Db opened) {
  tables.clear();
  db = std::move(opened);
  for (const Lane lane : options.lanes) {
    Result<LaneTable> table = LaneTable::open(*db, lane);
    if (!table) return table.error();
    tables.emplace(lane, std::move(*table));
  }
  return {};
}

// After a failed sync nobody knows which of the written pages are on disk, and a later sync may succeed
// without them. So everything is read back and written once more, into the database file.
Status Outbox::Impl::reopen() {
  tables.clear();
  db.reset();
  Result<Db> opened = open_database(options.file, options, vfs.name());
  if (!opened) return opened.error();
  if (Status moved = opened->checkpoint(true); !moved) return moved;
  Result<Findings> findings = inspect(*opened, options, beside);
  if (!findings) return findings.error();
  if (Status attached = attach(std::move(*opened)); !attached) return attached;
  lanes = findings->lanes;
  for (const auto& [lane, state] : lanes) settled[lane] = state.head;
  return {};
}

Status Outbox::Impl::ready() {
  return db ? Status{} : reopen();
}

Error Outbox::Impl::failed(const Error& error) {
  if (is_io_error(error)) {
    tables.clear();
    db.reset();
  }
  if (error.fault == Fault::storage_full) {
    full = true;
    reserve_given = reserve.release() || reserve_given;
  }
  return error;
}

Status Outbox::Impl::checkpoint(bool truncate) {
  if (Status moved = db->checkpoint(truncate); !moved) return moved;
  for (const auto& [lane, state] : lanes) settled[lane] = state.head;
  return {};
}

Status Outbox::Impl::save_marks() {
  if (Status saved = save_identity(options.file, beside); !saved) return failed(saved.error());
  return {};
}

Status Outbox::Impl::relaxed(const std::function<Status()>& work) {
  if (Status open = ready(); !open) return open;
  if (Status set = db->run("PRAGMA synchronous=NORMAL"); !set) return failed(set.error());
  Status done;
  {
    Transaction transaction(*db);
    done = transaction.begin();
    if (done) done = work();
    if (done) done = transaction.commit();
  }
  const Status set = db->run(synchronous_pragma(options.durability));
  if (!done) return failed(done.error());
  return set;
}

Status Outbox::Impl::refresh_first(Lane lane) {
  const Result<std::optional<std::uint64_t>> first = tables.at(lane).first();
  if (!first) return failed(first.error());
  lanes[lane].first = first->value_or(lanes[lane].head + 1);
  return {};
}

std::int64_t Outbox::Impl::wal_bytes() const {
  std::error_code none;
  const auto size = std::filesystem::file_size(options.file.string() + "-wal", none);
  return none ? 0 : static_cast<std::int64_t>(size);
}

Outbox::Outbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Outbox>> Outbox::open(const Options& options, OpenReport& report) {
  auto impl = std::make_unique<Impl>(options);
  impl->reserve.keep();
  Result<Opened> opened = open_or_rebuild(options, impl->vfs.name());
  if (!opened) return opened.error();
  const Findings& findings = opened->findings;
  report = {findings.identity, findings.created, findings.lost};
  impl->lanes = findings.lanes;
  impl->lost_pending = !findings.lost.empty();
  if (Status attached = impl->attach(std::move(opened->db)); !attached) return attached.error();

  // What has just been read may be in the kernel's cache only; after this it is on disk and the marks may say
  // so. Without room for it the old marks stay, which are true as well.
  const Status settled = impl->checkpoint(true);
  const bool may_wait = !findings.created && !settled && settled.error().fault == Fault::storage_full;
  if (!settled && !may_wait) return settled.error();
  impl->beside.identity = findings.identity;
  impl->beside.boot = options.boot.empty() ? current_boot() : options.boot;
  const bool same_file = opened->beside && opened->beside->identity.epoch == findings.identity.epoch;
  for (const auto& [lane, state] : impl->lanes) {
    LaneMark mark = same_file ? opened->beside->marks[lane] : LaneMark{};
    if (settled) mark = {std::max(mark.seq, state.head), state.acked};
    impl->beside.marks[lane] = mark;
  }
  if (Status saved = impl->save_marks(); !saved && saved.error().fault != Fault::storage_full)
    return saved.error();
  return std::unique_ptr<Outbox>(new Outbox(std::move(impl)));
}

Outbox::~Outbox() {
  Impl& self = *impl_;
  if (!self.db || !self.checkpoint(true)) return;
  for (const auto& [lane, state] : self.lanes) self.beside.marks[lane] = {state.head, state.acked};
  static_cast<void>(self.save_marks());  // the old marks stay true
}

LaneState Outbox::lane(Lane lane) const {
  const auto found = impl_->lanes.find(lane);
  return found == impl_->lanes.end() ? LaneState{} : found->second;
}

Status Outbox::Impl::put_record(Lane lane, const Record& record, std::uint64_t& head, UtcTime now) {
  LaneTable& table = tables.at(lane);
  if (record.seq > head) {
    if (record.seq != head + 1) {
      return fail(Fault::bad_input, "lane " + table_of(lane) + " is at " + std::to_string(head) +
                                        ", record says " + std::to_string(record.seq));
    }
    head = record.seq;
    return table.insert(record, now);
  }
  const Result<std::optional<Row>> stored = table.at(record.seq);
  if (!stored) return stored.error();
  const bool same = stored->has_value() && (*stored)->record.body == record.body;
  if (!same)
    return fail(Fault::bad_input,
                "record " + std::to_string(record.seq) + " of lane " + table_of(lane) + " is another one");
  return {};
}

Status Outbox::Impl::put_all(const std::vector<Change>& changes, std::map<Lane, std::uint64_t>& heads,
                             UtcTime now) {
  Transaction transaction(*db);
  if (Status begun = transaction.begin(); !begun) return begun;
  for (const Change& change : changes) {
    for (const auto& [lane, record] : change.records) {
      if (!has(lane)) return fail(Fault::bad_input, "lane " + table_of(lane) + " is not of this file");
      if (Status put = put_record(lane, record, heads[lane], now); !put) return put;
    }
    for (const StatePut& put : change.state) {
      if (Status stored = put_state(*db, put); !stored) return stored;
    }
  }
  if (lost_pending) {
    if (Status told = set_meta(*db, "lost", std::string{}); !told) return told;
  }
  return transaction.commit();
}

Status Outbox::Impl::reserve_seqs(const std::vector<Change>& changes) {
  std::map<Lane, LaneMark> wanted = beside.marks;
  for (const Change& change : changes) {
    for (const auto& [lane, record] : change.records) {
      if (needs_reservation(wanted, lane, record.seq)) wanted[lane].seq = record.seq + seq_reservation;
    }
  }
  const auto same = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.seq == b.second.seq;
  };
  if (std::equal(wanted.begin(), wanted.end(), beside.marks.begin(), beside.marks.end(), same)) return {};
  std::swap(wanted, beside.marks);
  Status saved = save_marks();
  if (!saved) std::swap(wanted, beside.marks);
  return saved;
}

Status Outbox::commit(const std::vector<Change>& changes, UtcTime now) {
  Impl& self = *impl_;
  if (Status open = self.ready(); !open) return open;
  if (!self.synced()) {
    if (Status reserved = self.reserve_seqs(changes); !reserved) return reserved;
  }
  std::map<Lane, std::uint64_t> heads;
  for (const auto& [lane, state] : self.lanes) heads[lane] = state.head;
  if (Status put = self.put_all(changes, heads, now); !put) return self.failed(put.error());
  self.lost_pending = false;
  self.full = false;
  for (const auto& [lane, head] : heads) self.lanes[lane].head = head;
  return {};
}

Result<std::vector<Record>> Outbox::read(Lane lane, std::uint64_t from, std::size_t max_records,
                                         std::size_t max_bytes) {
  Impl& self = *impl_;
  if (Status open = self.ready(); !open) return open.error();
  std::vector<Record> records;
  if (!self.has(lane) || max_records == 0) return records;
  std::vector<std::uint64_t> bad;
  std::size_t bytes = 0;
  const auto take = [&](Row row) {
    if (!row.intact) {
      bad.push_back(row.record.seq);
      return true;
    }
    bytes += row.record.body.size();
    if (!records.empty() && bytes > max_bytes) return false;
    records.push_back(std::move(row.record));
    return records.size() < max_records;
  };
  if (Status read = self.tables.at(lane).each(from, take); !read) return self.failed(read.error());
  if (bad.empty()) return records;
  if (Status dropped = self.drop(lane, bad); !dropped) return dropped.error();
  return records;
}

Status Outbox::mark_acked(Lane lane, std::uint64_t upto, UtcTime now) {
  Impl& self = *impl_;
  if (Status open = self.ready(); !open) return open;
  if (!self.has(lane)) return fail(Fault::bad_input, "lane " + table_of(lane) + " is not of this file");
  LaneState& state = self.lanes[lane];
  const std::uint64_t acked = std::min(upto, state.head);
  if (acked <= state.acked) return {};
  const Status marked = self.relaxed([&] { return put_acked(*self.db, lane, hour_of(now), acked); });
  if (!marked) return marked;
  self.lanes[lane].acked = acked;
  return lane == Lane::data ? self.erase_upto(lane, acked) : Status{};
}

Status Outbox::unmark_acked(Lane lane, std::uint64_t upto) {
  Impl& self = *impl_;
  if (Status open = self.ready(); !open) return open;
  if (!self.has(lane)) return fail(Fault::bad_input, "lane " + table_of(lane) + " is not of this file");
  if (self.lanes[lane].acked <= upto) return {};
  const Result<std::vector<AckedRow>> rows = all_acked(*self.db, lane);
  if (!rows) return self.failed(rows.error());
  const Status lowered = self.relaxed([&]() -> Status {
    for (const AckedRow& row : *rows) {
      if (row.upto <= upto) continue;
      if (Status put = put_acked(*self.db, lane, row.hour, upto); !put) return put;
    }
    return {};
  });
  if (lowered) self.lanes[lane].acked = upto;
  return lowered;
}

Status Outbox::upkeep() {
  Impl& self = *impl_;
  if (Status open = self.ready(); !open) return open;
  if (self.db->pages_to_move() > wal_limit) {
    if (Status moved = self.checkpoint(false); !moved) return self.failed(moved.error());
  }
  if (self.reserve_given && self.has_room()) {
    self.reserve.keep();
    self.reserve_given = false;
  }
  if (!self.synced()) return {};
  // One mark above the checkpoint is enough to notice that the WAL went missing; more would cost syncs.
  bool due = false;
  for (const auto& [lane, state] : self.lanes) {
    LaneMark& mark = self.beside.marks[lane];
    if (state.head > self.settled[lane] && mark.seq <= self.settled[lane]) {
      mark = {state.head, state.acked};
      due = true;
    }
  }
  return due ? self.save_marks() : Status{};
}

std::vector<std::pair<std::string, Bytes>> Outbox::states(const std::string& kind) const {
  std::vector<std::pair<std::string, Bytes>> found;
  if (!impl_->ready()) return found;
  Result<std::vector<StateRow>> rows = all_states(*impl_->db);
  if (!rows) return found;
  for (StateRow& row : *rows) {
    if (row.intact && row.put.kind == kind)
      found.emplace_back(std::move(row.put.key), std::move(row.put.body));
  }
  return found;
}

Usage Outbox::usage() const {
  Usage usage;
  std::error_code none;
  const auto size = std::filesystem::file_size(impl_->options.file, none);
  usage.bytes = (none ? 0 : size) + static_cast<std::uint64_t>(impl_->wal_bytes());
  if (impl_->db) {
    if (const Result<std::uint64_t> used = impl_->used_bytes()) usage.used = *used;
  }
  usage.quota = impl_->options.quota_bytes;
  usage.bytes_written = impl_->counter.bytes;
  usage.syncs = impl_->counter.syncs;
  usage.damaged = impl_->damaged;
  for (const auto& [lane, state] : impl_->lanes) {
    const std::uint64_t oldest = std::max(state.first, state.acked + 1);
    usage.waiting[lane] = state.head + 1 - oldest;
    if (usage.waiting[lane] == 0 || !impl_->db) continue;  // used_bytes() may have closed it
    const auto note_first = [&](const Row& row) {
      usage.oldest[lane] = row.record.stored;
      return false;
    };
    static_cast<void>(impl_->tables.at(lane).each(oldest, note_first));
  }
  return usage;
}

}  // namespace tocsin::outbox
