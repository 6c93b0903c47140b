#pragma once
// Confirmed fire in a zone (GB 50116-2013 4.1.6: the AND of two independent alarm-triggering devices).

#include <span>
#include <string>
#include <vector>

namespace tocsin::linkage {

// One fire detector or manual call point as it stands now.
struct Detector {
  std::string point;    // "smoke-3f-01/smoke": named as cause
  std::string housing;  // physical housing; two detectors of one housing are one device
  bool call_point = false;
  bool alarmed = false;
  bool counts = true;  // false while disabled, faulty, in test or out of service
};

struct ZoneVote {
  bool prealarm = false;  // at least one counting device is alarmed
  bool confirmed = false;
  std::vector<std::string> cause;  // points of the alarmed devices that count, in the order given
};

// confirmed: 2 detectors, 1 detector + 1 call point, 2 call points, panel-confirmed or manual confirm.
ZoneVote vote(std::span<const Detector> detectors, bool panel_confirmed = false, bool manual_confirm = false);

}  // namespace tocsin::linkage
