#pragma once
// The application layer of an M-Bus answer up to its records: EN 13757-3 clause 5 (CI) and 6 (headers). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result/result.h"
#include "core/value/decimal.h"
#include "drivers/mbus/frame.h"
#include "drivers/mbus/records.h"

namespace tocsin::mbus {

namespace ci {
inline constexpr std::uint8_t send_data = 0x51, select = 0x52, error = 0x70, alarm = 0x71, long_header = 0x72,
                              fixed = 0x73, no_header = 0x78, short_header = 0x7A;
}  // namespace ci

struct Header {
  std::string id;            // 8 digits, most significant first
  std::string manufacturer;  // three letters
  std::uint8_t version = 0;
  std::uint8_t medium = 0;
};

// CI 73, EN 1434-3: two counters and nothing else.
struct FixedCounter {
  std::uint8_t unit_code = 0;       // 6 bits, EN 1434-3 table of physical units
  std::optional<std::int64_t> raw;  // nothing: not BCD
  std::string_view unit = {};       // "" for a bare number
  std::optional<Decimal> value;
};
struct FixedData {
  FixedCounter counters[2];
  std::uint8_t medium = 0;  // 4 bits
};

struct Application {
  std::optional<Header> header;  // CI 72; of CI 73 only id and nothing else
  std::optional<std::uint8_t> access_no;
  std::optional<std::uint8_t> status;  // bits 0-1 application, 2 power low, 3 permanent, 4 temporary error
  std::optional<std::uint16_t> signature;
  std::optional<Records> records;  // CI 72, 7A, 78
  std::optional<FixedData> fixed;  // CI 73
};

// Errors: framing (too short for its header, damaged records), unsupported (another CI: use Frame::data).
Result<Application> parse_application(const Frame& frame);

std::string manufacturer_letters(std::uint16_t code);
std::optional<std::uint16_t> manufacturer_code(std::string_view letters);  // nothing unless three of A..Z
std::string_view medium_name(std::uint8_t medium);                         // "" when not in the table

}  // namespace tocsin::mbus
