#include "drivers/mbus/application.h"

#include "core/bytes/bcd.h"
#include "drivers/mbus/fixed_units.h"

namespace tocsin::mbus {
namespace {

Header read_header(bytes::Reader& reader) {
  Header header;
  header.id = bytes::digits_le(reader.take(4));
  header.manufacturer = manufacturer_letters(reader.u16_le());
  header.version = reader.u8();
  header.medium = reader.u8();
  return header;
}

void read_access(bytes::Reader& reader, Application& application) {
  application.access_no = reader.u8();
  application.status = reader.u8();
  application.signature = reader.u16_le();
}

FixedCounter read_counter(ByteView data, std::uint8_t unit_code, bool binary) {
  FixedCounter counter;
  counter.unit_code = unit_code;
  bytes::Reader reader(data);
  if (binary) {
    counter.raw = static_cast<std::int32_t>(reader.u32_le());
  } else if (const auto digits = bytes::bcd_le(data)) {
    counter.raw = static_cast<std::int64_t>(*digits);
  }
  if (const auto unit = find_fixed_unit(unit_code); unit && counter.raw) {
    counter.unit = unit->name;
    counter.value = Decimal{*counter.raw, unit->exponent};
  }
  return counter;
}

// ID4 access status medium-and-units2 counter4 counter4.
Result<Application> parse_fixed(ByteView data) {
  bytes::Reader reader(data);
  Application application;
  Header header;
  header.id = bytes::digits_le(reader.take(4));
  application.access_no = reader.u8();
  const std::uint8_t status = reader.u8();
  const std::uint8_t unit1 = reader.u8(), unit2 = reader.u8();
  const ByteView counter1 = reader.take(4), counter2 = reader.take(4);
  if (!reader.ok()) return fail(Fault::framing, "the fixed structure is shorter than 16 bytes");
  const bool binary = (status & 0x01) != 0;
  FixedData fixed;
  fixed.counters[0] = read_counter(counter1, unit1 & 0x3F, binary);
  fixed.counters[1] = read_counter(counter2, unit2 & 0x3F, binary);
  fixed.medium = static_cast<std::uint8_t>(unit2 >> 6 << 2 | unit1 >> 6);
  header.medium = fixed.medium;
  application.header = header;
  application.status = status;
  application.fixed = fixed;
  return application;
}

}  // namespace

Result<Application> parse_application(const Frame& frame) {
  if (frame.kind != FrameKind::long_frame) return fail(Fault::unsupported, "a frame without data");
  if (frame.information == ci::fixed) return parse_fixed(frame.data);
  bytes::Reader reader(frame.data);
  Application application;
  switch (frame.information) {
    case ci::long_header:
      application.header = read_header(reader);
      read_access(reader, application);
      break;
    case ci::short_header: read_access(reader, application); break;
    case ci::no_header: break;
    default: return fail(Fault::unsupported, "CI without records");
  }
  if (!reader.ok()) return fail(Fault::framing, "shorter than its header");
  auto records = parse_records(reader.rest());
  if (!records) return records.error();
  application.records = std::move(*records);
  return application;
}

std::string manufacturer_letters(std::uint16_t code) {
  std::string letters;
  for (const int shift : {10, 5, 0}) letters += static_cast<char>('@' + (code >> shift & 0x1F));
  return letters;
}

std::optional<std::uint16_t> manufacturer_code(std::string_view letters) {
  if (letters.size() != 3) return std::nullopt;
  unsigned code = 0;
  for (const char letter : letters) {
    if (letter < 'A' || letter > 'Z') return std::nullopt;
    code = code << 5 | static_cast<unsigned>(letter - '@');
  }
  return static_cast<std::uint16_t>(code);
}

std::string_view medium_name(std::uint8_t medium) {
  switch (medium) {
    case 0x02: return "electricity";
    case 0x03: return "gas";
    case 0x04: return "heat, at the outlet";
    case 0x06: return "warm water";
    case 0x07: return "water";
    case 0x0A: return "cooling, at the outlet";
    case 0x0B: return "cooling, at the inlet";
    case 0x0C: return "heat, at the inlet";
    case 0x15: return "hot water";
    case 0x16: return "cold water";
    default: return "";
  }
}

}  // namespace tocsin::mbus
