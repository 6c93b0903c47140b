#include <doctest/doctest.h>

#include "core/bytes/bcd.h"
#include "core/bytes/checksum.h"
#include "core/bytes/hex.h"
#include "core/bytes/reader.h"

using namespace tocsin;

TEST_CASE("checksums give the published check values") {
  const std::string digits = "123456789";
  const ByteView data(reinterpret_cast<const std::uint8_t*>(digits.data()), digits.size());
  CHECK(bytes::crc16_modbus(data) == 0x4B37);  // source: CRC catalogue, CRC-16/MODBUS
  CHECK(bytes::crc16_osdp(data) ==
        0xE5CC);  // source: CRC catalogue, CRC-16/SPI-FUJITSU (poly 1021, init 1D0F)
  CHECK(bytes::crc32c(data) == 0xE3069283);  // source: CRC catalogue, CRC-32/ISCSI
  CHECK(bytes::crc32c(data.subspan(4), bytes::crc32c(data.first(4))) == 0xE3069283);
  CHECK(bytes::sum8(data) == 0xDD);
}

TEST_CASE("hex skips separators and refuses what is no hex") {
  CHECK(*bytes::from_hex("0x01 A0:ff") == Bytes{0x01, 0xA0, 0xFF});
  CHECK(bytes::to_hex(Bytes{0x01, 0xA0, 0xFF}) == "01a0ff");
  CHECK_FALSE(bytes::from_hex("012").has_value());
  CHECK_FALSE(bytes::from_hex("0g").has_value());
}

TEST_CASE("a reader that ran out stays failed and gives zeros") {
  const Bytes data{1, 2, 3, 4, 5};
  bytes::Reader reader(data);
  CHECK(reader.u16_le() == 0x0201);
  CHECK(reader.u16_be() == 0x0304);
  CHECK(reader.u32_le() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.u8() == 0);  // one byte is left, but the reader has failed
  CHECK(reader.take(0).empty());
}

TEST_CASE("what a writer writes a reader reads") {
  Bytes out;
  bytes::Writer writer(out);
  writer.u8(7);
  writer.u16_le(0x1234);
  writer.u32_be(0x89ABCDEF);
  writer.u48_le(0x010203040506);
  writer.u64_le(0xFFEEDDCCBBAA9988);
  bytes::Reader reader(out);
  CHECK(reader.u8() == 7);
  CHECK(reader.u16_le() == 0x1234);
  CHECK(reader.u32_be() == 0x89ABCDEF);
  CHECK(reader.u48_le() == 0x010203040506);
  CHECK(reader.u64_le() == 0xFFEEDDCCBBAA9988);
  CHECK(reader.remaining() == 0);
  CHECK(reader.ok());
}

TEST_CASE("packed BCD") {
  CHECK(*bytes::bcd_le(Bytes{0x45, 0x23, 0x01}) == 12345);
  CHECK_FALSE(bytes::bcd_le(Bytes{0x4A}).has_value());
  CHECK_FALSE(bytes::bcd_le(Bytes(10, 0)).has_value());
  CHECK(bytes::to_bcd(59) == 0x59);
  CHECK(bytes::digits_le(Bytes{0x12, 0x90, 0x78, 0xAA}) == "AA789012");
}
