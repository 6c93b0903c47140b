#include "drivers/modbus/register_point.h"

#include <array>
#include <string_view>
#include <utility>

#include "drivers/driver/source_keys.h"

namespace tocsin::modbus {

namespace {

constexpr std::array<std::pair<std::string_view, Table>, 4> tables{{{"coil", Table::coil},
                                                                    {"discrete", Table::discrete},
                                                                    {"holding", Table::holding},
                                                                    {"input", Table::input}}};

constexpr std::array<std::pair<std::string_view, Type>, 9> types{{{"bit", Type::bit},
                                                                  {"u16", Type::u16},
                                                                  {"i16", Type::i16},
                                                                  {"u32", Type::u32},
                                                                  {"i32", Type::i32},
                                                                  {"u64", Type::u64},
                                                                  {"i64", Type::i64},
                                                                  {"f32", Type::f32},
                                                                  {"f64", Type::f64}}};

struct Order {
  bool words_swapped = false;
  bool bytes_swapped = false;
};
constexpr std::array<std::pair<std::string_view, Order>, 4> orders{
    {{"abcd", {false, false}}, {"cdab", {true, false}}, {"badc", {false, true}}, {"dcba", {true, true}}}};

constexpr int last_address = 65535;
constexpr int bits_per_register = 16;

void check_fit(const RegisterPoint& point, const driver::PointSpec& spec, driver::SourceKeys& keys) {
  if (is_bit_table(point.table) != (point.type == Type::bit))
    keys.wrong("a coil or discrete input is a \"bit\", a register is not");
  if (point.bit && point.type != Type::u16) keys.wrong("\"bit\" needs type u16");
  if (!point.bit && keys.has("bits")) keys.wrong("\"bits\" needs \"bit\"");
  if (point.bit.value_or(0) + point.bits > bits_per_register)
    keys.wrong("\"bit\" and \"bits\" reach beyond the register");
  if (point.address + width_of(point.type) - 1 > last_address)
    keys.wrong("the value reaches beyond address 65535");
  if (!spec.writable) return;
  if (point.table == Table::discrete || point.table == Table::input)
    keys.wrong("only a coil or holding register is writable");
  if (point.bit) keys.wrong("part of a register is not writable");
}

struct Parsed {
  RegisterPoint point;
  std::vector<std::string> errors;
};

Parsed read_source(const driver::PointSpec& spec) {
  driver::SourceKeys keys(spec, {"table", "address", "type", "order", "bit", "bits", "readback"});
  if (!keys.has("table")) keys.wrong("\"table\" is missing: coil, discrete, holding or input");
  if (!keys.has("address")) keys.wrong("\"address\" is missing: 0-based wire address");
  RegisterPoint point;
  point.table = keys.choice("table", tables, Table::holding);
  point.address = static_cast<std::uint16_t>(keys.number("address", 0, last_address, 0));
  point.type = keys.choice("type", types, is_bit_table(point.table) ? Type::bit : Type::u16);
  const Order order = keys.choice("order", orders, Order{});
  point.words_swapped = order.words_swapped;
  point.bytes_swapped = order.bytes_swapped;
  if (keys.has("bit")) point.bit = static_cast<int>(keys.number("bit", 0, bits_per_register - 1, 0));
  point.bits = static_cast<int>(keys.number("bits", 1, bits_per_register, 1));
  point.read_back = keys.flag("readback", true);
  check_fit(point, spec, keys);
  return {point, keys.errors()};
}

}  // namespace

int width_of(Type type) {
  switch (type) {
    case Type::u32:
    case Type::i32:
    case Type::f32: return 2;
    case Type::u64:
    case Type::i64:
    case Type::f64: return 4;
    default: return 1;
  }
}

std::vector<std::string> check_source(const driver::PointSpec& spec) {
  return read_source(spec).errors;
}

Result<RegisterPoint> register_point(const driver::PointSpec& spec) {
  const Parsed read = read_source(spec);
  if (!read.errors.empty()) return fail(Fault::bad_input, "point " + spec.name + ": " + read.errors.front());
  return read.point;
}

}  // namespace tocsin::modbus
