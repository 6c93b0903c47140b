#include "drivers/mbus/records.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

#include "core/bytes/bcd.h"
#include "drivers/mbus/vif.h"

namespace tocsin::mbus {
namespace {

constexpr std::uint8_t extension_bit = 0x80;
constexpr std::uint8_t manufacturer_to_end = 0x0F, more_in_next = 0x1F, filler = 0x2F;
constexpr std::uint8_t type_variable = 0x0D, type_special = 0x0F;

struct Coding {
  DataType type;
  std::uint8_t width;  // bytes
};
// By the low half of the DIF, EN 13757-3 table 4.
constexpr std::array<Coding, 16> codings = {{
    {DataType::none, 0},
    {DataType::integer, 1},
    {DataType::integer, 2},
    {DataType::integer, 3},
    {DataType::integer, 4},
    {DataType::real, 4},
    {DataType::integer, 6},
    {DataType::integer, 8},
    {DataType::selection, 0},
    {DataType::bcd, 1},
    {DataType::bcd, 2},
    {DataType::bcd, 3},
    {DataType::bcd, 4},
    {DataType::text, 0},
    {DataType::bcd, 6},
    {DataType::none, 0},
}};

std::int64_t signed_le(ByteView data) {
  std::uint64_t value = 0;
  for (std::size_t i = data.size(); i > 0; --i) value = value << 8 | data[i - 1];
  const int unused = 64 - 8 * static_cast<int>(data.size());
  return static_cast<std::int64_t>(value << unused) >> unused;
}

// F as the highest digit is a minus, clause 6.3.2 type A.
Raw read_bcd(ByteView data) {
  Bytes plain(data.begin(), data.end());
  const bool negative = !plain.empty() && plain.back() >> 4 == 0x0F;
  if (negative) plain.back() &= 0x0F;
  const auto digits = bytes::bcd_le(plain);
  if (!digits) return {};
  const auto magnitude = static_cast<std::int64_t>(*digits);
  return negative ? -magnitude : magnitude;
}

// LVAR: the first byte tells the form and the length.
Result<void> read_variable(bytes::Reader& reader, Record& record) {
  const std::uint8_t form = reader.u8();
  if (form <= 0xBF) {
    const ByteView text = reader.take(form);
    record.type = DataType::text;
    record.raw = std::string(text.rbegin(), text.rend());
  } else if (form <= 0xDF) {
    const Raw magnitude = read_bcd(reader.take(form & 0x0F));
    record.type = DataType::variable_bcd;
    record.raw = magnitude;
    if (const auto* number = std::get_if<std::int64_t>(&magnitude); number && form >= 0xD0)
      record.raw = -*number;
  } else if (form <= 0xEF) {
    const ByteView data = reader.take(form & 0x0F);
    record.type = DataType::binary;
    record.raw = Bytes(data.begin(), data.end());
  } else {
    return fail(Fault::framing, "reserved length of a variable record");
  }
  return {};
}

Result<void> read_data(bytes::Reader& reader, Record& record) {
  const std::uint8_t kind = record.dif & 0x0F;
  if (kind == type_variable) return read_variable(reader, record);
  const Coding& coding = codings[kind];
  record.type = coding.type;
  const ByteView data = reader.take(coding.width);
  if (!reader.ok()) return {};
  switch (coding.type) {
    case DataType::integer: record.raw = signed_le(data); break;
    case DataType::bcd: record.raw = read_bcd(data); break;
    case DataType::real:
      record.raw = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(signed_le(data))));
      break;
    default: break;
  }
  return {};
}

// DIFE: bits 0-3 storage, 4-5 tariff, 6 subunit, each continuing the number of the byte before.
Result<void> read_dife(bytes::Reader& reader, Record& record) {
  record.function = static_cast<Function>(record.dif >> 4 & 0x03);
  record.storage = record.dif >> 6 & 0x01;
  std::uint8_t last = record.dif;
  for (unsigned index = 0; (last & extension_bit) != 0; ++index) {
    if (index == max_extensions) return fail(Fault::framing, "more than 10 DIFE");
    last = reader.u8();
    record.storage |= static_cast<std::uint64_t>(last & 0x0F) << (1 + 4 * index);
    record.tariff |= static_cast<std::uint32_t>(last >> 4 & 0x03) << (2 * index);
    record.subunit |= static_cast<std::uint32_t>(last >> 6 & 0x01) << index;
  }
  return {};
}

Result<void> read_vif(bytes::Reader& reader, Record& record) {
  record.vif = reader.u8();
  if ((record.vif & ~extension_bit) == vif_text) {
    const ByteView text = reader.take(reader.u8());
    record.unit_text.assign(text.rbegin(), text.rend());
  }
  std::uint8_t last = record.vif;
  while ((last & extension_bit) != 0) {
    if (record.vife.size() == max_extensions) return fail(Fault::framing, "more than 10 VIFE");
    last = reader.u8();
    record.vife.push_back(last);
  }
  return {};
}

Result<Record> read_record(bytes::Reader& reader) {
  Record record;
  record.offset = reader.position();
  record.dif = reader.u8();
  for (const auto step : {read_dife, read_vif, read_data}) {
    if (auto status = step(reader, record); !status) return status.error();
  }
  if (!reader.ok()) return fail(Fault::framing, "a record ends behind the data");
  record.size = reader.position() - record.offset;
  return record;
}

std::string printed(const char* format, int a, int b, int c, int d = 0, int e = 0) {
  char text[40];
  std::snprintf(text, sizeof text, format, a, b, c, d, e);
  return text;
}

// Years are 7 bits: 81 and later belong to the last century.
int century_year(int two_digits) {
  return two_digits > 80 ? 1900 + two_digits : 2000 + two_digits;
}

bool is_date(int month, int day) {
  return month >= 1 && month <= 12 && day >= 1;
}

Status write_number(Bytes& out, const Record& record, const Coding& coding) {
  const auto* number = std::get_if<std::int64_t>(&record.raw);
  if (number == nullptr) return fail(Fault::bad_input, "the record needs a whole number");
  const bool is_bcd = coding.type == DataType::bcd;
  Bytes data;
  auto rest = static_cast<std::uint64_t>(*number);
  if (is_bcd && *number < 0) rest = std::uint64_t{0} - rest;
  for (int i = 0; i < coding.width; ++i) {
    data.push_back(is_bcd ? bytes::to_bcd(static_cast<std::uint8_t>(rest % 100))
                          : static_cast<std::uint8_t>(rest));
    rest = is_bcd ? rest / 100 : rest >> 8;
  }
  if (is_bcd && *number < 0) data.back() |= 0xF0;
  const Raw again = is_bcd ? read_bcd(data) : Raw(signed_le(data));
  if (again != record.raw) return fail(Fault::out_of_range, "the number does not fit into its record");
  out.insert(out.end(), data.begin(), data.end());
  return {};
}

Status write_data(Bytes& out, const Record& record) {
  const std::uint8_t kind = record.dif & 0x0F;
  const Coding& coding = codings[kind];
  bytes::Writer writer(out);
  switch (coding.type) {
    case DataType::integer:
    case DataType::bcd: return write_number(out, record, coding);
    case DataType::real: {
      const auto* real = std::get_if<double>(&record.raw);
      if (real == nullptr) return fail(Fault::bad_input, "the record needs a real number");
      writer.u32_le(std::bit_cast<std::uint32_t>(static_cast<float>(*real)));
      return {};
    }
    case DataType::text: {
      const auto* text = std::get_if<std::string>(&record.raw);
      if (text == nullptr || text->size() > 0xBF)
        return fail(Fault::bad_input, "the record needs a short text");
      writer.u8(static_cast<std::uint8_t>(text->size()));
      out.insert(out.end(), text->rbegin(), text->rend());
      return {};
    }
    default: return {};
  }
}

}  // namespace

std::string_view name_of(DataType type) {
  switch (type) {
    case DataType::none: return "none";
    case DataType::integer: return "int";
    case DataType::real: return "f32";
    case DataType::selection: return "selection";
    case DataType::bcd: return "bcd";
    case DataType::text: return "ascii";
    case DataType::variable_bcd: return "bcd";
    case DataType::binary: return "binary";
  }
  return "";
}

Result<Records> parse_records(ByteView data) {
  Records result;
  bytes::Reader reader(data);
  while (reader.remaining() > 0) {
    const std::uint8_t dif = reader.rest()[0];
    if (dif == filler) {
      reader.skip(1);
      continue;
    }
    if (dif == manufacturer_to_end || dif == more_in_next) {
      result.manufacturer_length = reader.remaining() - 1;
      result.more_follow = dif == more_in_next;
      break;
    }
    if ((dif & 0x0F) == type_special) return fail(Fault::framing, "reserved DIF");
    auto record = read_record(reader);
    if (!record) return record.error();
    result.records.push_back(std::move(*record));
  }
  return result;
}

Status write_record(Bytes& out, const Record& record) {
  if (record.vife.size() > max_extensions || ((record.vif & extension_bit) != 0) == record.vife.empty()) {
    return fail(Fault::bad_input, "VIF and VIFE do not fit together");
  }
  if ((record.dif & 0x0F) == type_special) return fail(Fault::bad_input, "a special DIF is no record");
  std::uint64_t storage = record.storage >> 1;
  std::uint32_t tariff = record.tariff, subunit = record.subunit;
  bool more = storage != 0 || tariff != 0 || subunit != 0;
  const auto dif =
      static_cast<std::uint8_t>((record.dif & 0x0F) | static_cast<int>(record.function) << 4 |
                                static_cast<int>(record.storage & 1) << 6 | (more ? extension_bit : 0));
  Bytes encoded{dif};
  for (std::size_t count = 0; more; ++count) {
    if (count == max_extensions) return fail(Fault::out_of_range, "storage, tariff or subunit too large");
    const auto dife = (storage & 0x0F) | (tariff & 0x03) << 4 | (subunit & 0x01) << 6;
    storage >>= 4;
    tariff >>= 2;
    subunit >>= 1;
    more = storage != 0 || tariff != 0 || subunit != 0;
    encoded.push_back(static_cast<std::uint8_t>(dife | (more ? extension_bit : 0u)));
  }
  encoded.push_back(record.vif);
  if ((record.vif & ~extension_bit) == vif_text) {
    if (record.unit_text.size() > 0xFF) return fail(Fault::bad_input, "the unit text is too long");
    encoded.push_back(static_cast<std::uint8_t>(record.unit_text.size()));
    encoded.insert(encoded.end(), record.unit_text.rbegin(), record.unit_text.rend());
  }
  encoded.insert(encoded.end(), record.vife.begin(), record.vife.end());
  if (auto status = write_data(encoded, record); !status) return status;
  out.insert(out.end(), encoded.begin(), encoded.end());
  return {};
}

std::optional<Scaled> scaled_value(const Record& record) {
  const bool fd = record.vif == vif_extension_fd && record.vife.size() == 1;
  if (!fd && !record.vife.empty()) return std::nullopt;
  const auto meaning = fd ? find_extension_fd(record.vife[0]) : find_vif(record.vif);
  if (!meaning) return std::nullopt;
  Scaled scaled{meaning->quantity, meaning->unit, std::nullopt, 0};
  if (const auto* number = std::get_if<std::int64_t>(&record.raw)) {
    scaled.exact = Decimal{*number, meaning->exponent};
    scaled.real = scaled.exact->to_double();
  } else if (const auto* real = std::get_if<double>(&record.raw)) {
    scaled.real = *real * std::pow(10.0, meaning->exponent);
  } else {
    return std::nullopt;
  }
  return scaled;
}

std::optional<std::string> date_text(const Record& record) {
  const auto* number = std::get_if<std::int64_t>(&record.raw);
  if (number == nullptr || record.type != DataType::integer) return std::nullopt;
  const std::uint8_t coding = record.dif & 0x0F, vif = record.vif & static_cast<std::uint8_t>(~extension_bit);
  const auto bits = static_cast<std::uint64_t>(*number);
  const auto field = [bits](int shift, unsigned mask) { return static_cast<int>(bits >> shift & mask); };
  if (vif == vif_date && coding == 0x02) {
    const int day = field(0, 0x1F), month = field(8, 0x0F), year = field(5, 0x07) | field(9, 0x78);
    if (!is_date(month, day)) return std::nullopt;
    return printed("%04d-%02d-%02d", century_year(year), month, day);
  }
  if (vif == vif_date_time && coding == 0x04) {
    const int minute = field(0, 0x3F), hour = field(8, 0x1F), day = field(16, 0x1F), month = field(24, 0x0F);
    const int year = field(21, 0x07) | field(25, 0x78);
    if (field(7, 1) != 0 || !is_date(month, day) || minute > 59 || hour > 23) return std::nullopt;
    return printed("%04d-%02d-%02dT%02d:%02d", century_year(year), month, day, hour, minute);
  }
  return std::nullopt;
}

}  // namespace tocsin::mbus
