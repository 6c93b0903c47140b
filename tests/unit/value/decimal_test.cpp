#include "core/value/decimal.h"

#include <limits>

#include <doctest/doctest.h>

namespace tocsin {

TEST_CASE("every decimal of the meter is kept") {
  CHECK(to_string(Decimal{3630, -2}) == "36.30");
  CHECK(to_string(Decimal{7, -4}) == "0.0007");
  CHECK(to_string(Decimal{-7, -1}) == "-0.7");
  CHECK(to_string(Decimal{0, -3}) == "0.000");
  CHECK(to_string(Decimal{12, 0}) == "12");
  CHECK(to_string(Decimal{12, 2}) == "1200");
  CHECK(to_string(Decimal{0, 2}) == "0");
  CHECK(to_string(Decimal{std::numeric_limits<std::int64_t>::min(), 0}) == "-9223372036854775808");
}

TEST_CASE("trimmed numbers have no zeros behind the last digit") {
  CHECK(to_trimmed_string(Decimal{3630, -2}) == "36.3");
  CHECK(to_trimmed_string(Decimal{5000, -2}) == "50");
  CHECK(to_trimmed_string(Decimal{0, -3}) == "0");
  CHECK(to_trimmed_string(Decimal{50, 1}) == "500");
  CHECK(to_trimmed_string(Decimal{-120, -3}) == "-0.12");
}

TEST_CASE("a decimal as a measured value") {
  CHECK(Decimal{-1234, -3}.to_double() == doctest::Approx(-1.234));
  CHECK(Decimal{12, 2}.to_double() == 1200.0);
}

}  // namespace tocsin
