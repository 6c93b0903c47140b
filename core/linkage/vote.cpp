#include "core/linkage/vote.h"

#include <set>
#include <string_view>

namespace tocsin::linkage {
namespace {

// A device whose housing nobody declared is its own housing: "smoke-3f-01" of "smoke-3f-01/smoke".
std::string_view housing_of(const Detector& detector) {
  if (!detector.housing.empty()) return detector.housing;
  return std::string_view(detector.point).substr(0, detector.point.find('/'));
}

}  // namespace

ZoneVote vote(std::span<const Detector> detectors, bool panel_confirmed, bool manual_confirm) {
  ZoneVote result;
  std::set<std::string_view> housings;
  for (const Detector& detector : detectors) {
    if (!detector.alarmed || !detector.counts) continue;
    housings.insert(housing_of(detector));
    result.cause.push_back(detector.point);
  }
  // Every pair of independent devices confirms: two detectors, detector and call point, two call points.
  result.prealarm = !housings.empty();
  result.confirmed = housings.size() >= 2 || panel_confirmed || manual_confirm;
  return result;
}

}  // namespace tocsin::linkage
