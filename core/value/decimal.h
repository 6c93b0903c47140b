#pragma once
// An exact decimal number as meters send it: digits * 10^exponent. Billing values are never rounded through
// double.

#include <cmath>
#include <cstdint>
#include <string>

namespace tocsin {

struct Decimal {
  std::int64_t digits = 0;
  int exponent = 0;  // -2: two decimals; -24..24

  double to_double() const { return static_cast<double>(digits) * std::pow(10.0, exponent); }

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

std::string to_string(const Decimal& number);          // every decimal kept: {3630, -2} is "36.30"
std::string to_trimmed_string(const Decimal& number);  // {3630, -2} is "36.3", {50, 1} is "500"

}  // namespace tocsin
