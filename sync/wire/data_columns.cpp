#include "sync/wire/data_columns.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tocsin::wire {
namespace {

constexpr std::array<double, 7> powers{1, 10, 100, 1e3, 1e4, 1e5, 1e6};
constexpr double largest = 9007199254740992.0;  // 2^53: above it a double holds no more every integer

bool fits(double value, std::uint32_t decimals) {
  if (!std::isfinite(value) || std::abs(value) * powers[decimals] > largest) return false;
  if (value == 0 && std::signbit(value)) return false;  // -0 has no integer
  return unscaled(scaled(value, decimals), decimals) == value;
}

}  // namespace

std::optional<std::uint32_t> decimals_for(const std::vector<double>& values) {
  for (std::uint32_t decimals = 0; decimals < powers.size(); ++decimals)
    if (std::all_of(values.begin(), values.end(), [&](double value) { return fits(value, decimals); }))
      return decimals;
  return std::nullopt;
}

std::int64_t scaled(double value, std::uint32_t decimals) {
  return std::llround(value * powers[decimals]);
}

double unscaled(std::int64_t digits, std::uint32_t decimals) {
  return static_cast<double>(digits) / powers[std::min<std::size_t>(decimals, powers.size() - 1)];
}

std::vector<std::uint32_t> run_lengths(const std::vector<Kind>& kinds) {
  std::vector<std::uint32_t> runs;
  for (const Kind kind : kinds) {
    if (!runs.empty() && runs.back() == static_cast<std::uint32_t>(kind)) {
      ++runs[runs.size() - 2];
    } else {
      runs.push_back(1);
      runs.push_back(static_cast<std::uint32_t>(kind));
    }
  }
  return runs;
}

Result<std::vector<Kind>> from_runs(const std::vector<std::uint32_t>& runs, std::size_t size) {
  std::vector<Kind> kinds;
  if (runs.size() % 2 != 0) return fail(Fault::bad_input, "run lengths without their kind");
  for (std::size_t i = 0; i < runs.size(); i += 2) {
    if (runs[i] > size - kinds.size() || runs[i + 1] > static_cast<std::uint32_t>(Kind::text))
      return fail(Fault::bad_input, "run lengths that do not fit the block");
    kinds.insert(kinds.end(), runs[i], static_cast<Kind>(runs[i + 1]));
  }
  if (kinds.size() != size) return fail(Fault::bad_input, "run lengths that do not fit the block");
  return kinds;
}

}  // namespace tocsin::wire
