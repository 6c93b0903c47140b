#include "drivers/wiegand/wiegand.h"

#include <doctest/doctest.h>

namespace tocsin::wiegand {
namespace {

struct Golden {
  std::string_view format;
  std::uint64_t bits;
  std::optional<std::uint32_t> facility;
  std::uint64_t number;
};

// source: Z9 Spcore protobuf community tests (real cards), jessety/wiegand-encoder, proxmark notes; the
// 34-bit value is composed by the rule that a public Rust test states.
constexpr Golden golden[] = {
    {"H10301", 0x1d2ed05, 233, 30338},
    {"H10301", 0x2b60997, 91, 1227},
    {"26-bit raw", 0x3fc66d9, std::nullopt, 16659308},
    {"34-bit (16 FC + 16 CN, H10306)", 0x1ffffffff, 65535, 65535},
    {"H10304", 0x1c001fc656, 49153, 516907},
    {"38-bit (12 FC + 24 CN)", 0x20b6000997, 91, 1227},
};

Bits bits_of(const Golden& card) {
  return {card.bits, find_format(card.format)->bits};
}

}  // namespace

TEST_CASE("cards of public sources decode and encode") {
  for (const Golden& card : golden) {
    CAPTURE(card.number);
    const Format& format = *find_format(card.format);
    const Card expected{card.facility, card.number};
    CHECK(decode(bits_of(card), format).value() == expected);
    CHECK(encode(expected, format).value() == bits_of(card));
  }
}

TEST_CASE("every format gives back the smallest and the largest card") {
  for (const Format& format : formats()) {
    CAPTURE(format.name);
    const bool has_facility = format.facility.length > 0;
    const auto facility = static_cast<std::uint32_t>((1ull << format.facility.length) - 1);
    const Card least{has_facility ? std::optional(0u) : std::nullopt, 0};
    const Card most{has_facility ? std::optional(facility) : std::nullopt, (1ull << format.card.length) - 1};
    for (const Card& card : {least, most})
      CHECK(decode(encode(card, format).value(), format).value() == card);
    const Card too_much{most.facility, most.number + 1};
    CHECK(encode(too_much, format).error().fault == Fault::out_of_range);
  }
}

TEST_CASE("a single wrong bit is a parity error") {
  for (const Golden& card : golden) {
    const Format& format = *find_format(card.format);
    for (unsigned bit = 0; bit < format.bits; ++bit) {
      CAPTURE(bit);
      // Bit 18 of 37 is in both spans, so both parities see it.
      const Bits damaged{card.bits ^ 1ull << bit, format.bits};
      CHECK(decode(damaged, format).error().fault == Fault::crc);
    }
  }
}

TEST_CASE("a wrong length is refused") {
  const Format& format = *find_format("H10301");
  for (const unsigned count : {1u, 25u, 27u, 64u})
    CHECK(decode({0x1d2ed05, count}, format).error().fault == Fault::framing);
}

TEST_CASE("37 bits fit two formats, so the length decides nothing") {
  const Bits bits{0x1c001fc656, 37};
  CHECK(decode(bits, *find_format("H10304")).value() == Card{49153, 516907});
  CHECK(decode(bits, *find_format("H10302")).value() == Card{std::nullopt, 25770844971});  // above 32 bits
  CHECK(default_format(37)->name == "H10304");
  CHECK(default_format(36) == nullptr);
}

TEST_CASE("a facility code needs a format that has one") {
  CHECK(encode({5, 1}, *find_format("H10302")).error().fault == Fault::out_of_range);
  CHECK(encode({std::nullopt, 1}, *find_format("H10301")).error().fault == Fault::out_of_range);
  CHECK(encode({256, 1}, *find_format("H10301")).error().fault == Fault::out_of_range);
}

TEST_CASE("bits come as a number or packed from the left") {
  const Bits bits{0x1d2ed05, 26};
  CHECK(from_number(Bytes{0x01, 0xd2, 0xed, 0x05}, 26).value() == bits);
  CHECK(to_packed(bits) == Bytes{0x74, 0xbb, 0x41, 0x40});
  CHECK(from_packed(to_packed(bits), 26).value() == bits);
  CHECK(bits.at(0) == false);
  CHECK(bits.at(25) == true);

  CHECK_FALSE(from_number(Bytes{0x04, 0, 0, 0}, 26).has_value());  // bit 27 is set
  CHECK_FALSE(from_number(Bytes{0x01, 0xd2, 0xed}, 26).has_value());
  CHECK_FALSE(from_packed(Bytes(9), 65).has_value());
  CHECK_FALSE(from_packed({}, 0).has_value());
}

TEST_CASE("64 bits are the most") {
  const Bytes data{0xFE, 0, 0, 0, 0, 0, 0, 0x01};
  const Bits bits = from_packed(data, 64).value();
  CHECK(bits.field(0, 64) == 0xFE00000000000001);
  CHECK(to_packed(bits) == data);
}

TEST_CASE("keypad bursts") {
  CHECK(decode_key({0xA, 4}).value() == '*');
  CHECK(decode_key({0xB, 4}).value() == '#');
  CHECK(decode_key({0xE1, 8}).value() == '1');
  CHECK(decode_key({0x11, 8}).error().fault == Fault::crc);
  CHECK(decode_key({0xC, 4}).error().fault == Fault::out_of_range);
  CHECK(decode_key({0x1, 5}).error().fault == Fault::framing);
  for (const char key : std::string_view("0123456789*#"))
    for (const unsigned bits : {4u, 8u}) CHECK(decode_key(encode_key(key, bits).value()).value() == key);
  CHECK_FALSE(encode_key('A', 4).has_value());
  CHECK_FALSE(encode_key('1', 6).has_value());
}

}  // namespace tocsin::wiegand
