#pragma once
// The values behind an identifier of DL/T 645, clause 6 (formats) and appendix A (items), in both directions.
// Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result/result.h"
#include "core/value/decimal.h"
#include "drivers/dlt645/items.h"

namespace tocsin::dlt645 {

enum class Quality : std::uint8_t {
  good,
  all_ff,           // FF in every byte: the meter does not have this item
  not_bcd,          // a nibble above 9
  length_mismatch,  // the answer is shorter or longer than the item
};
std::string_view name_of(Quality quality);

struct Value {
  std::string name;            // Item::name; of a block with its index: "voltage_block[0]"
  std::string_view unit = {};  // numbers only
  Quality quality = Quality::good;
  std::optional<Decimal> number;  // Format::number and number_time, when good
  std::string text;               // every format, when good: "36.30", "2016-01-11", "220V"
  std::optional<int> weekday;     // Format::date_weekday: 0 is Sunday
  std::string time;  // Format::number_time: when the maximum was, "2016-01-11T10:15"; may be empty
  Bytes raw;         // as on the wire
};

// `data` is what follows the identifier. A block has as many values as fit. Never empty.
std::vector<Value> read_values(const Item& item, ByteView data);
std::vector<Value> read_values(std::uint32_t identifier, Edition edition,
                               ByteView data);  // empty: unknown identifier

// One number as the meter sends it. Errors: bad_input (not a number item, decimals differ), out_of_range.
Result<Bytes> write_number(const Item& item, const Decimal& number);

}  // namespace tocsin::dlt645
