#pragma once
// The columns inside a DataBlock that need more than one line: values and run lengths.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/result/result.h"
#include "core/value/point.h"

namespace tocsin::wire {

enum class Kind : std::uint8_t { none, no, yes, integer, decimal, real, text };

// The fewest decimals (0..6) with which scaled / 10^decimals gives each of `values` back exactly.
std::optional<std::uint32_t> decimals_for(const std::vector<double>& values);
std::int64_t scaled(double value, std::uint32_t decimals);
double unscaled(std::int64_t digits, std::uint32_t decimals);

std::vector<std::uint32_t> run_lengths(const std::vector<Kind>& kinds);  // count, kind, count, kind ...
// Fault::bad_input unless the runs give exactly `size` known kinds.
Result<std::vector<Kind>> from_runs(const std::vector<std::uint32_t>& runs, std::size_t size);

}  // namespace tocsin::wire
