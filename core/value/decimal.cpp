#include "core/value/decimal.h"

namespace tocsin {

std::string to_string(const Decimal& number) {
  const bool negative = number.digits < 0;
  // Negating in unsigned arithmetic is defined for the smallest number too.
  const auto digits = static_cast<std::uint64_t>(number.digits);
  std::string text = std::to_string(negative ? std::uint64_t{0} - digits : digits);
  if (number.exponent > 0 && number.digits != 0) text.append(static_cast<std::size_t>(number.exponent), '0');
  if (number.exponent < 0) {
    const auto decimals = static_cast<std::size_t>(-number.exponent);
    if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
    text.insert(text.size() - decimals, ".");
  }
  return negative ? "-" + text : text;
}

std::string to_trimmed_string(const Decimal& number) {
  std::string text = to_string(number);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace tocsin
