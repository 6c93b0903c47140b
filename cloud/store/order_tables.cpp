#include "cloud/store/sqlite_tables.h"

namespace tocsin::cloud {
namespace {

OrderRow order_row(const Query& row) {
  return {row.text(0), row.text(1), row.integer(2) != 0, row.text(3)};
}

}  // namespace

void OrderTables::save(const OrderRow& row) {
  db_.query(
         "INSERT INTO remote_order (id, gateway, open, document) VALUES (?,?,?,?) "
         "ON CONFLICT (id) DO UPDATE SET open=excluded.open, document=excluded.document")
      .bind(row.id)
      .bind(row.gateway)
      .bind(row.open)
      .bind(row.document)
      .run();
}

std::optional<OrderRow> OrderTables::find(const std::string& id) {
  Query row = db_.query("SELECT id, gateway, open, document FROM remote_order WHERE id=?");
  return row.bind(id).step() ? std::optional(order_row(row)) : std::nullopt;
}

std::vector<OrderRow> OrderTables::open() {
  Query rows = db_.query("SELECT id, gateway, open, document FROM remote_order WHERE open ORDER BY number");
  std::vector<OrderRow> list;
  while (rows.step()) list.push_back(order_row(rows));
  return list;
}

std::vector<OrderRow> OrderTables::of(const std::string& gateway, std::size_t limit) {
  Query rows = db_.query(
      "SELECT id, gateway, open, document FROM remote_order WHERE gateway=? ORDER BY number DESC LIMIT ?");
  rows.bind(gateway).bind(std::uint64_t{limit});
  std::vector<OrderRow> list;
  while (rows.step()) list.push_back(order_row(rows));
  return list;
}

}  // namespace tocsin::cloud
