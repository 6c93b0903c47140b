#pragma once
// All counters of a gateway: judges their readings, notices another meter, freezes their totals at midnight,
// and keeps its state as rows that survive a restart. Pure. Owned by the gateway's Asio thread.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/bytes/reader.h"
#include "core/value/point.h"
#include "gateway/meter/day_freeze.h"

namespace tocsin::meter {

// Something a person should know, for lane event.
struct Note {
  std::string device, kind,
      detail;  // kind: meter-rollover, meter-reset, meter-jump, meter-replaced, day-missing
};

struct Counts {
  std::uint64_t held_back = 0;  // readings that did not follow from the last
  std::uint64_t dropped = 0;    // of those: single wrong reads
  std::uint64_t changes = 0;    // of those: believed after a second read
  std::uint64_t days = 0;       // totals at midnight
};

using StateRows = std::vector<std::pair<std::string, Bytes>>;  // key -> body

class CounterBook {
 public:
  // A row that is damaged or of a counter that is gone is left out: that counter begins anew.
  CounterBook(const std::vector<driver::DeviceSpec>& devices, const StateRows& restored);

  // Marks and completes the readings of one batch: a total that is not believed becomes bad:not-agreed
  // without a value, one that was believed after a change uncertain; the totals at midnight follow as
  // readings of their own, named as the profile's `freezes` point or "<counter>.day", with the midnight as
  // t_source: good from the meter, uncertain by this gateway. Of the same midnight, the good one stands.
  std::vector<Note> on_readings(std::vector<Reading>& readings);

  StateRows take_changed();  // since the last call
  const Counts& counts() const { return counts_; }

 private:
  struct Counter {
    CounterSpec spec;
    std::string unit, day_point;
    CounterState state;
    DayState days;
    std::optional<UtcTime> meter_day;  // newest midnight that the meter itself froze
  };
  struct Identity {
    std::string known, pending;
  };

  void see_identity(const std::string& device, const Reading& reading, std::vector<Note>& notes);
  void see_total(Counter& counter, Reading& reading, std::vector<Reading>& days, std::vector<Note>& notes);
  bool see_frozen(Counter& counter, Reading& reading);  // false: nothing new, not to be stored
  void restore(const std::string& key, const Bytes& body);

  std::map<PointId, Counter> counters_;
  std::map<PointId, PointId> frozen_;                   // point -> its counter
  std::map<std::string, std::string> identity_points_;  // device -> point
  std::map<std::string, Identity> identities_;          // by device
  std::set<std::string> devices_, changed_;             // changed: keys
  Counts counts_;
};

}  // namespace tocsin::meter
