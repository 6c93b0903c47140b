#include "drivers/dlt645/values.h"

#include <algorithm>

#include "core/bytes/bcd.h"

namespace tocsin::dlt645 {
namespace {

constexpr std::uint8_t sign_bit = 0x80;
constexpr std::size_t time_width = 5;  // mm hh DD MM YY

bool all_digits(ByteView data) {
  return std::all_of(data.begin(), data.end(),
                     [](std::uint8_t byte) { return bytes::bcd(byte).has_value(); });
}

// "16", "09": two digits of one BCD byte.
std::string two(std::uint8_t byte) {
  return bytes::digits_le(ByteView(&byte, 1));
}

// A clock that was never set keeps zeros and other impossible dates: they are digits, so they are shown.
std::string minute_text(ByteView data) {
  return "20" + two(data[4]) + "-" + two(data[3]) + "-" + two(data[2]) + "T" + two(data[1]) + ":" +
         two(data[0]);
}

void read_number(const Item& item, ByteView data, Value& value) {
  std::uint8_t plain[8] = {};
  std::copy(data.begin(), data.end(), plain);
  const bool negative = item.is_signed && (data.back() & sign_bit) != 0;
  if (negative) plain[data.size() - 1] &= static_cast<std::uint8_t>(~sign_bit);
  const auto digits = bytes::bcd_le(ByteView(plain, data.size()));
  if (!digits) {
    value.quality = Quality::not_bcd;
    return;
  }
  const auto magnitude = static_cast<std::int64_t>(*digits);
  value.number = Decimal{negative ? -magnitude : magnitude, -item.decimals};
  value.text = to_string(*value.number);
}

void read_text(ByteView data, Value& value) {
  for (auto character = data.rbegin(); character != data.rend(); ++character) {
    if (*character >= 0x20 && *character < 0x7F) value.text += static_cast<char>(*character);
  }
  value.text.erase(value.text.find_last_not_of(' ') + 1);
  value.text.erase(0, value.text.find_first_not_of(' '));
}

void read_date(ByteView data, Value& value) {
  value.weekday = *bytes::bcd(data[0]);
  value.text = "20" + two(data[3]) + "-" + two(data[2]) + "-" + two(data[1]);
}

void read_one(const Item& item, ByteView data, Value& value) {
  const bool has_bcd = item.format != Format::text && item.format != Format::bits;
  const bool unsure_sign = item.format == Format::number || item.format == Format::number_time;
  if (item.format != Format::bits &&
      std::all_of(data.begin(), data.end(), [](std::uint8_t byte) { return byte == 0xFF; })) {
    value.quality = Quality::all_ff;
    return;
  }
  if (has_bcd && !unsure_sign && !all_digits(data)) {
    value.quality = Quality::not_bcd;
    return;
  }
  switch (item.format) {
    case Format::number: read_number(item, data, value); break;
    case Format::number_time: {
      const ByteView time = data.last(time_width);
      read_number(item, data.first(data.size() - time_width), value);
      if (all_digits(time)) value.time = minute_text(time);
      break;
    }
    case Format::digits: value.text = bytes::digits_le(data); break;
    case Format::text: read_text(data, value); break;
    case Format::bits: value.text = bytes::digits_le(data); break;
    case Format::date_weekday: read_date(data, value); break;
    case Format::clock: value.text = two(data[2]) + ":" + two(data[1]) + ":" + two(data[0]); break;
    case Format::minute: value.text = minute_text(data); break;
  }
}

Value make_value(const Item& item, std::string name, ByteView data) {
  Value value;
  value.name = std::move(name);
  value.unit = item.unit;
  value.raw.assign(data.begin(), data.end());
  return value;
}

}  // namespace

std::string_view name_of(Quality quality) {
  switch (quality) {
    case Quality::good: return "good";
    case Quality::all_ff: return "all_FF_invalid";
    case Quality::not_bcd: return "not_bcd";
    case Quality::length_mismatch: return "length_mismatch";
  }
  return "";
}

std::vector<Value> read_values(const Item& item, ByteView data) {
  const std::size_t width = item.width;
  const bool fits = item.block ? !data.empty() && data.size() % width == 0 : data.size() == width;
  std::vector<Value> values;
  if (!fits) {
    values.push_back(make_value(item, item.name, data));
    values.back().quality = Quality::length_mismatch;
    return values;
  }
  for (std::size_t index = 0; index < data.size() / width; ++index) {
    const ByteView part = data.subspan(index * width, width);
    values.push_back(
        make_value(item, item.block ? item.name + "[" + std::to_string(index) + "]" : item.name, part));
    read_one(item, part, values.back());
  }
  return values;
}

std::vector<Value> read_values(std::uint32_t identifier, Edition edition, ByteView data) {
  const auto item = find_item(identifier, edition);
  return item ? read_values(*item, data) : std::vector<Value>{};
}

Result<Bytes> write_number(const Item& item, const Decimal& number) {
  if (item.format != Format::number) return fail(Fault::bad_input, item.name + " is no number");
  if (number.exponent != -item.decimals) return fail(Fault::bad_input, item.name + " has other decimals");
  if (number.digits < 0 && !item.is_signed) return fail(Fault::out_of_range, item.name + " has no sign");
  auto rest = number.digits < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(number.digits)
                                : static_cast<std::uint64_t>(number.digits);
  Bytes out;
  for (int i = 0; i < item.width; ++i, rest /= 100)
    out.push_back(bytes::to_bcd(static_cast<std::uint8_t>(rest % 100)));
  // A signed item spends its highest bit on the sign, so its highest digit is at most 7.
  if (rest != 0 || (item.is_signed && (out.back() & sign_bit) != 0)) {
    return fail(Fault::out_of_range, item.name + " has too many digits");
  }
  if (number.digits < 0) out.back() |= sign_bit;
  return out;
}

}  // namespace tocsin::dlt645
