#pragma once
// What a CJ/T 188 answer says: totals, temperatures, clock, status, in both directions. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value/decimal.h"
#include "drivers/cjt188/frame.h"
#include "drivers/cjt188/layouts.h"

namespace tocsin::cjt188 {

enum class Quality : std::uint8_t {
  good,
  all_ff,   // FF in every byte: the meter does not have this item
  zero,     // a clock of zeros: the meter has no clock
  not_bcd,  // a nibble above 9
};
std::string_view name_of(Quality quality);

struct Value {
  std::string_view name;  // Field::name
  Kind kind = Kind::with_unit;
  Quality quality = Quality::good;
  std::string unit;               // "m3"; "unknown_7F" for a code that is not in the table
  std::optional<Decimal> number;  // the multiple of the unit code is applied
  // Clock: "2023-09-05T12:49:09" as the digits say, the date may be impossible. Status: 4 hex digits, ST0
  // first.
  std::string text;
  bool filled_with_nines = false;  // some meters mean "not available" by 99 in every byte
  std::size_t offset = 0;          // in Frame::data
  std::size_t size = 0;
};

// The values of a normal answer; empty when the layout is not known.
std::vector<Value> read_values(const Frame& frame);

inline constexpr std::uint16_t read_current = 0x901F, read_address = 0x810A, write_valve = 0xA017,
                               write_address = 0xA018;

// Valve command of a request (55 open, 99 close; other codes are the vendors').
std::optional<std::uint8_t> valve_command(const Frame& frame);
// The new address of a write-address request, digits most significant first.
std::optional<std::string> new_address(const Frame& frame);
// ST0 ST1 of a valve answer or of an abnormal answer.
std::optional<ByteView> answer_status(const Frame& frame);

// Data of a read request: identifier, serial number.
Bytes read_request(const Identifier& identifier, std::uint8_t serial_number);
// A total as a meter sends it: 4 BCD bytes with 2 decimals, unit code. Error: out_of_range.
Result<Bytes> write_total(const Decimal& number, std::uint8_t unit_code);

}  // namespace tocsin::cjt188
