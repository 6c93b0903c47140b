#pragma once
// Every row of a matrix tried out on a virtual site: its cause raised as the site's own detectors would, its
// effects watched, and all of it ended by a reset. Pure.

#include <string>
#include <vector>

#include "gateway/flow/virtual_site.h"

namespace tocsin::flow {

struct DryRun {
  linkage::Cause cause;
  std::vector<std::string> raised_by;  // points, or the lost device
  std::vector<std::string> failures;   // empty: the row does what it says
};

// One per row, in the matrix's order.
std::vector<DryRun> dry_run(const gateway::Config& config);

// What a set of runs has touched. Rows by number, from 1.
struct Coverage {
  std::set<std::size_t> rows;
  std::set<std::string> effects, zones;

  void add(const VirtualSite& site);
};

}  // namespace tocsin::flow
