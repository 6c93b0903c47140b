#pragma once
// Two reads must agree before a life-safety point changes (design section 5): one late or disturbed Modbus
// answer with a valid checksum must never raise an alarm, nor clear one.

#include <map>
#include <optional>

#include "drivers/driver/exchange.h"
#include "drivers/driver/profile.h"

namespace tocsin::driver {

// Bits, states, status words and text agree when they are equal. A measured number (it has a unit) moves from
// read to read: it agrees within 2 % of the point's range, or within 5 % of its own size when the range is
// not known.
bool agree(const PointSpec& point, const Value& a, const Value& b);

// The last value of each life-safety point of one device that two reads agreed on.
class Agreement {
 public:
  explicit Agreement(const Profile& profile) : profile_(&profile) {}

  // True when this sample must be read a second time before anyone hears of it. A bad sample carries no value
  // to doubt.
  bool needs_second(const Sample& sample) const;
  void accept(const Sample& sample);
  bool same(const Sample& a, const Sample& b) const;
  void forget() { accepted_.clear(); }  // after the device was away

 private:
  const Profile* profile_;
  std::map<std::size_t, Value> accepted_;
};

}  // namespace tocsin::driver
