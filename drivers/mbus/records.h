#pragma once
// The data records of an M-Bus answer, EN 13757-3 clause 6.3: DIF [DIFE] VIF [VIFE] data, in both directions.
// Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/decimal.h"

namespace tocsin::mbus {

enum class DataType : std::uint8_t { none, integer, real, selection, bcd, text, variable_bcd, binary };
std::string_view name_of(DataType type);

enum class Function : std::uint8_t { instantaneous, maximum, minimum, error };

inline constexpr std::size_t max_extensions = 10;  // DIFE or VIFE of one record

// No value: none, selection, BCD with a nibble above 9.
using Raw = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;

struct Record {
  std::uint8_t dif = 0;  // as on the wire, with its extension bit
  Function function = Function::instantaneous;
  std::uint64_t storage = 0;  // 0 is now
  std::uint32_t tariff = 0;
  std::uint32_t subunit = 0;
  std::uint8_t vif = 0;   // as on the wire, with its extension bit
  Bytes vife;             // at most max_extensions
  std::string unit_text;  // VIF 7C and FC
  DataType type = DataType::none;
  Raw raw;
  std::size_t offset = 0;  // of the DIF in the parsed data
  std::size_t size = 0;
};

struct Records {
  std::vector<Record> records;
  std::size_t manufacturer_length = 0;  // bytes after DIF 0F or 1F
  bool more_follow = false;             // 1F: ask again with the other FCB
};

// Error: framing (a record ends behind the data, too many extensions, a reserved DIF).
Result<Records> parse_records(ByteView data);

// One record. Integers take the width of the DIF. Errors: bad_input (dif or raw do not fit), out_of_range.
Status write_record(Bytes& out, const Record& record);

// The value in its unit: records without VIFE, exact for integers and BCD.
struct Scaled {
  std::string_view quantity;
  std::string_view unit;
  std::optional<Decimal> exact;  // integers, BCD
  double real = 0;               // always
};
std::optional<Scaled> scaled_value(const Record& record);

// VIF 6C (type G, 2 bytes) and 6D (type F, 4 bytes): "2007-12-31" or "2007-12-31T23:59". Nothing: no date,
// marked invalid, or month or day out of range.
std::optional<std::string> date_text(const Record& record);

}  // namespace tocsin::mbus
