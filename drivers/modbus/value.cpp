#include "drivers/modbus/value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "drivers/driver/scaled.h"

namespace tocsin::modbus {

namespace {

std::uint16_t swapped(std::uint16_t word) {
  return static_cast<std::uint16_t>(word << 8 | word >> 8);
}

std::uint64_t join(const RegisterPoint& point, std::span<const std::uint16_t> words) {
  std::uint64_t raw = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint16_t word = words[point.words_swapped ? words.size() - 1 - i : i];
    raw = raw << 16 | (point.bytes_swapped ? swapped(word) : word);
  }
  return raw;
}

std::vector<std::uint16_t> part(const RegisterPoint& point, std::uint64_t raw) {
  std::vector<std::uint16_t> words(static_cast<std::size_t>(width_of(point.type)));
  for (std::size_t i = words.size(); i > 0; --i) {
    const auto word = static_cast<std::uint16_t>(raw);
    words[point.words_swapped ? words.size() - i : i - 1] = point.bytes_swapped ? swapped(word) : word;
    raw >>= 16;
  }
  return words;
}

bool is_float(Type type) {
  return type == Type::f32 || type == Type::f64;
}

// Markers are written in profiles as the manual prints them (0x7FFF, 65535, -1), so both readings of the bits
// count.
bool is_one_of(const std::vector<std::int64_t>& markers, std::int64_t as_signed, std::uint64_t bits) {
  return std::ranges::any_of(markers, [&](std::int64_t marker) {
    return marker == as_signed || static_cast<std::uint64_t>(marker) == bits;
  });
}

driver::Sample from_integer(std::size_t index, const driver::PointSpec& spec, std::int64_t raw) {
  if (spec.scale != 1 || spec.offset != 0)
    return driver::scaled_sample(index, spec, static_cast<double>(raw));
  if (!spec.states.empty() && !spec.states.contains(raw))
    return driver::bad_sample(index, Fault::out_of_range);
  return driver::checked_sample(index, spec, static_cast<double>(raw), raw);
}

std::int64_t sign_extended(Type type, std::uint64_t bits) {
  switch (type) {
    case Type::i16: return static_cast<std::int16_t>(bits);
    case Type::i32: return static_cast<std::int32_t>(bits);
    default: return static_cast<std::int64_t>(bits);
  }
}

driver::Sample from_float(std::size_t index, const driver::PointSpec& spec, Type type, std::uint64_t bits) {
  const double number = type == Type::f32
                            ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                            : std::bit_cast<double>(bits);
  return driver::scaled_sample(index, spec, number);
}

driver::Sample from_field(std::size_t index, const driver::PointSpec& spec, const RegisterPoint& point,
                          std::uint64_t word) {
  const auto field = static_cast<std::int64_t>(word >> *point.bit & ((1u << point.bits) - 1));
  if (is_one_of(spec.warm_up, field, word)) return driver::bad_sample(index, Fault::warming_up);
  if (is_one_of(spec.invalid, field, word)) return driver::bad_sample(index, Fault::invalid_marker);
  if (point.bits == 1 && spec.states.empty()) return {index, field != 0, Quality::good, std::nullopt};
  return from_integer(index, spec, field);
}

struct Range {
  double least, most;
};
Range range_of(Type type) {
  switch (type) {
    case Type::u16: return {0, 65535};
    case Type::i16: return {-32768, 32767};
    case Type::u32: return {0, 4294967295.0};
    case Type::i32: return {-2147483648.0, 2147483647.0};
    case Type::u64: return {0, 9.2e18};  // what an integer value of ours can hold
    default: return {-9.2e18, 9.2e18};
  }
}

}  // namespace

driver::Sample decode(std::size_t index, const driver::PointSpec& spec, const RegisterPoint& point,
                      std::span<const std::uint16_t> words) {
  const std::uint64_t bits = join(point, words);
  if (point.bit) return from_field(index, spec, point, bits);
  const std::int64_t integer = sign_extended(point.type, bits);
  if (is_one_of(spec.warm_up, integer, bits)) return driver::bad_sample(index, Fault::warming_up);
  if (is_one_of(spec.invalid, integer, bits)) return driver::bad_sample(index, Fault::invalid_marker);
  if (is_float(point.type)) return from_float(index, spec, point.type, bits);
  if (point.type == Type::u64 && integer < 0)
    return driver::scaled_sample(index, spec, static_cast<double>(bits));
  return from_integer(index, spec, integer);
}

driver::Sample decode_bit(std::size_t index, const driver::PointSpec& spec, bool bit) {
  if (is_one_of(spec.invalid, bit, bit)) return driver::bad_sample(index, Fault::invalid_marker);
  if (is_one_of(spec.warm_up, bit, bit)) return driver::bad_sample(index, Fault::warming_up);
  return {index, bit, Quality::good, std::nullopt};
}

Result<std::vector<std::uint16_t>> encode(const driver::PointSpec& spec, const RegisterPoint& point,
                                          const Value& value) {
  const auto number = as_number(value);
  if (!number || !std::isfinite(*number)) return fail(Fault::bad_input, spec.name + " takes a number");
  if ((spec.min && *number < *spec.min) || (spec.max && *number > *spec.max))
    return fail(Fault::bad_input, spec.name + " cannot be " + to_string(value));
  const double raw = (*number - spec.offset) / spec.scale;
  if (point.type == Type::f32) return part(point, std::bit_cast<std::uint32_t>(static_cast<float>(raw)));
  if (point.type == Type::f64) return part(point, std::bit_cast<std::uint64_t>(raw));
  const Range range = range_of(point.type);
  const double rounded = std::round(raw);
  if (!(rounded >= range.least && rounded <= range.most))
    return fail(Fault::bad_input, spec.name + " cannot be " + to_string(value));
  return part(point, static_cast<std::uint64_t>(static_cast<std::int64_t>(rounded)));
}

}  // namespace tocsin::modbus
