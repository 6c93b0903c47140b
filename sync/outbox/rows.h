#pragma once
// The tables of the outbox as typed rows, each with its checksum. Owned by the store thread with the Db.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sync/outbox/db.h"
#include "sync/outbox/outbox.h"

namespace tocsin::outbox {

std::string table_of(Lane lane);  // "alarm", "event", "data"
std::int64_t to_ms(UtcTime time);

struct Row {
  Record record;
  bool intact = true;  // its checksum fits
};

// The rows of one lane.
class LaneTable {
 public:
  static Result<LaneTable> open(Db& db, Lane lane);

  Status insert(const Record& record, UtcTime stored);
  // Rows from `from` on in order; the visitor answers whether to go on.
  template <class Visitor>
  Status each(std::uint64_t from, Visitor visit);
  Result<std::optional<Row>> at(std::uint64_t seq);
  Status erase(std::uint64_t from, std::uint64_t to);
  Result<std::optional<std::uint64_t>> first();
  Result<std::optional<std::uint64_t>> last();

 private:
  LaneTable() = default;
  Row current() const;
  Result<std::optional<std::uint64_t>> optional_seq(Statement& query);

  Lane lane_{};
  Statement insert_, from_, erase_, first_, last_;
};

template <class Visitor>
Status LaneTable::each(std::uint64_t from, Visitor visit) {
  from_.bind(static_cast<std::int64_t>(from));
  for (;;) {
    const Result<bool> row = from_.next_row();
    if (!row) return row.error();
    if (!*row) return {};
    if (!visit(current())) {
      from_.reset();
      return {};
    }
  }
}

struct StateRow {
  StatePut put;
  bool intact = true;
};
Result<std::vector<StateRow>> all_states(Db& db);  // in order of kind and key
Status put_state(Db& db, const StatePut& put);     // an empty body deletes it

struct AckedRow {
  std::int64_t hour = 0;  // since 1970, UTC
  std::uint64_t upto = 0;
  bool intact = true;
};
Result<std::vector<AckedRow>> all_acked(Db& db, Lane lane);  // in order of hour
Status put_acked(Db& db, Lane lane, std::int64_t hour, std::uint64_t upto);
Status erase_acked_before(Db& db, Lane lane,
                          std::int64_t hour);  // the newest row stays: it is the lane's watermark

// Numbers and sentences of table meta.
Result<std::optional<std::uint64_t>> meta_number(Db& db, const std::string& name);
Status set_meta(Db& db, const std::string& name, std::uint64_t value);
Result<std::string> meta_text(Db& db, const std::string& name);             // "" when there is none
Status set_meta(Db& db, const std::string& name, const std::string& text);  // "" deletes it
std::string floor_name(Lane lane);

}  // namespace tocsin::outbox
