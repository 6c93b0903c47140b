#include "tests/bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tocsin::bench {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string number_or(const std::optional<double>& value, const char* otherwise) {
  return value ? number(*value) : otherwise;
}

std::string verdict_of(const Finding& finding) {
  if (!finding.goal) return "";
  return finding.ok ? "good" : "MISSED";
}

}  // namespace

Finding judged(Finding finding) {
  const double reached = finding.ratio.value_or(finding.value);
  finding.ok = !finding.goal || (finding.at_least ? reached >= *finding.goal : reached <= *finding.goal);
  return finding;
}

std::string to_json(const Finding& finding) {
  return "{\"bench\":\"" + finding.bench + "\",\"metric\":\"" + finding.metric +
         "\",\"value\":" + number(finding.value) + ",\"unit\":\"" + finding.unit +
         "\",\"reference\":" + number_or(finding.reference, "null") +
         ",\"ratio\":" + number_or(finding.ratio, "null") + ",\"goal\":" + number_or(finding.goal, "null") +
         ",\"ok\":" + (finding.ok ? "true" : "false") + "}";
}

std::string to_table(const std::vector<Finding>& findings) {
  char line[160];
  std::snprintf(line, sizeof line, "%-8s %-42s %10s %-6s %10s %7s %6s\n", "bench", "metric", "ours", "unit",
                "bare", "ratio", "goal");
  std::string table = line;
  for (const Finding& finding : findings) {
    std::snprintf(line, sizeof line, "%-8s %-42s %10s %-6s %10s %7s %6s %s\n", finding.bench.c_str(),
                  finding.metric.c_str(), number(finding.value).c_str(), finding.unit.c_str(),
                  number_or(finding.reference, "-").c_str(), number_or(finding.ratio, "-").c_str(),
                  number_or(finding.goal, "-").c_str(), verdict_of(finding).c_str());
    table += line;
  }
  return table;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(std::floor(share * static_cast<double>(values.size() - 1)));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(at);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

double median(std::vector<double> values) {
  return percentile(std::move(values), 0.5);
}

}  // namespace tocsin::bench
