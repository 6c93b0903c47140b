#include <algorithm>

#include "cloud/store/sqlite_tables.h"

namespace tocsin::cloud {
namespace {

std::int64_t number_of(wire::Lane lane) {
  return static_cast<std::int64_t>(lane);
}

Query& bind_id(Query& query, const RecordId& id) {
  return query.bind(id.gateway).bind(id.epoch).bind(number_of(id.lane)).bind(id.seq);
}

Query& bind_rest(Query& query, const StoredRecord& record) {
  return query.bind(record.stored).bind(record.sent).bind(record.received).bind(record.body);
}

}  // namespace

Inserted UplinkTables::insert_record(const StoredRecord& record) {
  {
    Query insert = db_.query("INSERT INTO record VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING");
    if (bind_rest(bind_id(insert, record.id), record).run() == 1) return Inserted::fresh;
  }
  {
    Query known = db_.query("SELECT body FROM record WHERE gateway=? AND epoch=? AND lane=? AND seq=?");
    if (bind_id(known, record.id).step() && std::ranges::equal(known.bytes(0), record.body))
      return Inserted::repeated;
  }
  Query clash = db_.query("INSERT INTO clash VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING");
  return bind_rest(bind_id(clash, record.id), record).run() == 1 ? Inserted::new_clash : Inserted::repeated;
}

std::uint64_t UplinkTables::highest_seq(const std::string& gateway, std::uint64_t epoch, wire::Lane lane) {
  Query query = db_.query("SELECT max(seq) FROM record WHERE gateway=? AND epoch=? AND lane=?");
  query.bind(gateway).bind(epoch).bind(number_of(lane)).step();
  return query.is_null(0) ? 0 : query.u64(0);
}

void UplinkTables::book_gap(const Gap& gap) {
  db_.query("INSERT INTO gap VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING")
      .bind(gap.gateway)
      .bind(gap.epoch)
      .bind(number_of(gap.lane))
      .bind(gap.from)
      .bind(gap.to)
      .bind(gap.cause)
      .bind(gap.booked)
      .run();
}

void UplinkTables::set_watermark(const std::string& gateway, std::uint64_t epoch, wire::Lane lane,
                                 std::uint64_t upto) {
  db_.query("INSERT INTO watermark VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET upto=max(upto, excluded.upto)")
      .bind(gateway)
      .bind(epoch)
      .bind(number_of(lane))
      .bind(upto)
      .run();
}

void UplinkTables::save_gateway(const GatewayRow& gateway) {
  db_.query(
         "INSERT INTO gateway VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET epoch=excluded.epoch, "
         "db_nonce=excluded.db_nonce, identity_conflict=excluded.identity_conflict, "
         "software=excluded.software")
      .bind(gateway.id)
      .bind(gateway.epoch)
      .bind(gateway.db_nonce)
      .bind(gateway.identity_conflict)
      .bind(gateway.software)
      .run();
}

std::vector<GatewayRow> UplinkTables::gateways() {
  std::map<std::string, GatewayRow> found;
  Query rows = db_.query("SELECT id, epoch, db_nonce, identity_conflict, software FROM gateway");
  while (rows.step())
    found[rows.text(0)] = {rows.text(0), rows.u64(1), rows.u64(2), rows.integer(3) != 0, rows.text(4), {}};
  Query marks = db_.query("SELECT gateway, epoch, lane, upto FROM watermark");
  while (marks.step()) {
    GatewayRow& gateway = found[marks.text(0)];
    gateway.id = marks.text(0);
    gateway.watermarks[marks.u64(1)][static_cast<wire::Lane>(marks.integer(2))] = marks.u64(3);
  }
  std::vector<GatewayRow> list;
  for (auto& [id, gateway] : found) list.push_back(std::move(gateway));
  return list;
}

std::vector<Gap> UplinkTables::gaps(const std::string& gateway, std::size_t limit) {
  Query rows = db_.query(
      "SELECT epoch, lane, from_seq, to_seq, cause, booked FROM gap WHERE gateway=? "
      "ORDER BY booked DESC, from_seq DESC LIMIT ?");
  rows.bind(gateway).bind(std::uint64_t{limit});
  std::vector<Gap> list;
  while (rows.step())
    list.push_back({gateway, rows.u64(0), static_cast<wire::Lane>(rows.integer(1)), rows.u64(2), rows.u64(3),
                    rows.text(4), rows.time(5)});
  return list;
}

}  // namespace tocsin::cloud
