#pragma once
// What a bench found, and how it is printed: one JSON object per line, or a table for people.

#include <optional>
#include <string>
#include <vector>

namespace tocsin::bench {

struct Finding {
  std::string bench;
  std::string metric;
  double value = 0;  // of our path
  std::string unit;
  std::optional<double> reference;  // the same, done with bare library calls; none for counts and bytes
  std::optional<double> ratio;      // median over the pairs of blocks of our value / the reference
  std::optional<double> goal;       // the ratio, or the value when there is no reference, is at most this
  bool ok = true;                   // the goal is met, or there is none
  bool at_least = false;            // the goal is a lower bound instead
};

// Fills `ok`.
Finding judged(Finding finding);

std::string to_json(const Finding& finding);
std::string to_table(const std::vector<Finding>& findings);

// share 0..1; the values need not be sorted; 0 of nothing.
double percentile(std::vector<double> values, double share);
double median(std::vector<double> values);

}  // namespace tocsin::bench
