#pragma once
// Checks at load time that refuse an unsafe matrix, each naming the row or effect (design section 8).

#include <set>
#include <string>
#include <vector>

#include "core/linkage/matrix.h"

namespace tocsin::linkage {

struct Finding {
  bool refused = true;  // false: a warning
  std::string where;    // "effect stair-door-3f", "linkage row 2"
  std::string message;  // what is wrong and what to do
};

// What the lints need to know of the building beside the matrix.
struct Surroundings {
  std::set<std::string> zones;
  std::set<std::string> zones_with_detectors;  // of any life-safety class
  std::set<std::string> detectors_without_zone;
  std::set<std::string> devices;
  std::set<std::string> outputs_without_watchdog;  // "relay-1/ch3"
};

std::vector<Finding> lint(const Matrix& matrix, const Surroundings& surroundings);

}  // namespace tocsin::linkage
