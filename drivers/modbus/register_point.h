#pragma once
// Where a point lies in a Modbus device and how its value is coded: what PointSpec::source means in this
// protocol.
//   table     "coil" "discrete" "holding" "input"
//   address   0-based wire address (0, where a manual says 40001)
//   type      "bit" (default for coil and discrete), "u16" (default for registers) "i16" "u32" "i32" "u64"
//   "i64" "f32" "f64" order     "abcd" (default) "cdab" "badc" "dcba": the order in which the value's bytes
//   arrive. Eight bytes follow the
//             same two rules (words swapped or not, bytes in a word swapped or not); "dcba" reverses all of
//             them
//   bit       0..15, lowest bit of a field within one register; bits: width of the field, default 1, which
//   gives a bool readback  false: what was written cannot be read again (a reset command)

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"
#include "drivers/driver/exchange.h"
#include "drivers/driver/profile.h"

namespace tocsin::modbus {

enum class Table : std::uint8_t { coil, discrete, holding, input };
enum class Type : std::uint8_t { bit, u16, i16, u32, i32, u64, i64, f32, f64 };

struct RegisterPoint {
  Table table = Table::holding;
  std::uint16_t address = 0;
  Type type = Type::u16;
  bool words_swapped = false;  // low word first
  bool bytes_swapped = false;  // low byte first within a word
  std::optional<int> bit;
  int bits = 1;
  bool read_back = true;
};

inline bool is_bit_table(Table table) {
  return table == Table::coil || table == Table::discrete;
}
int width_of(Type type);  // coils, or registers

// Everything that is wrong with a point's source, in words for `tocsin check`; empty when it is good.
std::vector<std::string> check_source(const driver::PointSpec& spec);
// bad_input with the first of those words.
Result<RegisterPoint> register_point(const driver::PointSpec& spec);

}  // namespace tocsin::modbus
