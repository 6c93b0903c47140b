#pragma once
// Application units of GB/T 26875.3-2011 (clause 8): type flag 1, count 1, then `count` objects. What an
// object of a type consists of is data (layouts.cpp), used to parse and to build. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "drivers/gb26875/time_label.h"

namespace tocsin::gb26875 {

enum class Field : std::uint8_t {
  system_type,
  system_addr,
  part_type,
  part_addr,    // 4 bytes; the standard: zone, then point, two bytes each, low byte first
  status,       // 2 bytes
  status_byte,  // 1 byte
  analog_type,
  analog,     // 2 bytes, signed
  operation,  // bit set
  operator_id,
  major,
  minor,
  counted_text,  // length byte, then the text
  text31,        // 31 bytes, filled up with zeros
  record_count,  // how many records are asked for
  parameter,     // 0 by the standard; minutes for the duty check
  time,
};

struct Layout {
  std::uint8_t type;
  std::uint8_t max_count;  // objects in one unit, by the standard
  std::span<const Field> fields;
};
// Nothing for a reserved or vendor type.
const Layout* find_layout(std::uint8_t type);

// The members that the layout of its type names are meaningful, the others stay zero.
struct Object {
  std::uint8_t system_type = 0, system_addr = 0;
  std::uint8_t part_type = 0;
  std::array<std::uint8_t, 4> part_addr{};
  std::uint16_t status = 0;
  std::uint8_t analog_type = 0;
  std::int16_t analog = 0;  // in steps of the analog type, see names.h
  std::uint8_t operation = 0, operator_id = 0;
  std::uint8_t major = 0, minor = 0;
  Bytes text;  // GB18030 as on the wire, fill included; see text.h
  std::uint8_t record_count = 0;
  std::uint8_t parameter = 0;
  TimeLabel time{};

  std::uint16_t zone() const { return static_cast<std::uint16_t>(part_addr[0] | part_addr[1] << 8); }
  std::uint16_t point() const { return static_cast<std::uint16_t>(part_addr[2] | part_addr[3] << 8); }
  void set_part(std::uint16_t zone, std::uint16_t point);
  friend bool operator==(const Object&, const Object&) = default;
};

struct Unit {
  std::uint8_t type = 0;
  std::vector<Object> objects;
  std::span<const Field> fields;  // of each object

  bool has(Field field) const;
};

// unsupported: a type without layout; framing: the size is not exactly that of its objects, or there are
// none. Such a unit is the vendor's own: keep it raw and confirm it, it is no reason to deny.
Result<Unit> parse_unit(ByteView data);
// Bytes that this field of the object takes on the wire.
std::size_t size_of(Field field, const Object& object);
// bad_input: unknown type, too many objects, text too long.
Result<Bytes> build_unit(std::uint8_t type, std::span<const Object> objects);

}  // namespace tocsin::gb26875
