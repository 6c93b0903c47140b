#include "tests/support/vectors.h"

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/wiegand/wiegand.h"

namespace tocsin::wiegand {

TEST_CASE("cards of the vector file") {
  for (const auto& vector : vectors::load("wiegand")) {
    CAPTURE(vectors::text(vector, "id"));
    std::string hex = vectors::text(vector, "hex");
    if (hex.size() % 2 != 0) hex.insert(0, "0");
    const auto& expected = vector.at("expected");
    const auto count = expected.at("bit_count").to_number<unsigned>();
    const Bits bits = from_number(bytes::from_hex(hex).value(), count).value();
    if (vectors::must_be_rejected(vector)) {
      CHECK_FALSE(decode(bits, *default_format(count)).has_value());
      continue;
    }
    const Format* format = find_format(vectors::text(expected, "format"));
    REQUIRE(format != nullptr);
    const Card card = decode(bits, *format).value();
    const auto* number = expected.as_object().if_contains("card_number");
    if (number == nullptr) number = expected.as_object().if_contains("card_number_24");
    CHECK(card.number == number->to_number<std::uint64_t>());
    if (card.facility) CHECK(*card.facility == expected.at("facility_code").to_number<std::uint32_t>());
    CHECK(encode(card, *format).value() == bits);
  }
}

}  // namespace tocsin::wiegand
